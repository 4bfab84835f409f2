"""Deciding, with what is stored: two tenants that know nothing of each other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

import pytest

from server import trust
from server.kernel import database, ids
from server.kernel.clock import DAY, HOUR, MINUTE
from server.trust import Action, ClientFacts, Outcome, Reason, Signal, Source
from tests.issuing import NOW

pytestmark = pytest.mark.usefixtures("storage")

ACME, OTHER = ids.uuid7(), ids.uuid7()
URI = "https://app.example/cb"
LOOPBACK = "http://127.0.0.1/cb"
DOCUMENT = ClientFacts(
    client_id="https://app.example/client.json",
    source=Source.METADATA_DOCUMENT,
    registered_at=NOW,
    metadata_digest="a" * 64,
    pk=ids.uuid7(),
    client_id_host="app.example",
)


@dataclass(frozen=True, slots=True)
class Person:
    id: UUID
    created_at: int = NOW - 30 * DAY
    email_verified: bool = True


async def _accept(tenant_id: UUID, person: Person, now: int = NOW) -> None:
    decision = await trust.decide(tenant_id, DOCUMENT, URI, person.id, now)
    await trust.note_outcome(tenant_id, decision, person, Outcome.ACCEPTED, now)


async def test_unseen_place_is_confirmed_and_an_established_one_is_trusted() -> None:
    for _ in range(100):
        await _accept(ACME, Person(ids.uuid7()))
    assert (await trust.decide(ACME, DOCUMENT, URI, None, NOW)).action is Action.CONFIRM  # seen for an hour only
    later = NOW + 7 * DAY
    decision = await trust.decide(ACME, DOCUMENT, URI, None, later)
    assert (decision.action, decision.reason) == (Action.TRUST, Reason.SCORE)
    assert (await trust.decide(OTHER, DOCUMENT, URI, None, later)).action is Action.CONFIRM


@pytest.mark.parametrize(
    ("person", "counted"),
    [
        (Person(ids.uuid7()), 1),
        (Person(ids.uuid7(), created_at=NOW - 7 * DAY), 1),
        (Person(ids.uuid7(), created_at=NOW - 7 * DAY + 1), 0),
        (Person(ids.uuid7(), email_verified=False), 0),
    ],
)
async def test_only_people_who_cannot_be_made_up_are_counted_and_once(person: Person, counted: int) -> None:
    await _accept(ACME, person)
    await _accept(ACME, person)
    history = await trust.find_origin(ACME, "https://app.example")
    assert history is not None
    assert (history.people, history.voices, history.first_seen_at) == (counted, counted, NOW)
    assert await trust.find_origin(OTHER, "https://app.example") is None


async def test_somebody_known_costs_one_query_and_no_write() -> None:
    person = Person(ids.uuid7())
    await _accept(ACME, person)
    await trust.decide(ACME, DOCUMENT, URI, person.id, NOW)
    with database.query_count() as count:
        await _accept(ACME, person, NOW + MINUTE)
    assert count.total == 1
    await _accept(ACME, person, NOW + 2 * HOUR)
    history = await trust.find_origin(ACME, "https://app.example")
    assert history is not None
    assert history.last_seen_at == NOW + 2 * HOUR


async def test_confirmation_counts_for_person_client_and_origin_until_it_expires() -> None:
    person, somebody = Person(ids.uuid7()), ids.uuid7()
    decision = await trust.decide(ACME, DOCUMENT, URI, person.id, NOW)
    assert decision.needs_confirmation
    await trust.remember(ACME, decision, DOCUMENT, person.id, browser="tab", now=NOW)
    assert (await trust.decide(ACME, DOCUMENT, "https://app.example/other", person.id, NOW)).may_redirect
    for tenant_id, client, uri, person_id, now in (
        (OTHER, DOCUMENT, URI, person.id, NOW),
        (ACME, replace(DOCUMENT, pk=ids.uuid7()), URI, person.id, NOW),
        (ACME, DOCUMENT, "https://app.example:8443/cb", person.id, NOW),
        (ACME, DOCUMENT, URI, somebody, NOW),
        (ACME, DOCUMENT, URI, None, NOW),
        (ACME, DOCUMENT, URI, person.id, NOW + 90 * DAY),
    ):
        assert (await trust.decide(tenant_id, client, uri, person_id, now)).needs_confirmation
    changed = await trust.decide(ACME, replace(DOCUMENT, metadata_digest="b" * 64), URI, person.id, NOW)
    assert changed.needs_confirmation
    assert changed.facts.metadata_changed


async def test_confirmation_of_loopback_is_for_any_port_and_one_browser() -> None:
    client, person = replace(DOCUMENT, loopback_only=True), Person(ids.uuid7())
    decision = await trust.decide(ACME, client, LOOPBACK, person.id, NOW, browser="one")
    await trust.remember(ACME, decision, client, person.id, browser="one", now=NOW)
    elsewhere = "http://127.0.0.1:5000/cb"
    assert (await trust.decide(ACME, client, elsewhere, person.id, NOW, browser="one")).may_redirect
    for browser in ("two", None):
        assert not (await trust.decide(ACME, client, elsewhere, person.id, NOW, browser=browser)).may_redirect
    assert not (await trust.decide(ACME, client, "http://localhost/cb", person.id, NOW, browser="one")).may_redirect


async def test_hard_rule_blocks_without_a_query_for_the_place() -> None:
    await trust.get_standing(ACME)
    with database.query_count() as count:
        decision = await trust.decide(ACME, DOCUMENT, "http://app.example/cb", None, NOW)
    assert (decision.action, decision.reason, count.total) == (Action.BLOCK, Reason.HARD_RULE, 0)
    assert not decision.may_redirect


# ------------------------------------------------------------------------------------------------- what people last saw


async def _allow(tenant_id: UUID, person: Person, client: ClientFacts = DOCUMENT, now: int = NOW) -> None:
    row = trust.row_of_acquaintance(
        tenant_id,
        person.id,
        client.pk or ids.uuid7(),
        client.metadata_digest,
        counts=trust.counts(person, now),
        now=now,
    )
    await database.write(row)


async def _is_changed(person: Person | None, client: ClientFacts, tenant_id: UUID = ACME, uri: str = URI) -> bool:
    decision = await trust.decide(tenant_id, client, uri, person.id if person else None, NOW)
    assert decision.facts.metadata_changed is (Signal.METADATA_CHANGED in {hit.signal for hit in decision.signals})
    return decision.facts.metadata_changed


async def test_a_change_is_seen_at_whatever_place_until_the_person_allowed_something_again() -> None:
    person, changed = Person(ids.uuid7()), replace(DOCUMENT, metadata_digest="b" * 64)
    assert not await _is_changed(person, DOCUMENT)
    await _allow(ACME, person)
    assert not await _is_changed(person, DOCUMENT)
    for uri in (URI, "https://somewhere.new.example/cb", LOOPBACK):
        assert await _is_changed(person, changed, uri=uri)
    assert not await _is_changed(person, replace(changed, pk=ids.uuid7()))
    assert not await _is_changed(person, changed, OTHER)
    await _allow(ACME, person, changed)
    assert not await _is_changed(person, changed)
    # Back to what it was is a change, too.
    assert await _is_changed(person, DOCUMENT)


async def test_who_is_new_goes_by_those_who_cannot_be_made_up() -> None:
    changed = replace(DOCUMENT, metadata_digest="b" * 64)
    await _allow(ACME, Person(ids.uuid7()))
    for newcomer in (Person(ids.uuid7()), None):
        assert await _is_changed(newcomer, changed)
    for made_up in (Person(ids.uuid7(), email_verified=False), Person(ids.uuid7(), created_at=NOW)):
        await _allow(ACME, made_up, changed, NOW + 1)
        assert not await _is_changed(made_up, changed)
        assert await _is_changed(None, changed)
    await _allow(ACME, Person(ids.uuid7()), changed, NOW + 2)
    assert not await _is_changed(None, changed)


async def test_what_people_saw_goes_with_them_and_with_the_client() -> None:
    one, two, changed = Person(ids.uuid7()), Person(ids.uuid7()), replace(DOCUMENT, metadata_digest="b" * 64)
    for person in (one, two):
        for tenant_id in (ACME, OTHER):
            await _allow(tenant_id, person)
    await trust.forget_person(ACME, one.id)
    assert not (await trust.decide(ACME, DOCUMENT, URI, one.id, NOW)).is_acquainted
    assert (await trust.decide(ACME, DOCUMENT, URI, two.id, NOW)).is_acquainted
    await trust.forget_clients(ACME, [DOCUMENT.pk or ids.uuid7()])
    assert not await _is_changed(two, changed)
    assert await _is_changed(one, changed, OTHER)
