"""The destination page and the held page: what is remembered, what counts, and what nobody can get around."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from urllib.parse import urlencode
from uuid import UUID

import httpx2
import pytest

from server import clients, tenants, trust, users
from server.kernel import clock, database, ids
from server.kernel.clock import DAY
from server.kernel.json import load_json
from server.protocol.client_digests import metadata_digest
from server.settings import Settings
from server.tenants import Origin, Tenant
from server.trust import HoldState, Judgement, Verdict
from tests.actors import EndUser, Page, RelyingParty
from tests.conftest import PUBLIC_URL
from tests.flows.test_leaving import CALLBACK, HOST, outside, person, set_policy

__all__ = ["outside", "person"]


@pytest.fixture
async def tenant(outside: RelyingParty, settings: Settings) -> Tenant:
    found = await tenants.find_by_slug("acme", settings.public_url)
    assert found is not None
    return found


@pytest.fixture
async def bob(outside: RelyingParty, http: httpx2.AsyncClient) -> EndUser:
    """Somebody else, who uses the same browser."""
    return EndUser(http, username="bob", password="bobs-battery-staple")


async def at_the_step(person: EndUser, client: RelyingParty) -> Page:
    """The person has signed in and consented."""
    page = await person.visit(client.begin().url)
    if page.step == "login":
        page = await person.log_in(page)
    return await person.consent(page) if page.step == "consent" else page


async def details(event: str) -> list[dict[str, object]]:
    rows = await database.rows("SELECT details FROM audit_event WHERE event = $1 ORDER BY id", event)
    found = [load_json(str(row["details"])) for row in rows]
    return [{**detail, **_members(detail.get("decision"))} for detail in found if isinstance(detail, dict)]


def _members(decision: object) -> dict[str, object]:
    return dict(decision) if isinstance(decision, dict) else {}


async def count(table: str) -> int:
    (row,) = await database.rows(f"SELECT count(*) AS total FROM {table}")  # noqa: S608 - the test's own word
    return database.as_int(row["total"])


async def change(tenant: Tenant, client_id: str, **metadata: object) -> None:
    client = await clients.find(tenant.id, client_id)
    assert client is not None
    changed = replace(client.metadata, **metadata)  # type: ignore[arg-type]  # named by the test
    after = replace(client, metadata=changed, metadata_digest=metadata_digest(changed))
    await clients.update(tenant.id, client, after, clock.now())


# ------------------------------------------------------------------------------------------------- what is remembered


async def test_going_on_is_remembered(person: EndUser, outside: RelyingParty) -> None:
    await person.leave(await at_the_step(person, outside))
    assert "code" in (await person.visit(outside.begin().url)).answer
    assert "code" in (await person.visit(outside.begin(prompt="none").url)).answer


async def test_going_on_is_remembered_for_the_person_alone(
    person: EndUser, bob: EndUser, outside: RelyingParty
) -> None:
    await person.leave(await at_the_step(person, outside))
    page = await bob.visit(outside.begin(prompt="login").url)
    page = await bob.consent(await bob.log_in(page))
    assert page.step == "redirect"


async def test_going_on_is_forgotten_when_the_client_changes(
    person: EndUser, outside: RelyingParty, tenant: Tenant
) -> None:
    await person.leave(await at_the_step(person, outside))
    await change(tenant, "outside", client_name="Somebody else")
    assert (await at_the_step(person, outside)).step == "redirect"


async def test_going_on_is_forgotten_after_the_time_that_the_policy_says(
    person: EndUser, outside: RelyingParty, settings: Settings
) -> None:
    await set_policy(settings, "confirm", remember_confirmations="0s")
    assert "code" in (await person.leave(await at_the_step(person, outside))).answer
    assert (await at_the_step(person, outside)).step == "redirect"


@pytest.mark.rfc("8252", "7.3")
async def test_loopback_is_remembered_for_every_port_of_this_client_in_this_browser(
    ada: EndUser, stranger: EndUser, dynamic: RelyingParty, issuer: str
) -> None:
    assert "code" in (await ada.leave(await at_the_step(ada, dynamic))).answer
    elsewhere = replace(dynamic, redirect_uri=dynamic.redirect_uri.replace("8765", "9876"))
    assert "code" in (await at_the_step(ada, elsewhere)).answer
    assert (await at_the_step(stranger, dynamic)).step == "redirect"
    other = await RelyingParty.register(dynamic.http, issuer, client_name="Another")
    assert (await at_the_step(ada, other)).step == "redirect"


async def test_a_client_that_moves_to_another_host_is_known_to_have_changed(
    person: EndUser, outside: RelyingParty, tenant: Tenant, settings: Settings
) -> None:
    await person.leave(await at_the_step(person, outside))
    await set_policy(settings, "trust", rules=[{"signal": "metadata_changed", "action": "hold"}])
    assert "code" in (await at_the_step(person, outside)).answer
    moved = replace(outside, redirect_uri="https://moved.example/cb")
    await change(tenant, "outside", redirect_uris=(CALLBACK, moved.redirect_uri))
    for party in (moved, outside):
        assert (await at_the_step(person, party)).step == "held"
    signals = [detail["signals"] for detail in await details("redirect.held")]
    assert all("metadata_changed" in str(names) for names in signals)
    # Once the person allowed something to the client as it is now, it is what they know.
    await set_policy(settings, "trust")
    await person.authorize(outside.begin().url)
    await set_policy(settings, "trust", rules=[{"signal": "metadata_changed", "action": "hold"}])
    assert "code" in (await at_the_step(person, outside)).answer


# --------------------------------------------------------------------------------------------------------- staying


@pytest.mark.parametrize("decision", ["cancel", "report"])
async def test_who_stays_is_sent_nowhere(person: EndUser, outside: RelyingParty, decision: str) -> None:
    page = await person.leave(await at_the_step(person, outside), decision)
    assert (page.status, page.step, page.callback, page.document.continue_uri) == (200, "cancelled", None, None)
    assert (await person.visit(page.url)).status == 400
    assert await details("grant.created") == []
    assert len(await details("redirect.cancelled" if decision == "cancel" else "redirect.reported")) == 1


async def test_a_report_counts_of_a_person_who_counts(person: EndUser, outside: RelyingParty, tenant: Tenant) -> None:
    ada = await users.find_by_identifier(tenant.id, "ada")
    assert ada is not None
    await database.execute("UPDATE person SET created_at = $2, email_verified = $3 WHERE id = $1", ada.id, 1, True)
    await person.leave(await at_the_step(person, outside), "report")
    history = await trust.find_origin(tenant.id, f"https://{HOST}")
    assert history is not None
    assert history.people == 0
    (told,) = await details("redirect.reported")
    assert (told["redirect_origin"], told["action"], told["reason"], told["rule"]) == (
        f"https://{HOST}", "confirm", "rule", 1,
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------------------ held


async def test_an_approved_place_lets_the_person_go_on_where_they_were(
    person: EndUser, outside: RelyingParty, settings: Settings, tenant: Tenant
) -> None:
    await set_policy(settings, "hold")
    page = await at_the_step(person, outside)
    assert page.step == "held"
    assert "Nobody writes to you then" in page.document.text
    assert (await person.visit(page.url)).step == "held"
    (held,) = await trust.list_holds(tenant.id)
    assert (held.client_id, held.origin, held.people) == ("outside", f"https://{HOST}", 1)
    assert len(await details("redirect.held")) == 1
    await approve(tenant)
    assert await trust.settle_hold(tenant.id, held.id, HoldState.APPROVED, author="op", now=clock.now())
    assert "code" in (await person.submit(page)).answer


async def approve(tenant: Tenant) -> None:
    client = await clients.find(tenant.id, "outside")
    assert client is not None
    verdict = Verdict(
        ids.uuid7(), Judgement.TRUST, Origin.CLI, clock.now(), client_id="outside", redirect_uri=CALLBACK,
        metadata_digest=client.metadata_digest,
    )  # fmt: skip
    await trust.set_verdict(tenant.id, verdict)


async def test_two_people_make_one_row_in_the_inbox(
    person: EndUser, bob: EndUser, outside: RelyingParty, settings: Settings, tenant: Tenant
) -> None:
    await set_policy(settings, "hold")
    await at_the_step(person, outside)
    page = await bob.visit(outside.begin(prompt="login").url)
    assert (await bob.consent(await bob.log_in(page))).step == "held"
    (held,) = await trust.list_holds(tenant.id)
    assert held.people == 2


async def test_a_person_waits_for_five_places_at_most(person: EndUser, outside: RelyingParty, tenant: Tenant) -> None:
    pages = []
    for number in range(6):
        uri = f"https://someone-{number}.github.io/cb"
        client = await RelyingParty.register(
            outside.http, outside.issuer, redirect_uris=[uri], client_name=f"C{number}"
        )
        pages.append(await at_the_step(person, client))
    assert [page.step for page in pages] == ["held"] * 6
    assert len(await trust.list_holds(tenant.id)) == 5
    assert "already wait" in pages[-1].document.text
    assert "already wait" not in pages[-2].document.text


# --------------------------------------------------------------------------------------------------------- attacks


async def test_the_step_cannot_be_skipped(person: EndUser, outside: RelyingParty) -> None:
    consent = await person.log_in(await person.visit(outside.begin().url))
    fields = dict(consent.document.form("consent").hidden())
    early = await person.http.post(
        consent.url, data={**fields, "step": "redirect", "decision": "continue"}, headers={"origin": PUBLIC_URL}
    )
    assert early.status_code == 303
    assert early.headers["location"] == consent.url
    page = await person.consent(consent)
    again = await person.visit(page.url)
    assert (again.step, again.callback) == ("redirect", None)
    replayed = await person.consent(consent)
    assert (replayed.step, replayed.callback) == ("redirect", None)


@pytest.mark.parametrize("decision", ["continue", "cancel", "report"])
async def test_the_page_is_guarded_against_forgery(person: EndUser, outside: RelyingParty, decision: str) -> None:
    page = await at_the_step(person, outside)
    refused = await person.http.post(page.url, data={"step": "redirect", "csrf": "x", "decision": decision})
    assert refused.status_code == 422
    foreign = await person.http.post(
        page.url, data={"step": "redirect", "decision": decision}, headers={"sec-fetch-site": "cross-site"}
    )
    assert foreign.status_code == 403
    assert (await person.visit(page.url)).step == "redirect"


async def test_an_answer_that_is_none_comes_back(person: EndUser, outside: RelyingParty) -> None:
    page = await at_the_step(person, outside)
    refused = await person.leave(page, "perhaps")
    assert (refused.status, refused.step) == (422, "redirect")


async def test_another_person_s_page_cannot_be_answered(person: EndUser, bob: EndUser, outside: RelyingParty) -> None:
    page = await at_the_step(person, outside)
    await bob.log_in(await bob.visit(outside.begin(prompt="login").url))
    answered = await person.leave(page)
    assert answered.callback is None
    assert await count("trust_confirmation") == 0


async def test_another_browser_cannot_answer(person: EndUser, stranger: EndUser, outside: RelyingParty) -> None:
    page = await at_the_step(person, outside)
    assert (await stranger.leave(page)).status == 400
    assert (await person.visit(page.url)).step == "redirect"


@pytest.mark.parametrize(("action", "shown"), [("hold", ("held", 200)), ("block", (None, 403))])
async def test_a_policy_that_changed_meanwhile_counts(
    person: EndUser, outside: RelyingParty, settings: Settings, action: str, shown: tuple[str | None, int]
) -> None:
    page = await at_the_step(person, outside)
    await set_policy(settings, action)
    answered = await person.leave(page)
    assert answered.callback is None
    assert (answered.step, answered.status) == shown
    assert await count("trust_confirmation") == 0


async def test_a_place_that_came_to_be_trusted_meanwhile_is_gone_to(
    person: EndUser, outside: RelyingParty, settings: Settings
) -> None:
    page = await at_the_step(person, outside)
    await set_policy(settings, "trust")
    assert "code" in (await person.leave(page)).answer


async def test_other_reasons_are_shown_before_they_are_answered(
    person: EndUser, outside: RelyingParty, tenant: Tenant
) -> None:
    page = await at_the_step(person, outside)
    await change(tenant, "outside", client_uri="https://somewhere.else.example/")
    answered = await person.leave(page)
    assert (answered.callback, answered.step) == (None, "consent")


async def test_a_redirect_uri_that_is_gone_is_gone_to_no_more(
    person: EndUser, outside: RelyingParty, tenant: Tenant
) -> None:
    page = await at_the_step(person, outside)
    await change(tenant, "outside", redirect_uris=("https://other.example/cb",))
    answered = await person.leave(page)
    assert (answered.callback, answered.status) == (None, 400)


async def test_of_two_answers_at_once_one_counts(person: EndUser, outside: RelyingParty) -> None:
    page = await at_the_step(person, outside)
    answers = await asyncio.gather(person.leave(page), person.leave(page))
    assert sorted(answer.callback is not None for answer in answers) == [False, True]
    assert len(await details("grant.created")) == 1
    assert len(await details("redirect.confirmed")) == 1


async def test_of_two_cancellations_at_once_one_counts(person: EndUser, outside: RelyingParty) -> None:
    page = await at_the_step(person, outside)
    answers = await asyncio.gather(person.leave(page, "cancel"), person.leave(page, "cancel"))
    assert sorted(answer.status for answer in answers) == [200, 400]
    assert len(await details("redirect.cancelled")) == 1


async def test_going_on_and_staying_at_once_leaves_one(person: EndUser, outside: RelyingParty) -> None:
    page = await at_the_step(person, outside)
    went, stayed = await asyncio.gather(person.leave(page), person.leave(page, "cancel"))
    assert (went.callback is not None) != (stayed.step == "cancelled")


async def test_two_tabs_have_steps_of_their_own(person: EndUser, outside: RelyingParty) -> None:
    first, second = await at_the_step(person, outside), await at_the_step(person, outside)
    assert first.url != second.url
    assert "code" in (await person.leave(first)).answer
    # What was confirmed in one tab is confirmed in the other: there is nothing left to ask.
    assert "code" in (await person.leave(second)).answer
    assert (await person.leave(first)).status == 400


# --------------------------------------------------------------------------------------------------- what is kept


async def test_what_was_shown_stands_in_the_events(person: EndUser, outside: RelyingParty) -> None:
    await person.leave(await at_the_step(person, outside))
    (confirmed,), (granted,) = await details("redirect.confirmed"), await details("grant.created")
    for told in (confirmed, granted):
        assert told["client_name"] == "Outside"
        assert told["redirect_origin"] == f"https://{HOST}"
        assert (told["action"], told["reason"], told["rule"]) == ("confirm", "rule", 1)
        assert (told["score"], told["policy_version"]) == (0, 1)
        assert "registered_by_admin" in str(told["signals"])
    assert granted["scope"] == "openid"


async def test_an_authorization_is_recorded_with_its_facts(
    person: EndUser, outside: RelyingParty, tenant: Tenant
) -> None:
    await person.leave(await at_the_step(person, outside))
    (recorded,) = await trust.list_authorizations(tenant.id, 0, after=UUID(int=0), limit=10)
    assert recorded.facts.redirect_uri == CALLBACK
    (row,) = await database.rows("SELECT recorded_at, expires_at FROM trust_authorization")
    assert database.as_int(row["expires_at"]) - database.as_int(row["recorded_at"]) == 35 * DAY


async def test_the_page_shows_the_whole_host_and_why(person: EndUser, outside: RelyingParty) -> None:
    uri = "https://xn--bcher-kva.example/cb"
    client = await RelyingParty.register(outside.http, outside.issuer, redirect_uris=[uri], client_name="Books")
    page = await at_the_step(person, client)
    assert page.step == "redirect"
    assert "<strong>xn--bcher-kva.example</strong>" in page.html
    assert "bücher.example" in page.document.text
    for sentence in ("in use here for less than a week", "registered itself", "may look like others"):
        assert sentence in page.document.text


async def test_the_page_speaks_german(person: EndUser, outside: RelyingParty) -> None:
    page = await person.visit(f"{outside.begin().url}&{urlencode({'ui_locales': 'de'})}")
    page = await person.consent(await person.log_in(page))
    assert page.document.title.startswith("Möchten Sie dorthin?")
    assert (await person.leave(page, "cancel")).document.language == "de"
