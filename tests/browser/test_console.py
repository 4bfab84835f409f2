"""The console in a real browser: every page at both widths and in both schemes, by keyboard alone, without script."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

import httpx2
import pytest
from playwright.async_api import Browser, Page, expect

from tests.actors import EndUser, RelyingParty
from tests.browser.test_accessibility import violations
from tests.support.browser_user import PATIENCE_MS
from tests.support.processes import Installation, Server
from web.admin.table import ROWS

PASSWORD = "correct-horse-battery"
Scheme = Literal["light", "dark"]
# Which form of the table no page can be opened by itself for, and what is no page.
# In a preview no script runs, so axe does not either: its pages are those of tests/pages.
ELSEWHERE = {"/resume/<handle>", "/t/<tenant>/audit/tail", "/t/<tenant>/branding/preview"}
# Where the first of each kind is found.
LISTS = {
    "t/acme/trust/inbox": "hold",
    "t/acme/clients": "client",
    "t/acme/users": "user",
    "t/acme/groups": "group",
    "t/acme/roles": "role",
    "t/acme/scopes": "scope",
    "t/acme/resources": "resource",
    "t/acme/administrators": "administrator",
    "t/acme/webhooks": "webhook",
    "t/acme/audit": "event",
}


@pytest.fixture(scope="session")
def owner(installation: Installation) -> str:
    """An owner of the platform, beside one of a tenant."""
    installation.run("admin", "create", "root", "--password-stdin", stdin=PASSWORD)
    of_tenant = ("--tenant", "acme", "--role", "tenant-owner")
    installation.run("admin", "create", "helper", "--password-stdin", *of_tenant, stdin=PASSWORD)
    return "root"


@asynccontextmanager
async def console(chromium: Browser, server: Server, owner: str, **options: object) -> AsyncIterator[Page]:
    """Somebody signed in; whatever the browser complains of fails the test."""
    context = await chromium.new_context(**options)  # type: ignore[arg-type]  # passed on as given
    context.set_default_timeout(PATIENCE_MS)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        await page.goto(f"{server.url}/admin")
        await page.fill("#username", owner)
        await page.fill("#password", PASSWORD)
        await page.press("#password", "Enter")
        await page.wait_for_url("**/admin/t/**")
        yield page
        # A refused form is answered with 422, of which Chromium makes a line.
        assert [line for line in complaints if "status of 4" not in line] == []
    finally:
        await context.close()


async def paths(page: Page, server: Server) -> list[str]:
    """Every page of the table, about things that there are."""
    known = {"tenant": "acme", "kind": "web", "handle": "of-nothing", "version": "0"}
    known |= await about_trust(page, server)
    await make_webhook(page, server)
    for listed, name in LISTS.items():
        await page.goto(f"{server.url}/admin/{listed}")
        uri = await page.locator("tbody th a").first.get_attribute("href")
        known[name] = str(uri).rpartition("/")[2]
    await page.goto(f"{server.url}/admin/t/acme/keys")
    known["key"] = await page.locator("tbody th code").first.inner_text()
    found = [row.path for row in ROWS if row.method == "GET" and row.path not in ELSEWHERE]
    return [f"/admin{re.sub('<([a-z]+)>', lambda name: known[name[1]], path)}" for path in found]


async def about_trust(page: Page, server: Server) -> dict[str, str]:
    """Somebody waits, a domain is claimed, and the policy in force was replayed."""
    async with httpx2.AsyncClient(timeout=60) as http:
        uris = ["https://notes.github.io/callback"]
        client = await RelyingParty.register(http, server.installation.issuer("acme"), redirect_uris=uris)
        assert (await EndUser(http).authorize(client.begin(scope="openid").url)).step == "held"
    await page.goto(f"{server.url}/admin/t/acme/trust/origins/domains")
    if not await page.locator("tbody th a").count():
        await page.fill("#domain", "acme.test")
        await page.press("#domain", "Enter")
        await page.wait_for_url("**/domains/acme.test")
    await page.goto(f"{server.url}/admin/t/acme/trust/replay")
    await page.locator(".sheet__actions button").click()
    await page.wait_for_url("**/replay/runs/*")
    run = page.url.rpartition("/")[2]
    await expect(page.locator(".run__outcome")).to_be_visible()
    return {"domain": "acme.test", "run": run}


# Chance decides how wide a key or an id is, and whether it has hyphens to be broken at: measured is the widest.
WIDEN = """() => {
  const random = /(?<![\\w-])([\\w-]{22}|[\\w-]{40,})(?![\\w-])/g
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (texts.nextNode()) {
    texts.currentNode.data = texts.currentNode.data.replace(random, (found) => "W".repeat(found.length))
  }
}"""


# Widths and schemes each come up once with axe: what one breaks, the other does not mend.
@pytest.mark.parametrize(("width", "schemes"), [(1440, ("dark", "light")), (390, ("light", "dark"))])
async def test_every_page_fits_and_is_accessible(
    chromium: Browser, server: Server, owner: str, width: int, schemes: tuple[Scheme, Scheme]
) -> None:
    options = {"viewport": {"width": width, "height": 900}, "reduced_motion": "reduce"}
    async with console(chromium, server, owner, **options) as page:
        wrong = []
        for path in await paths(page, server):
            answer = await page.goto(f"{server.url}{path}")
            assert answer is not None
            wrong += [f"{path}: {answer.status}"] if answer.status != 200 else []
            await page.evaluate(WIDEN)
            for scheme in schemes:
                await page.emulate_media(color_scheme=scheme)
                if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                    wrong.append(f"{path}: scrolls sideways, {scheme}")
            wrong += [f"{path}: {violation}" for violation in await violations(page)]
        assert wrong == []


async def test_client_is_created_by_keyboard_alone(chromium: Browser, server: Server, owner: str) -> None:
    async with console(chromium, server, owner) as page:
        await page.keyboard.press("Control+k")
        await expect(page.locator("#palette input")).to_be_focused()
        # At once: what is found for the beginning of it would take the place of the line that is walked to.
        await page.keyboard.insert_text("Create client")
        await expect(page.locator("#palette .palette__item")).to_have_count(1)
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/clients/new")
        await tab_to(page, "MCP client")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/clients/new/mcp")
        await expect(page.locator("#client_name")).to_be_focused()
        await page.keyboard.type("Made by keyboard")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/try")
        await expect(page.locator("h1")).to_have_text("Made by keyboard")


async def tab_to(page: Page, text: str) -> None:
    """Go on by the Tab key until a link or button with this text has the focus."""
    for _ in range(60):
        await page.keyboard.press("Tab")
        if (await page.evaluate("document.activeElement.textContent")).strip() == text:
            return
    raise AssertionError(f"the Tab key does not lead to {text}")


async def test_everything_works_without_script(chromium: Browser, server: Server, owner: str) -> None:
    async with console(chromium, server, owner, java_script_enabled=False) as page:
        await page.click(".topbar__search")
        await page.fill("#hits-search", "Create client")
        await page.press("#hits-search", "Enter")
        await expect(page.locator(".palette__item")).to_have_count(1)
        await page.click(".palette__item")
        await page.click("text=Web application")
        await page.fill("#client_name", "Made without script")
        await page.click("text=Create >> visible=true >> nth=-1")
        await expect(page.locator("#redirect_uris-error")).to_be_visible()
        assert await page.input_value("#client_name") == "Made without script"
        await page.fill("#redirect_uris", "https://plain.acme.test/callback")
        await page.locator("button", has_text="Create").click()
        await expect(page.locator(".fresh")).to_be_visible()
        await page.click(".topbar__tenant")
        await expect(page.locator("#tenants")).to_contain_text("Acme")


async def test_search_as_you_type_and_unsaved_changes(chromium: Browser, server: Server, owner: str) -> None:
    async with console(chromium, server, owner) as page:
        await page.goto(f"{server.url}/admin/t/acme/users")
        await page.fill('input[name="q"]', "nobody is called like that")
        await expect(page.locator("#list")).to_contain_text("Nothing found")
        await page.fill('input[name="q"]', "ada")
        await expect(page.locator("#list tbody tr")).to_have_count(1)
        await page.wait_for_url("**?*q=ada*")
        await page.click("tbody th a")
        await page.wait_for_url("**/users/*")  # with the script that notices changes
        await page.fill("#name", "Changed")
        page.once("dialog", lambda dialog: dialog.dismiss())
        async with page.expect_event("dialog"):
            await page.locator(".navigation__link", has_text="Overview").last.click()
        await page.wait_for_timeout(300)
        assert "/users/" in page.url


async def test_preview_follows_what_is_typed_without_a_step_in_the_history(
    chromium: Browser, server: Server, owner: str
) -> None:
    async with console(chromium, server, owner) as page:
        await page.goto(f"{server.url}/admin/t/acme/branding")
        before = await page.evaluate("history.length")
        await page.fill("#login_text_en", "Ask the help desk")
        await page.fill("#primary_color", "#b3261e")
        await page.wait_for_function(
            """() => {
              const shown = document.querySelector("iframe").contentDocument;
              const button = shown?.querySelector("[type=submit]");
              return button && shown.body.innerText.includes("Ask the help desk")
                && getComputedStyle(button).backgroundColor === "rgb(179, 38, 30)";
            }"""
        )
        assert await page.evaluate("history.length") == before
        page.on("dialog", lambda dialog: dialog.accept())


async def test_events_come_live_and_the_log_is_filtered_and_taken_along(
    chromium: Browser, server: Server, owner: str
) -> None:
    async with (
        console(chromium, server, owner) as page,
        console(chromium, server, owner, java_script_enabled=False) as other,
    ):
        await page.goto(f"{server.url}/admin/t/acme/audit/live?event=webhook.*")
        await expect(page.locator("[data-live-state]")).to_have_text("listening")
        before = await page.locator("[data-event]").count()
        await make_webhook(other, server)
        await expect(page.locator("[data-event]")).to_have_count(before + 1)
        await page.click("[data-live-halt]")
        await expect(page.locator("[data-live-state]")).to_have_text("halted")
        await page.goto(f"{server.url}/admin/t/acme/audit")
        await page.select_option('select[name="event"]', "webhook.created")
        await page.wait_for_url("**/audit?*event=webhook.created*")
        await expect(page.locator("#list")).not_to_contain_text("login.succeeded")
        await page.fill('input[name="client"]', "nothing")
        await expect(page.locator("#list")).to_contain_text("No client here has this client_id or id.")
        await page.goto(f"{server.url}/admin/t/acme/audit/export?event=webhook.created")
        async with page.expect_download() as download:
            await page.click("text=Download")
        assert (await download.value).suggested_filename.endswith(".csv")
        await expect(page.locator("#progress")).to_contain_text("Complete")
        await page.goto(f"{server.url}/admin/t/acme/audit/chain")
        await page.click("text=Verify now")
        await expect(page.locator("#verification")).to_contain_text("The chain holds")


async def make_webhook(page: Page, server: Server) -> None:
    """Make a webhook that nothing is sent to, since its events are none that happen here."""
    await page.goto(f"{server.url}/admin/t/acme/webhooks/new")
    await page.fill("#url", "https://hooks.acme.test/latchkey")
    await page.fill("#events", "tenant.removed")
    await page.click("main form[data-guarded] button[type=submit]")
    await page.wait_for_url("**/secrets?fresh=*")
