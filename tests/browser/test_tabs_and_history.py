"""What real people do with tabs and the back button."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2
import pytest
from playwright.async_api import Browser, expect

from tests.actors import BrowserUser, RelyingParty, answer_of
from tests.support.callback import Callback


@pytest.fixture
async def client(http: httpx2.AsyncClient, issuer: str, callback: Callback) -> RelyingParty:
    return await RelyingParty.register(http, issuer, redirect_uris=[callback.url])


@pytest.fixture
async def ada(chromium: Browser) -> AsyncIterator[BrowserUser]:
    async with BrowserUser.opened(chromium) as user:
        yield user


async def test_two_tabs_finish_on_their_own(ada: BrowserUser, client: RelyingParty, callback: Callback) -> None:
    second = BrowserUser(await ada.page.context.new_page())
    one, two = client.begin(), client.begin()
    await ada.visit(one.url)
    await second.visit(two.url)
    first_answer = answer_of(await ada.authorize(ada.page.url, callback.url))
    await second.page.reload()
    assert await second.step() == "consent"
    second_answer = answer_of(await second.authorize(second.page.url, callback.url))
    assert first_answer["state"] == one.state
    assert second_answer["state"] == two.state
    assert first_answer["code"] != second_answer["code"]


async def test_a_login_in_a_tab_left_open_still_goes_on(
    ada: BrowserUser, client: RelyingParty, callback: Callback
) -> None:
    second = BrowserUser(await ada.page.context.new_page())
    await ada.visit(client.begin().url)
    two = client.begin()
    await second.visit(two.url)
    await ada.authorize(ada.page.url, callback.url)
    await second.log_in()
    await expect(second.page.locator('form[data-step="consent"]')).to_be_visible()
    await second.decide()
    await second.page.wait_for_url(f"{callback.url}?*")
    assert answer_of(second.page.url)["state"] == two.state


async def test_going_back_after_the_end_gives_no_second_code(
    ada: BrowserUser, client: RelyingParty, callback: Callback
) -> None:
    await ada.authorize(client.begin().url, callback.url)
    await callback.next()
    await ada.page.go_back()
    if await ada.step() == "consent":  # as the browser remembers the page
        await ada.decide()
        await ada.page.wait_for_load_state("domcontentloaded")
    assert not ada.page.url.startswith(callback.url)
    assert callback.arrivals.empty()


async def test_going_back_to_the_login_page_after_the_login_leads_on(
    ada: BrowserUser, client: RelyingParty, callback: Callback
) -> None:
    await ada.visit(client.begin().url)
    await ada.log_in()
    await expect(ada.page.locator('form[data-step="consent"]')).to_be_visible()
    await ada.page.go_back()
    assert "code" in answer_of(await ada.authorize(ada.page.url, callback.url))


async def test_an_interaction_belongs_to_the_browser_that_began_it(
    chromium: Browser, ada: BrowserUser, client: RelyingParty
) -> None:
    await ada.visit(client.begin().url)
    async with BrowserUser.opened(chromium) as stranger:
        response = await stranger.page.goto(ada.page.url)
        assert response is not None
        assert response.status == 400
        assert await stranger.step() is None
    await ada.page.reload()
    assert await ada.step() == "login"
