"""Guessing at passwords: slowed down, told nothing, and never able to keep the owner out."""

from __future__ import annotations

import pytest

from server.interactions import throttling
from server.kernel import database
from server.kernel.clock import MINUTE
from server.settings import Settings
from tests.actors import EndUser, RelyingParty
from tests.flows.conftest import ACME, apply_document


async def test_an_unknown_name_and_a_wrong_password_look_alike(ada: EndUser, dynamic: RelyingParty) -> None:
    page = await ada.visit(dynamic.begin().url)
    wrong = await ada.log_in(page, password="wrong")
    unknown = await ada.log_in(page, username="nobody", password="wrong")
    assert wrong.status == unknown.status == 422
    assert wrong.document.text.replace("ada", "") == unknown.document.text.replace("nobody", "")
    assert wrong.document.form("login").values("username") == ["ada"]
    assert wrong.document.form("login").values("password") == [""]


@pytest.mark.rate_limited
async def test_guesses_are_slowed_down_even_with_the_right_password_at_last(
    ada: EndUser, dynamic: RelyingParty
) -> None:
    page = await ada.visit(dynamic.begin().url)
    for _ in range(10):
        assert (await ada.log_in(page, password="wrong")).status == 422
    refused = await ada.log_in(page)
    assert refused.status in {422, 429}
    assert refused.step == "login"
    assert "retry-after" in refused.headers
    assert (await ada.log_in(page)).status == refused.status
    rows = await database.rows("SELECT subject_id, details FROM audit_event WHERE event = 'login.slowed_down'")
    assert [(row["subject_id"] is None, str(row["details"])) for row in rows] == [
        (False, '{"by":"name","seconds":600}')
    ]


@pytest.mark.rate_limited
async def test_an_attacker_does_not_lock_out_the_owners_known_browser(
    ada: EndUser, stranger: EndUser, dynamic: RelyingParty
) -> None:
    await ada.authorize(dynamic.begin().url)
    page = await stranger.visit(dynamic.begin().url)
    for _ in range(12):
        await stranger.log_in(page, password="wrong")
    page = await ada.log_in(await ada.visit(dynamic.begin(prompt="login").url))
    assert page.step == "consent"


async def test_a_very_long_password_or_a_nul_is_just_wrong(ada: EndUser, dynamic: RelyingParty) -> None:
    page = await ada.visit(dynamic.begin().url)
    for password in ("x" * 5000, "a\x00b"):
        assert (await ada.log_in(page, password=password)).status in {400, 422}
    assert (await ada.log_in(page, username="a\x00b", password="x")).status in {400, 422}


@pytest.mark.rate_limited
async def test_tenant_says_how_many_guesses_are_too_many(
    ada: EndUser, dynamic: RelyingParty, settings: Settings
) -> None:
    await apply_document(settings, {**ACME, "settings": {"login_tries": 3, "login_tries_window": "20m"}})
    page = await ada.visit(dynamic.begin().url)
    for _ in range(3):
        assert "retry-after" not in (await ada.log_in(page, password="wrong")).headers
    assert (await ada.log_in(page)).headers["retry-after"] == "1200"


@pytest.mark.rate_limited
async def test_guesses_at_many_names_from_one_address_are_slowed_down(
    ada: EndUser, dynamic: RelyingParty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttling, "PER_ADDRESS", (throttling.Window("short", 3, MINUTE),))
    page = await ada.visit(dynamic.begin().url)
    for number in range(3):
        assert "retry-after" not in (await ada.log_in(page, username=f"name-{number}", password="wrong")).headers
    assert (await ada.log_in(page)).headers["retry-after"] == "60"
    rows = await database.rows("SELECT details FROM audit_event WHERE event = 'login.slowed_down'")
    assert [str(row["details"]) for row in rows] == ['{"by":"address","seconds":60}']
