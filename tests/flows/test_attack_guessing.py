"""Guessing at names and passwords, by every way around the count."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.actors import EndUser, Page, RelyingParty
from tests.flows.conftest import apply_document

if TYPE_CHECKING:
    import httpx2

    from server.settings import Settings

pytestmark = pytest.mark.rate_limited

TRIES = 10


async def guess(person: EndUser, page: Page, username: str, times: int) -> Page:
    for _ in range(times):
        page = await person.log_in(page, username=username, password="wrong")
    return page


async def test_the_count_does_not_tell_whose_names_belong_together(ada: EndUser, dynamic: RelyingParty) -> None:
    page = await ada.visit(dynamic.begin().url)
    for name in ("ada", "nobody"):
        page = await guess(ada, page, name, TRIES)
        other = await ada.log_in(page, username=f"{name}@acme.test", password="wrong")
        assert "retry-after" not in other.headers
        assert "retry-after" in (await ada.log_in(page, username=name, password="wrong")).headers


@pytest.mark.parametrize("variant", ["ADA", " ada ", "\uff41da", "a\u0064\u0061", "Ada"])
async def test_another_spelling_of_a_name_is_the_same_name(ada: EndUser, dynamic: RelyingParty, variant: str) -> None:
    page = await guess(ada, await ada.visit(dynamic.begin().url), "ada", TRIES)
    assert "retry-after" in (await ada.log_in(page, username=variant)).headers


async def test_a_burst_does_not_outrun_the_count(ada: EndUser, dynamic: RelyingParty) -> None:
    page = await ada.visit(dynamic.begin().url)
    pages = await asyncio.gather(*(ada.log_in(page, password="wrong") for _ in range(30)))
    assert sum("retry-after" not in page.headers for page in pages) <= TRIES
    assert "retry-after" in (await ada.log_in(page)).headers


@pytest.mark.parametrize(
    "field", [{"x-forwarded-for": "203.0.113.{}"}, {"forwarded": "for=203.0.113.{}"}, {"x-real-ip": "203.0.113.{}"}]
)
async def test_a_made_up_address_is_not_counted_apart(
    http: httpx2.AsyncClient, issuer: str, settings: Settings, field: dict[str, str]
) -> None:
    # Two at once and one more every half a minute: what a slow machine gives back meanwhile changes nothing.
    await apply_document(settings, {"tenant": "acme", "settings": {"rate_limits": {"jwks": 2}}})
    statuses = []
    for number in range(3):
        headers = {name: value.format(number) for name, value in field.items()}
        statuses.append((await http.get(f"{issuer}/jwks", headers=headers)).status_code)
    assert statuses == [200, 200, 429]


async def test_a_device_cookie_of_ones_own_opens_no_other_count(
    ada: EndUser, stranger: EndUser, dynamic: RelyingParty
) -> None:
    """Somebody with an account of their own is as unknown to everybody else's name as anybody."""
    stranger.username, stranger.password = "bob", "bobs-battery-staple"
    page = await stranger.log_in(await stranger.visit(dynamic.begin().url))
    page = await stranger.visit(dynamic.begin(prompt="login").url)
    page = await guess(stranger, page, "ada", TRIES)
    assert "retry-after" in (await stranger.log_in(page, username="ada", password=ada.password)).headers


async def test_a_new_interaction_or_cookie_jar_does_not_reset_the_count(
    ada: EndUser, stranger: EndUser, dynamic: RelyingParty
) -> None:
    await guess(stranger, await stranger.visit(dynamic.begin().url), "ada", TRIES)
    stranger.http.cookies.clear()
    page = await stranger.visit(dynamic.begin().url)
    assert "retry-after" in (await stranger.log_in(page, username="ada", password=ada.password)).headers
