"""Domains of a tenant, proved at a real name server; and what is told of an origin."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from server import tenants, trust
from server.administration import NotPermitted, trust_domains, trust_origins, trust_verdicts
from server.administration import tenants as tenant_acts
from server.administration.finding import Unknown
from server.administration.trust_domains import NotProven
from server.administration.trust_verdicts import NewVerdict
from server.kernel import database, ids, txt_records
from server.kernel.clock import DAY
from server.kernel.txt_records import NamesUnavailable, ReadTxt
from server.tenants import Tenant
from server.trust import Action, HoldState, InvalidDomain, Judgement
from tests.issuing import NOW, PUBLIC_URL, make_tenant
from tests.support.name_server import NameServer, name_server
from tests.support.trusting import DECIDERS, HELD, OPERATOR, READERS, audited, decided, held, operator_of, registered

pytestmark = pytest.mark.usefixtures("storage")


@pytest.fixture
async def names() -> AsyncIterator[NameServer]:
    async with name_server() as served:
        yield served


def _read(names: NameServer) -> ReadTxt:
    return txt_records.reader("127.0.0.1", names.port)


async def _tenants() -> tuple[Tenant, Tenant]:
    return await make_tenant("acme"), await make_tenant("other")


# ------------------------------------------------------------------------------------------------------------- domains


async def test_domain_counts_once_its_txt_record_is_there(names: NameServer) -> None:
    acme, other = await _tenants()
    client = await registered(acme, uri="https://portal.acme.test/cb")
    claimed = await trust_domains.claim(OPERATOR, acme, "Acme.test", NOW)
    record = trust_domains.record_name("acme.test")
    assert record == "_latchkey-challenge.acme.test"
    for held_there in (None, [], ['"something else"']):
        names.records = {} if held_there is None else {record: held_there}
        with pytest.raises(NotProven, match=claimed.challenge):
            await trust_domains.verify(OPERATOR, acme, "acme.test", _read(names), NOW)
    assert not (await decided(acme, client, "https://portal.acme.test/cb")).facts.verified_domain
    half = len(claimed.challenge) // 2  # a long text comes in pieces
    names.records[record] = ['"spf"', f'"{claimed.challenge[:half]}" "{claimed.challenge[half:]}"']
    await trust_domains.verify(OPERATOR, acme, "acme.test", _read(names), NOW)
    await trust_domains.verify(OPERATOR, acme, "acme.test", _read(names), NOW)
    assert (await decided(acme, client, "https://portal.acme.test/cb")).facts.verified_domain
    assert (await trust.get_standing(other.id)).verified_domains == frozenset()
    assert [told["method"] for told in await audited(acme, "trust_domain.verified")] == ["dns"]
    (listed,) = await trust_domains.domains(OPERATOR, acme)
    assert (listed.method, listed.verified_at) == ("dns", NOW)
    await trust_domains.discard(OPERATOR, acme, "acme.test", NOW)
    assert await trust_domains.domains(OPERATOR, acme) == ()


async def test_name_server_that_does_not_answer_proves_nothing(names: NameServer) -> None:
    acme, _ = await _tenants()
    await trust_domains.claim(OPERATOR, acme, "acme.test", NOW)
    names.refuses = True
    with pytest.raises(NamesUnavailable):
        await trust_domains.verify(OPERATOR, acme, "acme.test", _read(names), NOW)


async def test_challenge_of_another_tenant_proves_nothing(names: NameServer) -> None:
    acme, other = await _tenants()
    theirs = await trust_domains.claim(OPERATOR, other, "acme.test", NOW)
    await trust_domains.claim(OPERATOR, acme, "acme.test", NOW)
    names.records[trust_domains.record_name("acme.test")] = [f'"{theirs.challenge}"']
    with pytest.raises(NotProven):
        await trust_domains.verify(OPERATOR, acme, "acme.test", _read(names), NOW)


@pytest.mark.parametrize("domain", ["localhost", "test", "co.uk", "github.io", "a.acme.test", "192.0.2.7", "a b", ""])
async def test_what_nobody_registers_is_not_claimed(domain: str) -> None:
    acme, _ = await _tenants()
    with pytest.raises(InvalidDomain):
        await trust_domains.claim(OPERATOR, acme, domain, NOW)
    assert await trust_domains.domains(OPERATOR, acme) == ()


async def test_verified_domain_lets_those_go_who_need_not_wait(names: NameServer) -> None:
    acme, _ = await _tenants()
    client = await registered(acme)
    await held(acme, client)
    await trust_domains.claim(OPERATOR, acme, "app.github.io", NOW)
    await trust_domains.vouch(OPERATOR, acme, "app.github.io", NOW)
    assert (await decided(acme, client)).action is Action.CONFIRM
    assert len(await trust.list_holds(acme.id, HoldState.APPROVED)) == 1


async def test_who_may_do_what_with_domains(names: NameServer) -> None:
    acme, other = await _tenants()
    for role in READERS:
        with pytest.raises(NotPermitted):
            await trust_domains.claim(operator_of(acme, role), acme, "acme.test", NOW)
    owner, stranger = operator_of(acme, DECIDERS[0]), operator_of(other, DECIDERS[0])
    with pytest.raises(NotPermitted):
        await trust_domains.claim(stranger, acme, "acme.test", NOW)
    await trust_domains.claim(owner, acme, "acme.test", NOW)
    with pytest.raises(NotPermitted):
        await trust_domains.vouch(owner, acme, "acme.test", NOW)  # they cannot answer for themselves
    for attempt in (
        lambda: trust_domains.domains(stranger, acme),
        lambda: trust_domains.verify(stranger, acme, "acme.test", _read(names), NOW),
        lambda: trust_domains.discard(stranger, acme, "acme.test", NOW),
    ):
        with pytest.raises(NotPermitted):
            await attempt()
    with pytest.raises(Unknown):
        await trust_domains.discard(OPERATOR, other, "acme.test", NOW)


async def test_tenant_moves_to_a_domain_that_it_has_verified_and_to_no_other() -> None:
    acme, _ = await _tenants()
    owner = operator_of(acme, DECIDERS[0])
    moved = tenant_acts.with_domain(acme, "auth.acme.test", PUBLIC_URL)
    with pytest.raises(NotPermitted):
        await tenant_acts.update(owner, acme, moved, NOW)
    await trust_domains.claim(owner, acme, "acme.test", NOW)
    with pytest.raises(NotPermitted):
        await tenant_acts.update(owner, acme, moved, NOW)  # claimed, not verified
    await trust_domains.vouch(OPERATOR, acme, "acme.test", NOW)
    await tenant_acts.update(owner, acme, moved, NOW)
    found = await tenants.find_by_slug("acme", PUBLIC_URL)
    assert found is not None
    assert found.domain == "auth.acme.test"
    for grave in (replace(found, enabled=False), tenant_acts.with_domain(found, "auth.elsewhere.test", PUBLIC_URL)):
        with pytest.raises(NotPermitted):
            await tenant_acts.update(owner, found, grave, NOW)


# ------------------------------------------------------------------------------------------------------------- origins


async def test_past_of_an_origin_tells_people_clients_verdicts_and_holds() -> None:
    acme, other = await _tenants()
    client = await registered(acme)
    await held(acme, client)
    person, facts = ids.uuid7(), trust.client_facts(client)
    decision = await trust.decide(acme.id, facts, HELD, person, NOW)
    for ago in (0, 1, 40 * DAY):
        row = trust.row_of_authorization(
            acme.id, decision, client_pk=client.id, person_id=person, kept_until=NOW + DAY, now=NOW - ago
        )
        await database.write(row)
    longer = await trust.decide(acme.id, facts, "https://app.github.iox/cb", person, NOW)
    await database.write(
        trust.row_of_authorization(
            acme.id, longer, client_pk=ids.uuid7(), person_id=person, kept_until=NOW + DAY, now=NOW
        )
    )
    await trust_verdicts.judge_host(OPERATOR, acme, NewVerdict(Judgement.BLOCK), "app.github.io", NOW)
    await trust_verdicts.judge_host(OPERATOR, acme, NewVerdict(Judgement.BLOCK), "else.github.io", NOW)
    told = await trust_origins.past(OPERATOR, acme, "https://APP.github.io/anything", NOW)
    assert told.target.origin == "https://app.github.io"
    (sender,) = told.clients
    assert (sender.client_id, sender.authorizations, sender.people) == ("dcr", 2, 1)
    assert (sender.first_at, sender.last_at) == (NOW - 1, NOW)
    assert [verdict.host for verdict in told.verdicts] == ["app.github.io"]
    assert [line.hold.state for line in told.holds] == [HoldState.BLOCKED]
    elsewhere = await trust_origins.past(OPERATOR, other, HELD, NOW)
    assert (elsewhere.history, elsewhere.clients, elsewhere.verdicts, elsewhere.holds) == (None, (), (), ())
    with pytest.raises(Unknown):
        await trust_origins.past(OPERATOR, acme, "http://app.example/cb", NOW)
    with pytest.raises(NotPermitted):
        await trust_origins.past(operator_of(other, DECIDERS[0]), acme, HELD, NOW)
