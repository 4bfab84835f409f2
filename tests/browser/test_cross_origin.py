"""A program in a page of another origin may call the protocol endpoints, preflights and all, and no page.

Real browsers enforce this, so a real browser asks.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page

from tests.support.callback import Callback

# What MCP clients in browsers send with every request to an authorization server.
FETCH = """async ([url, method, headers, body]) => {
  try {
    const response = await fetch(url, {
      method, body: body ?? undefined, headers: { "MCP-Protocol-Version": "2026-07-28", ...headers },
    });
    const correlation = response.headers.get("x-correlation-id");
    return { status: response.status, document: await response.json(), correlation };
  } catch (error) {
    return { blocked: String(error) };
  }
}"""
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}


@pytest.fixture
async def elsewhere(chromium: Browser, callback: Callback) -> AsyncIterator[Page]:
    """A page of another origin."""
    context = await chromium.new_context()
    page = await context.new_page()
    await page.goto(callback.url)
    yield page
    await context.close()


async def fetch(
    page: Page, url: str, method: str = "GET", headers: dict[str, str] | None = None, body: str | None = None
) -> dict[str, object]:
    answer: dict[str, object] = await page.evaluate(FETCH, [url, method, headers or {}, body])
    return answer


@pytest.mark.parametrize(
    "path", ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/jwks"]
)
async def test_published_documents_are_readable(elsewhere: Page, issuer: str, path: str) -> None:
    answer = await fetch(elsewhere, f"{issuer}{path}")
    assert answer["status"] == 200
    assert answer["correlation"]


async def test_a_client_can_register_itself(elsewhere: Page, issuer: str, callback: Callback) -> None:
    body = f'{{"client_name": "In a page", "redirect_uris": ["{callback.url}"]}}'
    answer = await fetch(elsewhere, f"{issuer}/register", "POST", JSON, body)
    assert answer["status"] == 201


@pytest.mark.parametrize("endpoint", ["token", "introspect", "revoke"])
async def test_refusals_are_readable_with_and_without_credentials(elsewhere: Page, issuer: str, endpoint: str) -> None:
    for headers in (FORM, {**FORM, "Authorization": "Basic bm9ib2R5Om5vdGhpbmc="}):
        answer = await fetch(elsewhere, f"{issuer}/{endpoint}", "POST", headers, "token=x&grant_type=refresh_token")
        assert answer["status"] in {400, 401}
        assert "error" in str(answer["document"])


async def test_userinfo_is_reached_with_a_token(elsewhere: Page, issuer: str) -> None:
    answer = await fetch(elsewhere, f"{issuer}/userinfo", headers={"Authorization": "Bearer of-nothing"})
    assert answer["status"] == 401


@pytest.mark.parametrize("path", ["/authorize?client_id=webapp", "/logout", "/interaction/unknown"])
async def test_pages_are_closed_to_other_origins(elsewhere: Page, issuer: str, path: str) -> None:
    assert "blocked" in await fetch(elsewhere, f"{issuer}{path}")
