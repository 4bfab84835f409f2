"""Signing in and consenting in a real browser, by everybody: without script, by keyboard, on a phone, in German."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2
import pytest
from playwright.async_api import Browser, Page, expect

from tests.actors import BrowserUser, RelyingParty, answer_of
from tests.support.callback import Callback

SCOPE = "openid profile offline_access notes:read notes:write"
RESOURCE = "https://api.acme.test/notes"
SMALLEST_TARGET = 24  # CSS pixels, WCAG 2.2 success criterion 2.5.8


@pytest.fixture
async def client(http: httpx2.AsyncClient, issuer: str, callback: Callback) -> RelyingParty:
    return await RelyingParty.register(http, issuer, client_name="Notes on the desk", redirect_uris=[callback.url])


@pytest.fixture
def url(client: RelyingParty) -> str:
    return client.begin(scope=SCOPE, resource=RESOURCE).url


@pytest.fixture
async def ada(chromium: Browser) -> AsyncIterator[BrowserUser]:
    async with BrowserUser.opened(chromium) as user:
        yield user


async def at_consent(user: BrowserUser, url: str) -> Page:
    await user.visit(url)
    await user.log_in()
    await expect(user.page.locator('form[data-step="consent"]')).to_be_visible()
    return user.page


async def test_everything_works_without_script(
    chromium: Browser, client: RelyingParty, url: str, callback: Callback
) -> None:
    async with BrowserUser.opened(chromium, java_script_enabled=False) as ada:
        arrived = await ada.authorize(url, callback.url)
    assert answer_of(arrived)["iss"] == client.issuer


async def test_nothing_breaks_the_content_security_policy(ada: BrowserUser, url: str, callback: Callback) -> None:
    complaints: list[str] = []
    ada.page.on(
        "console",
        lambda said: complaints.append(f"{said.location['url']}: {said.text}") if said.type == "error" else None,
    )
    ada.page.on("pageerror", lambda error: complaints.append(str(error)))
    await ada.authorize(url, callback.url)
    assert [text for text in complaints if "favicon" not in text] == []


async def test_the_keyboard_is_enough(ada: BrowserUser, url: str, callback: Callback) -> None:
    await ada.visit(url)
    keyboard = ada.page.keyboard
    await focus(ada.page, "[name=username]")
    await keyboard.type(ada.username)
    await focus(ada.page, "[name=password]")
    await keyboard.type(ada.password)
    await keyboard.press("Enter")
    await expect(ada.page.locator('form[data-step="consent"]')).to_be_visible()
    await focus(ada.page, "[name=scope][value='notes:write']")
    await keyboard.press("Space")
    await focus(ada.page, "[name=decision][value=allow]")
    await keyboard.press("Enter")
    await expect(ada.page.locator('form[data-step="redirect"]')).to_be_visible()
    await focus(ada.page, "[name=decision][value=continue]")
    await keyboard.press("Enter")
    assert "code" in answer_of(await callback.next())


async def focus(page: Page, selector: str, most: int = 25) -> None:
    """Press Tab until the element has the focus, and see that the focus shows."""
    for _ in range(most):
        if await page.evaluate("selector => document.activeElement.matches(selector)", selector):
            assert await page.evaluate(FOCUS_SHOWS), f"nothing shows that {selector} has the focus"
            return
        await page.keyboard.press("Tab")
    pytest.fail(f"{selector} is not reached by Tab")


FOCUS_SHOWS = """() => {
  const style = getComputedStyle(document.activeElement);
  return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
}"""


async def test_allow_never_has_the_focus_by_itself(ada: BrowserUser, url: str) -> None:
    page = await at_consent(ada, url)
    assert await page.evaluate("document.activeElement.getAttribute('name')") != "decision"


@pytest.mark.parametrize("width", [320, 390])
async def test_a_phone_shows_everything_without_scrolling_sideways(chromium: Browser, url: str, width: int) -> None:
    async with BrowserUser.opened(chromium, viewport={"width": width, "height": 640}, has_touch=True) as ada:
        await ada.visit(url)
        await assert_fits(ada.page, width)
        page = await at_consent(ada, url)
        await assert_fits(page, width)


async def assert_fits(page: Page, width: int) -> None:
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    controls = page.locator("form[data-step] :is(button, input:not([type=hidden]))")
    for control in await controls.all():
        box = await control.bounding_box()
        if box is None:
            continue
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        if await control.get_attribute("type") != "checkbox":  # its label is the target
            assert box["height"] >= SMALLEST_TARGET


async def test_a_german_browser_is_spoken_to_in_german(chromium: Browser, url: str) -> None:
    async with BrowserUser.opened(chromium, locale="de-DE") as ada:
        await ada.visit(url)
        assert await ada.page.get_attribute("html", "lang") == "de"
        await expect(ada.page.get_by_role("button", name="Anmelden")).to_be_visible()
        page = await at_consent(ada, url)
        assert await page.get_attribute("html", "lang") == "de"
        await expect(
            page.get_by_role("button", name="Zulassen").or_(page.get_by_role("button", name="Erlauben"))
        ).to_be_visible()


async def test_ui_locales_win_over_the_browser(ada: BrowserUser, client: RelyingParty) -> None:
    await ada.visit(client.begin(scope="openid", ui_locales="de en").url)
    assert await ada.page.get_attribute("html", "lang") == "de"


async def test_dark_and_light_differ(chromium: Browser, url: str) -> None:
    inks = []
    for scheme in ("light", "dark"):
        async with BrowserUser.opened(chromium, color_scheme=scheme) as ada:
            await ada.visit(url)
            inks.append(await ada.page.evaluate("getComputedStyle(document.querySelector('main')).color"))
    assert inks[0] != inks[1]


async def test_a_wrong_password_is_said_beside_the_form(ada: BrowserUser, url: str) -> None:
    await ada.visit(url)
    ada.password = "wrong"
    async with ada.page.expect_response(lambda response: response.request.method == "POST") as answered:
        await ada.log_in()
    assert (await answered.value).status == 422
    assert await ada.page.input_value("[name=username]") == ada.username
    assert await ada.page.input_value("[name=password]") == ""
    await expect(ada.page.locator("[role=alert], [aria-invalid=true]").first).to_be_visible()


async def test_consent_shows_where_the_person_is_sent_and_that_the_name_is_unverified(
    ada: BrowserUser, url: str
) -> None:
    page = await at_consent(ada, url)
    text = await page.inner_text("main")
    assert "127.0.0.1" in text
    assert "Ada Lovelace" in text
    assert "Notes" in text
    assert "Read your notes" in text
    assert text.index("127.0.0.1") < text.index("Notes on the desk")
