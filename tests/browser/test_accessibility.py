"""axe-core finds nothing on any page of a flow: WCAG 2.2 A and AA, light and dark."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import httpx2
import pytest
from playwright.async_api import Browser, Page

from tests.actors import BrowserUser, RelyingParty
from tests.support.callback import Callback
from tests.support.databases import MissingProgram

AXE = Path(__file__).with_name("node") / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """async (tags) => {
  const runOnly = { type: "tag", values: tags };
  const { violations } = await axe.run(document, { runOnly, resultTypes: ["violations"], selectors: false });
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
}"""


@cache
def axe() -> str:
    if not AXE.exists():
        raise MissingProgram("axe-core is not installed: npm ci in tests/browser/node")
    return AXE.read_text(encoding="utf-8")


async def violations(page: Page) -> list[str]:
    await page.evaluate(axe())
    found: list[str] = await page.evaluate(RUN, RULES)
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_page_of_a_flow_is_accessible(
    chromium: Browser, http: httpx2.AsyncClient, issuer: str, callback: Callback, scheme: str
) -> None:
    client = await RelyingParty.register(http, issuer, redirect_uris=[callback.url])
    url = client.begin(scope="openid profile email offline_access notes:read notes:write").url
    async with BrowserUser.opened(chromium, color_scheme=scheme, reduced_motion="reduce") as ada:
        await ada.visit(url)
        assert await violations(ada.page) == [], "login"
        ada.password = "wrong"
        await ada.log_in()
        await ada.page.wait_for_selector("[aria-invalid=true], [role=alert]")
        assert await violations(ada.page) == [], "a refused login"
        ada.password = "correct-horse-battery"
        await ada.log_in()
        await ada.page.wait_for_selector('form[data-step="consent"]')
        assert await violations(ada.page) == [], "consent"
        await ada.page.goto(f"{issuer}/logout")
        assert await violations(ada.page) == [], "logout"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/authorize?client_id=unknown", "/interaction/unknown"])
async def test_error_pages_are_accessible(chromium: Browser, issuer: str, scheme: str, path: str) -> None:
    async with BrowserUser.opened(chromium, color_scheme=scheme, reduced_motion="reduce") as ada:
        response = await ada.page.goto(f"{issuer}{path}")
        assert response is not None
        assert response.status == 400
        assert await violations(ada.page) == []
