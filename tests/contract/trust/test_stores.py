"""What trust keeps, in two tenants: policies, verdicts, domains, holds, recorded authorizations."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest

from server import trust
from server.kernel import database, ids
from server.kernel.clock import DAY
from server.kernel.database import AlreadyExists
from server.tenants import Origin
from server.trust import (
    Action,
    ClientFacts,
    Decision,
    HoldState,
    InvalidPolicy,
    InvalidVerdict,
    Judgement,
    Outcome,
    Reason,
    Rule,
    Signal,
    Source,
    Thresholds,
    TooManyHolds,
    TrustPolicy,
    Verdict,
)
from tests.issuing import NOW

pytestmark = pytest.mark.usefixtures("storage")

ACME, OTHER = ids.uuid7(), ids.uuid7()
URI = "https://app.example/cb"
CLIENT = ClientFacts("dcr", Source.DYNAMIC, NOW, "d" * 64, pk=ids.uuid7())
NOBODY = UUID(int=0)


async def _decide(tenant_id: UUID, uri: str = URI, client: ClientFacts = CLIENT) -> Decision:
    return await trust.decide(tenant_id, client, uri, None, NOW)


# ------------------------------------------------------------------------------------------------------------ policies


async def test_policies_are_versions_of_one_tenant() -> None:
    block, hold = TrustPolicy(rules=(Rule(Action.BLOCK),)), TrustPolicy(Thresholds(10, 20))
    assert (await _decide(ACME)).policy_version == 0
    assert await trust.save_policy(ACME, block, after=0, author="ada", now=NOW) == 1
    assert (await _decide(ACME)).action is Action.BLOCK  # at once, though it was cached
    assert (await _decide(OTHER)).action is Action.CONFIRM
    assert await trust.save_policy(ACME, hold, after=1, author=None, now=NOW + 1) == 2
    decision = await _decide(ACME)
    assert (decision.action, decision.policy_version) == (Action.HOLD, 2)
    versions = await trust.list_policy_versions(ACME)
    assert [(kept.version, kept.policy, kept.author) for kept in versions] == [(2, hold, None), (1, block, "ada")]
    assert await trust.list_policy_versions(ACME, 1) == versions[:1]
    assert await trust.find_policy_version(ACME, 1) == versions[1]
    assert await trust.list_policy_versions(OTHER) == ()
    assert await trust.find_policy_version(OTHER, 1) is None


async def test_of_two_authors_who_saw_the_same_version_one_is_refused() -> None:
    saves = (trust.save_policy(ACME, TrustPolicy(), after=0, author=name, now=NOW) for name in ("one", "two"))
    results = await asyncio.gather(*saves, return_exceptions=True)
    assert [type(result) for result in results if result != 1] == [AlreadyExists]


async def test_a_broken_policy_is_refused_and_the_old_one_stays() -> None:
    await trust.save_policy(ACME, TrustPolicy(rules=(Rule(Action.BLOCK),)), after=0, author=None, now=NOW)
    broken = TrustPolicy(rules=(Rule(Action.TRUST, host="*.com"),))
    with pytest.raises(InvalidPolicy, match="rule 1"):
        await trust.save_policy(ACME, broken, after=1, author=None, now=NOW)
    decision = await _decide(ACME)
    assert (decision.action, decision.policy_version) == (Action.BLOCK, 1)


# ------------------------------------------------------------------------------------------------------------ verdicts


def _verdict(judgement: Judgement = Judgement.TRUST, **members: object) -> Verdict:
    verdict = Verdict(ids.uuid7(), judgement, Origin.CONSOLE, NOW, note="note", author="ada")
    return replace(verdict, **members)  # type: ignore[arg-type] # members by name


async def test_verdicts_come_back_count_at_once_and_are_one_on_each_subject() -> None:
    host = _verdict(host="app.example", expires_at=NOW + 1)
    client = _verdict(Judgement.BLOCK, client_id="dcr", redirect_uri=URI, metadata_digest="x")
    await _decide(ACME)
    await trust.set_verdict(ACME, host)
    assert (await _decide(ACME)).reason is Reason.HOST_VERDICT
    await trust.set_verdict(ACME, client)
    assert (await _decide(ACME)).action is Action.BLOCK
    assert (await _decide(OTHER)).reason is Reason.SCORE
    assert await trust.list_verdicts(ACME) == (host, client)
    assert await trust.list_verdicts(OTHER) == ()
    changed = replace(host, judgement=Judgement.BLOCK, note=None, created_at=NOW + 1)
    await trust.set_verdict(ACME, changed)
    assert await trust.list_verdicts(ACME) == (client, changed)


async def test_verdict_of_another_tenant_cannot_be_taken_back() -> None:
    verdict = _verdict(host="app.example")
    await trust.set_verdict(ACME, verdict)
    assert not await trust.remove_verdict(OTHER, verdict.subject)
    assert (await _decide(ACME)).action is Action.TRUST
    assert await trust.remove_verdict(ACME, verdict.subject)
    assert not await trust.remove_verdict(ACME, verdict.subject)
    assert (await _decide(ACME)).action is Action.CONFIRM


async def test_no_verdict_trusts_a_suffix() -> None:
    with pytest.raises(InvalidVerdict):
        await trust.set_verdict(ACME, _verdict(host="github.io"))
    assert await trust.list_verdicts(ACME) == ()


# ------------------------------------------------------------------------------------------------------------- domains


async def test_domain_counts_once_it_is_verified_and_in_its_tenant() -> None:
    challenge = await trust.add_domain(ACME, "app.example", author="ada", now=NOW)
    await trust.add_domain(OTHER, "app.example", author=None, now=NOW)
    assert (await _decide(ACME)).action is Action.CONFIRM
    assert await trust.verify_domain(ACME, "app.example", "dns", NOW + 1)
    assert not await trust.verify_domain(ACME, "app.example", "administrator", NOW + 2)
    assert (await _decide(ACME)).action is Action.TRUST
    assert (await _decide(OTHER)).action is Action.CONFIRM
    (domain,) = await trust.list_domains(ACME)
    assert (domain.challenge, domain.method, domain.verified_at) == (challenge, "dns", NOW + 1)
    (unverified,) = await trust.list_domains(OTHER)
    assert (unverified.method, unverified.verified_at) == (None, None)
    assert unverified.challenge != challenge
    with pytest.raises(AlreadyExists):
        await trust.add_domain(ACME, "app.example", author=None, now=NOW)


async def test_domain_is_given_up_in_its_tenant() -> None:
    await trust.add_domain(ACME, "app.example", author=None, now=NOW)
    await trust.verify_domain(ACME, "app.example", "administrator", NOW)
    assert not await trust.verify_domain(OTHER, "app.example", "dns", NOW)
    assert not await trust.remove_domain(OTHER, "app.example")
    assert (await _decide(ACME)).action is Action.TRUST
    assert await trust.remove_domain(ACME, "app.example")
    assert (await _decide(ACME)).action is Action.CONFIRM


# --------------------------------------------------------------------------------------------------------------- holds


async def test_a_hold_is_one_row_for_client_and_origin_with_everybody_who_waits() -> None:
    one, two = ids.uuid7(), ids.uuid7()
    decision = await _decide(ACME, "https://phish.github.io/a")
    held = await trust.hold(ACME, one, CLIENT, decision, NOW)
    other_path = await _decide(ACME, "https://phish.github.io/b")
    again = await trust.hold(ACME, two, CLIENT, other_path, NOW + 1)
    await trust.hold(ACME, two, CLIENT, other_path, NOW + 2)
    assert again.id == held.id
    (listed,) = await trust.list_holds(ACME)
    assert (listed.people, listed.redirect_uri, listed.state) == (2, "https://phish.github.io/b", HoldState.OPEN)
    assert (listed.first_held_at, listed.last_held_at, listed.score) == (NOW, NOW + 2, 100)
    assert listed.signals == (
        Signal.REGISTERED_DYNAMICALLY, Signal.NEWLY_SEEN, Signal.FEW_USERS, Signal.SHARED_HOSTING,
    )  # fmt: skip
    waiting = await trust.list_waiting(ACME, held.id)
    assert [(person.person_id, person.redirect_uri) for person in waiting] == [
        (one, "https://phish.github.io/a"),
        (two, "https://phish.github.io/b"),
    ]
    assert [hold.id for hold in await trust.list_holds_of_person(ACME, one)] == [held.id]
    assert await trust.list_holds(OTHER) == ()
    assert await trust.list_waiting(OTHER, held.id) == ()
    assert await trust.list_holds_of_person(OTHER, one) == ()
    assert await trust.find_hold(OTHER, held.id) is None
    assert await trust.find_hold_of(OTHER, CLIENT.pk or NOBODY, held.origin) is None
    found = await trust.find_hold_of(ACME, CLIENT.pk or NOBODY, "https://phish.github.io")
    assert found == listed == await trust.find_hold(ACME, held.id)


async def test_a_hold_is_settled_once_and_tells_who_waited() -> None:
    person = ids.uuid7()
    held = await trust.hold(ACME, person, CLIENT, await _decide(ACME), NOW)
    assert await trust.settle_hold(OTHER, held.id, HoldState.APPROVED, author="eve", now=NOW) is None
    waiting = await trust.settle_hold(ACME, held.id, HoldState.APPROVED, author="ada", now=NOW + 1)
    assert [waited.person_id for waited in waiting or ()] == [person]
    assert await trust.settle_hold(ACME, held.id, HoldState.BLOCKED, author="bob", now=NOW + 2) is None
    settled = await trust.find_hold(ACME, held.id)
    assert settled is not None
    assert (settled.state, settled.settled_at, settled.settled_by) == (HoldState.APPROVED, NOW + 1, "ada")
    assert await trust.list_holds(ACME) == ()
    assert await trust.list_holds(ACME, HoldState.APPROVED) == (settled,)
    reopened = await trust.hold(ACME, person, CLIENT, await _decide(ACME), NOW + 3)
    assert (reopened.id, reopened.state) == (held.id, HoldState.OPEN)
    assert len(await trust.list_waiting(ACME, held.id)) == 1


async def test_nobody_waits_for_more_than_five() -> None:
    person = ids.uuid7()
    places = [await _decide(ACME, f"https://a{number}.github.io/") for number in range(6)]
    held = [await trust.hold(ACME, person, CLIENT, place, NOW) for place in places[:5]]
    with pytest.raises(TooManyHolds):
        await trust.hold(ACME, person, CLIENT, places[5], NOW)
    assert len(await trust.list_holds(ACME)) == 5
    await trust.hold(ACME, person, CLIENT, places[0], NOW)  # waits for it already
    await trust.hold(ACME, ids.uuid7(), CLIENT, places[5], NOW)
    await trust.hold(OTHER, person, CLIENT, places[5], NOW)
    await trust.settle_hold(ACME, held[0].id, HoldState.BLOCKED, author=None, now=NOW)
    await trust.hold(ACME, person, CLIENT, places[5], NOW)


async def test_who_or_what_is_gone_is_held_no_more() -> None:
    person, client = ids.uuid7(), replace(CLIENT, pk=ids.uuid7())
    for tenant_id in (ACME, OTHER):
        await trust.hold(tenant_id, person, CLIENT, await _decide(tenant_id), NOW)
        await trust.hold(tenant_id, person, client, await _decide(tenant_id), NOW)
    await trust.forget_clients(ACME, [client.pk or NOBODY])
    assert [hold.client_pk for hold in await trust.list_holds(ACME)] == [CLIENT.pk]
    await trust.forget_person(ACME, person)
    assert await trust.list_holds_of_person(ACME, person) == ()
    assert len(await trust.list_holds_of_person(OTHER, person)) == 2


# ------------------------------------------------------------------------------------------------------ authorizations


async def test_authorizations_are_recorded_with_the_facts_and_read_page_by_page() -> None:
    decision, person = await _decide(ACME), ids.uuid7()
    for now in (NOW - 1, NOW, NOW + 1):
        row = trust.row_of_authorization(
            ACME, decision, client_pk=CLIENT.pk, person_id=person, kept_until=now + DAY, now=now
        )
        await database.write(row)
    page = await trust.list_authorizations(ACME, NOW, after=NOBODY, limit=1)
    rest = await trust.list_authorizations(ACME, NOW, after=page[0].id, limit=9)
    assert [kept.recorded_at for kept in (*page, *rest)] == [NOW, NOW + 1]
    assert rest[0].facts == decision.facts
    assert (rest[0].action, rest[0].reason, rest[0].person_id) == (Action.CONFIRM, Reason.SCORE, person)
    assert (await trust.count_authorizations(ACME, NOW), await trust.count_authorizations(OTHER, NOW)) == (2, 0)
    assert await trust.list_authorizations(OTHER, NOW, after=NOBODY, limit=9) == ()
    assert await trust.sweep_authorizations(NOW + DAY, 9) == 1


async def test_hits_are_counted_by_rule() -> None:
    policy = TrustPolicy(rules=(Rule(Action.BLOCK, host="other.example"), Rule(Action.HOLD)))
    await trust.save_policy(ACME, policy, after=0, author=None, now=NOW)
    for uri in (URI, URI, "https://other.example/"):
        row = trust.row_of_authorization(
            ACME, await _decide(ACME, uri), client_pk=None, person_id=None, kept_until=NOW, now=NOW
        )
        await database.write(row)
    assert await trust.count_rule_hits(ACME, NOW) == {(1, 1): 1, (1, 2): 2}
    assert await trust.count_rule_hits(ACME, NOW + 1) == {}
    assert await trust.count_rule_hits(OTHER, NOW) == {}


# ------------------------------------------------------------------------------------------------------------ together


async def test_all_that_is_in_force_costs_one_query_and_then_none() -> None:
    await trust.save_policy(ACME, TrustPolicy(), after=0, author=None, now=NOW)
    await trust.set_verdict(ACME, _verdict(host="app.example"))
    await trust.add_domain(ACME, "own.example", author=None, now=NOW)
    await trust.verify_domain(ACME, "own.example", "dns", NOW)
    with database.query_count() as cold:
        standing = await trust.get_standing(ACME)
    assert (standing.version, len(standing.verdicts), standing.verified_domains) == (1, 1, frozenset({"own.example"}))
    with database.query_count() as warm:
        await _decide(ACME)
    assert (cold.total, warm.total) == (1, 1)


@pytest.mark.parametrize(
    ("outcome", "counts"),
    [(Outcome.ACCEPTED, (1, 1, 0, 0)), (Outcome.DECLINED, (0, 1, 1, 0)), (Outcome.REPORTED, (0, 1, 0, 1))],
)
async def test_each_outcome_counts_once_a_person_however_many_say_it_at_once(
    outcome: Outcome, counts: tuple[int, ...]
) -> None:
    person = _Person(ids.uuid7())
    decision = await trust.decide(ACME, CLIENT, URI, person.id, NOW)
    await asyncio.gather(*(trust.note_outcome(ACME, decision, person, outcome, NOW) for _ in range(5)))
    history = await trust.find_origin(ACME, "https://app.example")
    assert history is not None
    assert (history.people, history.voices, history.declines, history.reports) == counts
    assert await trust.find_origins(ACME, [history.origin, "https://other.example"]) == {history.origin: history}
    assert await trust.find_origins(OTHER, [history.origin]) == {}
    decisions = await trust.decide_each(ACME, CLIENT, (URI, "/relative"), NOW, known_domains=frozenset())
    assert [(found.reason, found.facts.origin.people) for found in decisions] == [
        (Reason.SCORE, history.people),
        (Reason.HARD_RULE, 0),
    ]
    await trust.forget_person(OTHER, person.id)
    assert (await trust.decide(ACME, CLIENT, URI, person.id, NOW)).person_counted == (outcome is Outcome.ACCEPTED)
    await trust.forget_person(ACME, person.id)
    assert not (await trust.decide(ACME, CLIENT, URI, person.id, NOW)).person_counted


class _Person:
    created_at = NOW - 30 * DAY
    email_verified = True

    def __init__(self, id: UUID) -> None:
        self.id = id
