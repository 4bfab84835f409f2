"""Two at once: one wins, the other changes nothing, and nobody is told a lie."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import httpx2
import pytest
from argon2 import PasswordHasher

from server import credentials, interactions, sessions, tenants, users
from server.interactions import InteractionGone, SendTo, Visit, redirect, store
from server.interactions.steps import Step
from server.kernel import clock, database, passwords
from server.kernel.passwords import PasswordCheck
from server.sessions import Session
from server.settings import Settings
from tests.actors import EndUser, Page, RelyingParty


async def visit_of(person: EndUser, settings: Settings) -> Visit:
    """The visit of this person's browser, as hosting would make it."""
    tenant = await tenants.find_by_slug("acme", settings.public_url)
    assert tenant is not None
    cookies = "; ".join(f"{name}={value}" for name, value in person.http.cookies.items())
    browser = sessions.read_browser(cookies, tenant.id, secure=False)
    return Visit(
        tenant=tenant, browser=browser, remote_address="127.0.0.1", secure=False, limited=False, now=clock.now()
    )


def handle_of(page: Page) -> str:
    return urlsplit(page.url).path.rpartition("/")[2]


async def finish(visit: Visit, handle: str) -> None:
    """Somebody else finishes the interaction, at this very moment."""
    interaction = await store.find(visit.tenant.id, handle, visit.browser.binding, visit.now)
    assert interaction is not None
    assert await store.claim(visit.tenant.id, interaction.id, clock.now())


@pytest.mark.parametrize("decisions", [("allow", "allow"), ("deny", "deny"), ("allow", "deny")])
async def test_of_two_answers_at_once_one_counts(
    ada: EndUser, webapp: RelyingParty, decisions: tuple[str, str]
) -> None:
    page = await ada.log_in(await ada.visit(webapp.begin().url))
    answers = await asyncio.gather(*(ada.submit(page, button=("decision", decision)) for decision in decisions))
    assert [answer.callback is not None for answer in answers].count(True) == 1
    assert [answer.status for answer in answers if answer.callback is None] == [400]


async def test_who_signed_in_is_signed_in_though_another_tab_went_to_the_client(
    ada: EndUser, webapp: RelyingParty, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ada.authorize(webapp.begin().url)
    page = await ada.visit(webapp.begin(prompt="login").url)
    visit, handle = await visit_of(ada, settings), handle_of(page)

    async def finish_first(step: Step) -> SendTo | None:
        await finish(visit, handle)
        return await leave_at_once(step)

    leave_at_once = redirect.leave_at_once
    monkeypatch.setattr(redirect, "leave_at_once", finish_first)
    logged_in = await interactions.log_in(visit, handle, ada.username, ada.password)
    assert logged_in.cookies
    assert logged_in.send_to is None


async def test_a_login_that_comes_too_late_signs_nobody_in(
    ada: EndUser, webapp: RelyingParty, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await ada.visit(webapp.begin().url)
    visit, handle = await visit_of(ada, settings), handle_of(page)

    async def finish_first(stored: str | None, password: str) -> PasswordCheck:
        await finish(visit, handle)
        return await verify_password(stored, password)

    verify_password = passwords.verify_password
    monkeypatch.setattr(passwords, "verify_password", finish_first)
    with pytest.raises(InteractionGone):
        await interactions.log_in(visit, handle, ada.username, ada.password)
    row = await database.row("SELECT COUNT(*) AS total FROM browser_session")
    assert row is not None
    assert database.as_int(row["total"]) == 0


async def test_a_session_that_ends_during_a_login_is_not_brought_back(
    ada: EndUser, webapp: RelyingParty, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ada.authorize(webapp.begin().url)
    page = await ada.visit(webapp.begin(prompt="login").url)
    visit, handle = await visit_of(ada, settings), handle_of(page)
    before = await sessions.find(visit.tenant.id, visit.browser.session_token, clock.now())
    assert before is not None

    async def end_first(tenant_id: object, session: Session) -> str | None:
        await sessions.end(visit.tenant.id, session.id, clock.now())
        return await renew(visit.tenant.id, session)

    renew = sessions.renew
    monkeypatch.setattr(sessions, "renew", end_first)
    done = await interactions.log_in(visit, handle, ada.username, ada.password)
    token = next(cookie for cookie in done.cookies).partition("=")[2].partition(";")[0]
    after = await sessions.find(visit.tenant.id, token, clock.now())
    assert after is not None
    assert after.id != before.id


@pytest.mark.usefixtures("production_hashes")
async def test_a_hash_of_older_parameters_is_renewed_at_the_next_login(
    ada: EndUser, webapp: RelyingParty, settings: Settings
) -> None:
    page = await ada.visit(webapp.begin().url)
    tenant = (await visit_of(ada, settings)).tenant
    person = await users.find_by_identifier(tenant.id, "ada")
    assert person is not None
    weaker = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(ada.password)
    await credentials.set_password(tenant.id, person.id, weaker, clock.now())
    assert (await ada.log_in(page)).step == "consent"
    renewed = await credentials.password_of(tenant.id, person.id)
    assert renewed is not None
    assert "m=19456,t=2,p=1" in renewed


async def test_an_odd_handle_is_no_interaction(ada: EndUser, webapp: RelyingParty, http: httpx2.AsyncClient) -> None:
    await ada.visit(webapp.begin().url)
    for handle in ("%C3%A4", "x" * 500, "unknown"):
        assert (await http.get(f"{webapp.issuer}/interaction/{handle}")).status_code == 400
