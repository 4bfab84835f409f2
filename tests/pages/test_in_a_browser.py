"""Every distinct page in a real browser: accessible, narrow, quiet, in light and in dark, with and without script."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.pages.gallery import DISTINCT, PICTURES
from tests.support.databases import MissingProgram
from web import assets
from web.localization import languages
from web.rendering import Frame, render

AXE = Path(__file__).parents[1] / "browser" / "node" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN_AXE = """async (tags) => {
  const runOnly = { type: "tag", values: tags };
  const { violations } = await axe.run(document, { runOnly, resultTypes: ["violations"], selectors: false });
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
}"""
SMALLEST_TARGET = """() => Math.min(...[...document.querySelectorAll("button:not([hidden]), .button, .field__input")]
  .map((control) => Math.min(control.getBoundingClientRect().height, control.getBoundingClientRect().width)))"""
COUNT_SUBMISSIONS = """() => addEventListener("submit", (event) => {
  (window.sent ??= []).push(!event.defaultPrevented);
  event.preventDefault();
})"""
NARROW = 320
ORIGIN = "http://localhost:1"  # nothing listens: every request is answered by `serve`


@cache
def axe() -> str:
    if not AXE.exists():
        raise MissingProgram("axe-core is not installed: npm ci in tests/browser/node")
    return AXE.read_text(encoding="utf-8")


async def serve(route: Route) -> None:
    path = urlsplit(route.request.url).path
    if path.startswith(assets.URL_PREFIX):
        answer = assets.serve(path.removeprefix(assets.URL_PREFIX), None)
    else:
        picture = PICTURES[path.removeprefix("/")]
        frame = Frame(picture.brand, languages()["de" if "lang=de" in route.request.url else "en"])
        answer = render(picture.template, picture.page, frame, leads_out=picture.leads_out)
    assert answer is not None, path
    headers = {name.decode(): value.decode() for name, value in answer.headers}
    await route.fulfill(status=answer.status, headers=headers, body=answer.body)


async def listened_to(page: Page) -> list[str]:
    """Answer a tab's requests; what the browser complains of is put into the list as it happens."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.route("**/*", serve)
    return complaints


async def opened(page: Page, name: str) -> None:
    """Open a page."""
    await page.route("**/*", serve)
    await page.goto(f"{ORIGIN}/{name}")


# All of them in one tab: to open another takes a browser longer than to look at a page.
@pytest.mark.parametrize(("scheme", "language"), [("light", "en"), ("dark", "de")])
async def test_every_page_is_accessible_and_fits_a_small_screen(
    chromium: Browser, scheme: Literal["light", "dark"], language: str
) -> None:
    page = await chromium.new_page(color_scheme=scheme, viewport={"width": NARROW, "height": 640})
    complaints = await listened_to(page)
    wrong = {}
    for name in DISTINCT:
        await page.goto(f"{ORIGIN}/{name}?lang={language}")
        width = await page.evaluate("document.documentElement.scrollWidth")
        await page.evaluate(axe())
        violations = await page.evaluate(RUN_AXE, RULES)
        if complaints or violations or width > NARROW:
            wrong[name] = (width, violations, complaints.copy())
        complaints.clear()
    assert wrong == {}
    await page.close()


@pytest.mark.parametrize("name", ["login", "consent", "redirect", "held", "logout"])
async def test_controls_are_large_enough_to_hit(chromium: Browser, name: str) -> None:
    page = await chromium.new_page(viewport={"width": NARROW, "height": 640})
    await opened(page, name)
    assert await page.evaluate(SMALLEST_TARGET) >= 24
    await page.close()


async def test_allow_is_neither_focused_nor_larger_than_cancel(chromium: Browser) -> None:
    page = await chromium.new_page()
    await opened(page, "consent")
    assert await page.evaluate("document.activeElement === document.body")
    allow, deny = [await page.locator(f"[value={value}]").bounding_box() for value in ("allow", "deny")]
    assert allow is not None
    assert deny is not None
    assert (allow["width"], allow["height"]) == (deny["width"], deny["height"])
    await page.close()


async def test_return_on_a_checkbox_never_allows(chromium: Browser) -> None:
    page = await chromium.new_page()
    await opened(page, "consent")
    assert await page.locator("[data-step] button").first.get_attribute("value") == "deny"
    await page.close()


async def test_the_keyboard_goes_from_the_top_down(chromium: Browser) -> None:
    page = await chromium.new_page()
    await opened(page, "consent")
    visited = []
    for _ in range(7):
        await page.keyboard.press("Tab")
        visited.append(await page.evaluate("document.activeElement.value ?? document.activeElement.className"))
    assert visited == ["skip-link", "switch_account", "foreign-link", "notes:write", "notes:purge", "deny", "allow"]
    await page.close()


async def test_a_refused_form_puts_the_focus_on_what_was_wrong(chromium: Browser) -> None:
    page = await chromium.new_page()
    await opened(page, "login-empty")
    # The browser gives it when it first draws, which may be after the page has loaded.
    await expect(page.locator(".summary")).to_be_focused()
    await page.close()


async def test_the_password_can_be_shown_and_is_sent_as_a_password(chromium: Browser) -> None:
    page = await chromium.new_page()
    await opened(page, "login")
    button = page.get_by_role("button", name="Show password")
    await button.click()
    assert await page.get_attribute("#password", "type") == "text"
    assert await button.get_attribute("aria-pressed") == "true"
    await button.click()
    assert await page.get_attribute("#password", "type") == "password"
    await page.close()


async def test_a_double_click_sends_one_form(chromium: Browser) -> None:
    page = await chromium.new_page()
    await opened(page, "consent")
    await page.wait_for_function("document.readyState === 'complete'")
    await page.evaluate(COUNT_SUBMISSIONS)
    await page.get_by_role("button", name="Allow").dblclick()
    assert await page.evaluate("window.sent") == [True, False]
    await page.close()


# How long whatever moves takes at most, in seconds.
LONGEST_MOTION = """() => Math.max(...[...document.querySelectorAll("*")].map((part) => getComputedStyle(part))
  .flatMap((style) => [style.transitionDuration, style.animationDuration].join().split(",").map(parseFloat)))"""


async def test_nothing_moves_for_who_wants_no_motion(chromium: Browser) -> None:
    longest = []
    for motion in ("no-preference", "reduce"):
        page = await chromium.new_page(reduced_motion=motion)
        await opened(page, "login")
        longest.append(await page.evaluate(LONGEST_MOTION))
        await page.close()
    assert longest == [0.12, 0]


async def test_without_script_nothing_is_offered_that_needs_it(chromium: Browser) -> None:
    context = await chromium.new_context(java_script_enabled=False)
    page = await context.new_page()
    await opened(page, "login")
    assert await page.get_by_role("button").count() == 1
    await context.close()
