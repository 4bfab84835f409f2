"""Verdicts and the inbox: who may, what is released, and that one tenant's say nothing in another."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest

from server import clients, trust
from server.administration import (
    NotPermitted,
    Operator,
    dynamic_clients,
    trust_holds,
    trust_inbox,
    trust_simulator,
    trust_verdicts,
)
from server.administration.clients import remove as remove_client
from server.administration.finding import Unknown
from server.administration.trust_verdicts import NewVerdict
from server.administration.users import remove as remove_user
from server.clients import ClientState
from server.kernel import ids, outbox
from server.kernel.clock import DAY
from server.kernel.paging import Paging
from server.projections import HoldFilter, HoldLine
from server.roles import AdminRole
from server.tenants import Tenant
from server.trust import Action, HoldState, InvalidVerdict, Judgement, Reason
from tests.issuing import NOW, make_tenant, make_user
from tests.support.trusting import DECIDERS, HELD, OPERATOR, READERS, audited, decided, held, operator_of, registered

pytestmark = pytest.mark.usefixtures("storage")

TRUST, BLOCK = NewVerdict(Judgement.TRUST, note="ticket 1"), NewVerdict(Judgement.BLOCK)
EVERYTHING = HoldFilter(state=None)


async def _tenants() -> tuple[Tenant, Tenant]:
    return await make_tenant("acme"), await make_tenant("other")


async def _states(tenant: Tenant) -> dict[str, HoldState]:
    page = await trust_inbox.page(OPERATOR, tenant, EVERYTHING, Paging())
    return {line.hold.redirect_uri: line.hold.state for line in page.items}


# ------------------------------------------------------------------------------------------------------------ verdicts


@pytest.mark.parametrize(
    ("judgement", "action", "state"),
    [(Judgement.TRUST, Action.TRUST, HoldState.APPROVED), (Judgement.BLOCK, Action.BLOCK, HoldState.BLOCKED)],
)
async def test_verdict_on_a_host_settles_what_is_held_there_and_nowhere_else(
    judgement: Judgement, action: Action, state: HoldState
) -> None:
    acme, other = await _tenants()
    for tenant in (acme, other):
        await held(tenant, await registered(tenant))
    elsewhere = await registered(acme, "elsewhere", "https://elsewhere.github.io/cb")
    await held(acme, elsewhere, "https://elsewhere.github.io/cb")
    assert await trust_verdicts.judge_host(OPERATOR, acme, NewVerdict(judgement), "APP.github.io", NOW) == 1
    decision = await trust_simulator.simulate(OPERATOR, acme, HELD, "dcr", NOW)
    assert decision.action is action
    assert await _states(acme) == {HELD: state, "https://elsewhere.github.io/cb": HoldState.OPEN}
    assert (await trust_simulator.simulate(OPERATOR, other, HELD, "dcr", NOW)).action is Action.HOLD
    assert await _states(other) == {HELD: HoldState.OPEN}


async def test_verdict_on_a_client_lets_go_those_who_wait_once_every_uri_is_decided() -> None:
    acme, _ = await _tenants()
    client = await registered(acme)
    await held(acme, client)
    row = await held(acme, client, "https://app.github.io/other")
    at_cb = await trust_verdicts.judge_client(OPERATOR, acme, TRUST, "dcr", HELD, now=NOW)
    assert at_cb == 0  # somebody waits for the other URI
    other = await trust_verdicts.judge_client(OPERATOR, acme, TRUST, "dcr", row.redirect_uri, now=NOW)
    assert other == 1
    assert await trust.list_waiting(acme.id, row.id) == ()
    (settled,) = await audited(acme, "trust_hold.settled")
    assert (settled["state"], settled["people"], settled["client_id"]) == ("approved", 2, "dcr")
    assert settled["signals"]


async def test_trust_of_a_client_lapses_with_its_metadata_and_at_its_end() -> None:
    acme, _ = await _tenants()
    client = await registered(acme)
    wish = NewVerdict(Judgement.TRUST, expires_at=NOW + DAY)
    await trust_verdicts.judge_client(OPERATOR, acme, wish, "dcr", HELD, now=NOW)
    assert (await decided(acme, client)).reason is Reason.CLIENT_VERDICT
    assert (await trust_simulator.simulate(OPERATOR, acme, HELD, "dcr", NOW + DAY)).action is Action.HOLD
    changed = clients.with_metadata(client, replace(client.metadata, client_name="Another"), client.scope)
    await clients.update(acme.id, client, changed, NOW)
    assert (await trust_simulator.simulate(OPERATOR, acme, HELD, "dcr", NOW)).action is Action.HOLD


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "192.0.2.7", "github.io", "bit.ly", "App:8443", "a/b"])
async def test_host_that_nobody_can_vouch_for_is_not_trusted(host: str) -> None:
    acme, _ = await _tenants()
    with pytest.raises(InvalidVerdict):
        await trust_verdicts.judge_host(OPERATOR, acme, TRUST, host, NOW)
    assert await audited(acme, "trust_verdict.set") == []


async def test_verdicts_are_listed_and_taken_back_in_their_tenant_only() -> None:
    acme, other = await _tenants()
    await trust_verdicts.judge_host(OPERATOR, acme, TRUST, "one.example", NOW)
    await trust_verdicts.judge_host(OPERATOR, acme, BLOCK, "two.example", NOW)
    page = await trust_verdicts.page(OPERATOR, acme, Paging(limit=1))
    rest = await trust_verdicts.page(OPERATOR, acme, Paging(limit=1, cursor=page.next_cursor))
    assert [verdict.host for verdict in (*page.items, *rest.items)] == ["one.example", "two.example"]
    assert rest.next_cursor is None
    assert (await trust_verdicts.page(OPERATOR, other, Paging())).items == ()
    with pytest.raises(Unknown):
        await trust_verdicts.take_back(OPERATOR, other, page.items[0].id, NOW)
    await trust_verdicts.take_back(OPERATOR, acme, page.items[0].id, NOW)
    assert [verdict.host for verdict in await trust.list_verdicts(acme.id)] == ["two.example"]
    assert [event["host"] for event in await audited(acme, "trust_verdict.removed")] == ["one.example"]


async def test_verdict_on_a_client_that_is_not_there_is_refused() -> None:
    acme, other = await _tenants()
    await registered(other)
    with pytest.raises(Unknown):
        await trust_verdicts.judge_client(OPERATOR, acme, TRUST, "dcr", HELD, now=NOW)


# --------------------------------------------------------------------------------------------------------------- inbox


async def test_inbox_is_filtered_counted_and_paged() -> None:
    acme, other = await _tenants()
    uris = [f"https://{name}.github.io/cb" for name in ("a", "b", "c")]
    for uri in uris:
        client = await registered(acme, uri, uri)
        await held(acme, client, uri)
        await held(acme, client, uri)
    assert (await trust_inbox.count(OPERATOR, acme), await trust_inbox.count(OPERATOR, other)) == (3, 0)
    seen: list[HoldLine] = []
    paging = Paging(limit=2)
    while True:
        page = await trust_inbox.page(OPERATOR, acme, HoldFilter(), paging)
        seen += page.items
        if page.next_cursor is None:
            break
        paging = Paging(2, page.next_cursor)
    assert sorted(line.hold.redirect_uri for line in seen) == uris
    assert {(line.hold.people, line.client_source) for line in seen} == {(2, "dynamic")}
    assert all(line.hold.score >= 70 and trust.Signal.SHARED_HOSTING in line.hold.signals for line in seen)
    for shown in (HoldFilter(host="a.github.io"), HoldFilter(client_id=uris[0])):
        assert [line.hold.origin for line in (await trust_inbox.page(OPERATOR, acme, shown, Paging())).items] == [
            "https://a.github.io"
        ]


async def test_many_rows_are_answered_at_once_and_people_can_go_on() -> None:
    acme, _ = await _tenants()
    one, two = await registered(acme, "one"), await registered(acme, "two")
    rows = [await held(acme, one), await held(acme, one, "https://app.github.io/other"), await held(acme, two)]
    asked = [row.id for row in rows]
    assert set(await trust_inbox.answer(OPERATOR, acme, asked, TRUST, NOW)) == set(asked)
    for client, uri in ((one, HELD), (one, "https://app.github.io/other"), (two, HELD)):
        assert (await decided(acme, client, uri)).may_redirect
    assert await trust_inbox.answer(OPERATOR, acme, asked, BLOCK, NOW) == ()  # settled already
    assert await trust_inbox.count(OPERATOR, acme) == 0
    assert len(await audited(acme, "trust_verdict.set")) == 3
    assert len(await audited(acme, "trust_hold.settled")) == 2


async def test_one_row_that_is_not_there_leaves_all_as_they_are() -> None:
    acme, other = await _tenants()
    row = await held(acme, await registered(acme))
    foreign = await held(other, await registered(other))
    with pytest.raises(Unknown):
        await trust_inbox.answer(OPERATOR, acme, [row.id, foreign.id], TRUST, NOW)
    assert await _states(acme) == await _states(other) == {HELD: HoldState.OPEN}
    assert await trust.list_verdicts(acme.id) == ()


async def test_of_two_answers_at_once_one_counts() -> None:
    acme, _ = await _tenants()
    row = await held(acme, await registered(acme))
    answers = await asyncio.gather(
        *(trust_inbox.answer(OPERATOR, acme, [row.id], wish, NOW) for wish in (TRUST, BLOCK))
    )
    assert sorted(answers, key=len) == [(), (row.id,)]
    assert len(await trust.list_verdicts(acme.id)) == 1


async def test_row_becomes_a_rule() -> None:
    acme, _ = await _tenants()
    row = await held(acme, await registered(acme))
    rule = await trust_inbox.propose_rule(OPERATOR, acme, row.id, Action.CONFIRM)
    assert trust.rule_to_json(rule) == {
        "host": "app.github.io",
        "scheme": "https",
        "client_source": ["dynamic"],
        "action": "confirm",
    }


# --------------------------------------------------------------------------------------------------------------- roles


@pytest.mark.parametrize("role", DECIDERS)
async def test_those_who_manage_settings_decide(role: AdminRole) -> None:
    acme, _ = await _tenants()
    row = await held(acme, await registered(acme))
    decider = operator_of(acme, role)
    assert await trust_inbox.answer(decider, acme, [row.id], TRUST, NOW) == (row.id,)
    await trust_verdicts.judge_host(decider, acme, BLOCK, "evil.example", NOW)
    assert {verdict.author for verdict in await trust.list_verdicts(acme.id)} == {decider.actor.id}


async def _refusals(operator: Operator, tenant: Tenant, row: UUID) -> None:
    for attempt in (
        lambda: trust_inbox.answer(operator, tenant, [row], TRUST, NOW),
        lambda: trust_verdicts.judge_host(operator, tenant, BLOCK, "evil.example", NOW),
        lambda: trust_verdicts.judge_client(operator, tenant, TRUST, "dcr", HELD, now=NOW),
        lambda: trust_verdicts.take_back(operator, tenant, ids.uuid7(), NOW),
    ):
        with pytest.raises(NotPermitted):
            await attempt()


async def test_the_others_look_and_strangers_do_not_even_that() -> None:
    acme, other = await _tenants()
    row = (await held(acme, await registered(acme))).id
    for role in READERS:
        reader = operator_of(acme, role)
        assert (await trust_inbox.get(reader, acme, row)).id == row
        assert (await trust_simulator.simulate(reader, acme, HELD, None, NOW)).action is Action.HOLD
        await _refusals(reader, acme, row)
    stranger = operator_of(other, DECIDERS[0])
    await _refusals(stranger, acme, row)
    for look in (
        lambda: trust_inbox.get(stranger, acme, row),
        lambda: trust_inbox.count(stranger, acme),
        lambda: trust_inbox.page(stranger, acme, EVERYTHING, Paging()),
        lambda: trust_verdicts.page(stranger, acme, Paging()),
        lambda: trust_simulator.simulate(stranger, acme, HELD, None, NOW),
    ):
        with pytest.raises(NotPermitted):
            await look()


# ------------------------------------------------------------------------------------------------------------ who waits


async def _promised() -> list[dict[str, object]]:
    claims = await outbox.claim_due(trust_holds.APPROVAL_MAIL, 9, now=NOW, leased_until=NOW + 1)
    return [dict(outbox.read_job(claim).payload) for claim in claims]


async def test_who_waits_is_mailed_once_and_only_for_what_is_approved() -> None:
    acme, other = await _tenants()
    good, evil = await registered(acme), await registered(acme, "evil")
    people = [ids.uuid7(), ids.uuid7()]
    rows = [await held(acme, good, HELD, person) for person in people] + [await held(acme, evil)]
    await held(other, await registered(other))
    await trust_inbox.answer(OPERATOR, acme, [rows[2].id], BLOCK, NOW)
    assert await _promised() == []
    for _ in range(2):
        await trust_inbox.answer(OPERATOR, acme, [rows[0].id], TRUST, NOW)
        await trust_verdicts.judge_client(OPERATOR, acme, TRUST, "dcr", HELD, now=NOW)
    promised = await _promised()
    assert sorted((payload["person"], payload["redirect_uri"]) for payload in promised) == sorted(
        (str(person), HELD) for person in people
    )


async def test_of_two_administrators_one_settles_and_one_mail_is_promised() -> None:
    acme, _ = await _tenants()
    client = await registered(acme)
    row = await held(acme, client)
    decision = await decided(acme, client)
    settle = (trust_holds.settle(OPERATOR, acme, row, decision, state=HoldState.APPROVED, now=NOW) for _ in range(2))
    assert sorted(await asyncio.gather(*settle)) == [False, True]
    assert len(await audited(acme, "trust_hold.settled")) == len(await _promised()) == 1


async def test_answering_for_a_client_lets_those_go_who_wait_for_it() -> None:
    acme, _ = await _tenants()
    client = await registered(acme)
    row = await held(acme, client)
    manager = operator_of(acme, AdminRole.CLIENT_MANAGER)
    await dynamic_clients.decide(manager, acme, client.id, ClientState.PROMOTED, NOW)
    settled = await trust.find_hold(acme.id, row.id)
    assert settled is not None
    assert settled.state is HoldState.APPROVED
    assert len(await _promised()) == 1


async def test_who_or_what_is_removed_is_held_no_more() -> None:
    acme, _ = await _tenants()
    client, user = await registered(acme), await make_user(acme)
    await held(acme, client, HELD, user.id)
    await remove_user(OPERATOR, acme, user, NOW)
    assert await trust.list_holds_of_person(acme.id, user.id) == ()
    await remove_client(OPERATOR, acme, client, NOW)
    assert await trust.list_holds(acme.id) == ()
