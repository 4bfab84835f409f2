"""Versions of the policy, hits of its rules, and replay, in two tenants."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from server import trust
from server.administration import NotPermitted, trust_policies, trust_replay, trust_replay_runs
from server.administration.finding import Conflict, Unknown
from server.administration.trust_differences import RuleChange
from server.administration.trust_replay import AlreadyReplaying
from server.administration.trust_replay_runs import Counted, Run
from server.kernel import database, ids, progress
from server.kernel.clock import DAY, HOUR
from server.tenants import Tenant
from server.trust import (
    Action,
    ClientFacts,
    HoldState,
    InvalidPolicy,
    Rule,
    Source,
    Thresholds,
    TrustPolicy,
)
from tests.issuing import NOW, make_tenant
from tests.support.trusting import DECIDERS, OPERATOR, READERS, audited, decided, held, operator_of, registered

pytestmark = pytest.mark.usefixtures("storage")

APP, PLACE = "https://app.example/cb", "https://place.example/cb"
RULE = Rule(Action.TRUST, host="app.example")


async def _tenants() -> tuple[Tenant, Tenant]:
    return await make_tenant("acme"), await make_tenant("other")


async def _record(
    tenant: Tenant, uri: str = APP, *, client_id: str = "dcr", person_id: UUID | None = None, ago: int = 0
) -> None:
    client = ClientFacts(client_id, Source.DYNAMIC, NOW, "d" * 64, pk=ids.uuid7())
    decision = await trust.decide(tenant.id, client, uri, None, NOW - ago)
    row = trust.row_of_authorization(
        tenant.id, decision, client_pk=client.pk, person_id=person_id, kept_until=NOW + DAY, now=NOW - ago
    )
    await database.write(row)


# ------------------------------------------------------------------------------------------------------------ versions


async def test_every_save_is_a_version_that_can_be_compared_and_restored() -> None:
    acme, other = await _tenants()
    assert (await trust_policies.in_force(OPERATOR, acme)).version == 0
    first = await trust_policies.save(OPERATOR, acme, TrustPolicy(rules=(RULE,)), after=0, now=NOW)
    assert (first.version, first.author, first.created_at) == (1, "root", NOW)
    await trust_policies.save(OPERATOR, acme, TrustPolicy(Thresholds(20, 60)), after=1, now=NOW)
    restored = await trust_policies.restore(OPERATOR, acme, 1, after=2, now=NOW)
    assert (restored.version, restored.policy) == (3, first.policy)
    emptied = await trust_policies.restore(OPERATOR, acme, 0, after=3, now=NOW)
    assert emptied.policy == TrustPolicy()
    assert [kept.version for kept in await trust_policies.versions(OPERATOR, acme)] == [4, 3, 2, 1]
    assert [kept.version for kept in await trust_policies.versions(OPERATOR, other)] == [0]
    found = await trust_policies.compare(OPERATOR, acme, 1, 2)
    assert [line.change for line in found.rules] == [RuleChange.REMOVED]
    assert found.members["thresholds.hold"] == [70, 60]
    assert [saved["version"] for saved in await audited(acme, "trust_policy.saved")] == [1, 2, 3, 4]
    with pytest.raises(Unknown):
        await trust_policies.get(OPERATOR, other, 1)


async def test_saving_what_is_in_force_changes_nothing() -> None:
    acme, _ = await _tenants()
    assert (await trust_policies.save(OPERATOR, acme, TrustPolicy(), after=0, now=NOW)).version == 0
    assert await audited(acme, "trust_policy.saved") == []


async def test_of_two_who_saw_the_same_version_one_is_told_what_it_is_now() -> None:
    acme, _ = await _tenants()
    policies = (TrustPolicy(rules=(RULE,)), TrustPolicy(Thresholds(20, 60)))
    results = await asyncio.gather(
        *(trust_policies.save(OPERATOR, acme, policy, after=0, now=NOW) for policy in policies), return_exceptions=True
    )
    (refused,) = [result for result in results if isinstance(result, Conflict)]
    assert refused.current == await trust_policies.in_force(OPERATOR, acme)
    assert len(await trust_policies.versions(OPERATOR, acme)) == 1


async def test_broken_policy_is_refused_with_its_rule_and_the_old_one_stays() -> None:
    acme, _ = await _tenants()
    await trust_policies.save(OPERATOR, acme, TrustPolicy(rules=(RULE,)), after=0, now=NOW)
    broken = TrustPolicy(rules=(RULE, Rule(Action.TRUST, host="*.github.io")))
    with pytest.raises(InvalidPolicy, match="rule 2"):
        await trust_policies.save(OPERATOR, acme, broken, after=1, now=NOW)
    assert (await trust_policies.in_force(OPERATOR, acme)).version == 1


async def test_rule_made_of_a_hold_lets_those_go_who_waited() -> None:
    acme, other = await _tenants()
    for tenant in (acme, other):
        await held(tenant, await registered(tenant))
    rule = Rule(Action.CONFIRM, host="app.github.io")
    saved = await trust_policies.add_rule(OPERATOR, acme, rule, after=0, now=NOW)
    assert saved.policy.rules == (rule,)
    assert await trust.list_holds(acme.id) == ()
    (settled,) = await trust.list_holds(acme.id, HoldState.APPROVED)
    assert settled.settled_by == "root"
    (told,) = await audited(acme, "trust_hold.settled")
    assert (told["policy_version"], told["rule"], told["state"]) == (1, 1, "approved")
    assert len(await trust.list_holds(other.id)) == 1


async def test_rule_that_blocks_settles_as_blocked() -> None:
    acme, _ = await _tenants()
    client = await registered(acme)
    await held(acme, client)
    await trust_policies.add_rule(OPERATOR, acme, Rule(Action.BLOCK, host="*.github.io"), after=0, now=NOW)
    assert len(await trust.list_holds(acme.id, HoldState.BLOCKED)) == 1
    assert (await decided(acme, client)).action is Action.BLOCK


# ---------------------------------------------------------------------------------------------------------------- hits


async def test_hits_follow_a_rule_through_versions() -> None:
    acme, other = await _tenants()
    second = Rule(Action.TRUST, host="place.example")
    await trust_policies.save(OPERATOR, acme, TrustPolicy(rules=(RULE, second)), after=0, now=NOW)
    await trust_policies.save(OPERATOR, other, TrustPolicy(rules=(RULE,)), after=0, now=NOW)
    for uri, ago in ((APP, 0), (APP, DAY), (PLACE, 0), (APP, 31 * DAY)):
        await _record(acme, uri, ago=ago)
    assert await trust_policies.rule_hits(OPERATOR, acme, NOW) == (2, 1)
    noted = Rule(Action.TRUST, host="app.example", note="ours")
    new = Rule(Action.BLOCK, host="evil.example")
    await trust_policies.save(OPERATOR, acme, TrustPolicy(rules=(new, second, noted)), after=1, now=NOW)
    await _record(acme, APP)
    assert await trust_policies.rule_hits(OPERATOR, acme, NOW) == (0, 1, 3)
    assert await trust_policies.rule_hits(OPERATOR, other, NOW) == (0,)


# -------------------------------------------------------------------------------------------------------------- replay


async def test_replay_counts_transitions_with_clients_hosts_and_people() -> None:
    acme, other = await _tenants()
    ada, bob = ids.uuid7(), ids.uuid7()
    for uri, client, person in ((APP, "one", ada), (APP, "one", bob), (APP, "two", bob), (PLACE, "one", ada)):
        await _record(acme, uri, client_id=client, person_id=person)
    await _record(acme, "http://127.0.0.1/cb", person_id=None)
    await _record(acme, APP, ago=31 * DAY)
    await _record(other, APP)
    told: list[tuple[int, int]] = []

    async def tell(done: int, total: int) -> None:
        told.append((done, total))

    policy = TrustPolicy(rules=(RULE, Rule(Action.BLOCK, host="place.example")))
    done = await trust_replay.replay(OPERATOR, acme, policy, now=NOW, progress=tell)
    assert (done.evaluated, done.changed, dict(done.unchanged), told[-1]) == (5, 4, {Action.CONFIRM: 1}, (5, 5))
    let_go = done.transitions[Action.CONFIRM, Action.TRUST]
    assert (let_go.total.authorizations, let_go.total.people.total) == (3, 2)
    shares = {name: (share.authorizations, share.people.total) for name, share in let_go.clients.items()}
    assert shares == {"one": (2, 2), "two": (1, 1)}
    assert list(let_go.hosts) == ["app.example"]
    assert list(done.transitions[Action.CONFIRM, Action.BLOCK].hosts) == ["place.example"]
    assert (await trust_policies.in_force(OPERATOR, acme)).version == 0


async def test_replay_runs_beside_everything_else(monkeypatch: pytest.MonkeyPatch) -> None:
    acme, other = await _tenants()
    monkeypatch.setattr(progress, "SAID_EVERY", 0)
    for person in (ids.uuid7(), ids.uuid7()):
        await _record(acme, APP, client_id="one", person_id=person)
    policy = TrustPolicy(rules=(RULE,))
    begun = await trust_replay_runs.begin(OPERATOR, acme, policy, after=0, days=30, now=NOW)
    with pytest.raises(AlreadyReplaying):
        await trust_replay_runs.begin(OPERATOR, acme, policy, after=0, days=30, now=NOW)
    with pytest.raises(AlreadyReplaying), trust_replay.one_at_a_time(acme.id):
        pass
    assert (await trust_replay_runs.get(OPERATOR, acme, begun.handle)).progress.is_under_way(NOW)
    assert not begun.progress.is_under_way(NOW + HOUR)  # whose process is gone
    run = await _finished(acme, begun)
    assert (run.policy, run.days, run.progress.is_under_way(NOW), run.progress.done) == (policy, 30, False, 2)
    assert run.outcome is not None
    assert (run.outcome.evaluated, run.outcome.changed) == (2, 2)
    with trust_replay.one_at_a_time(acme.id), pytest.raises(AlreadyReplaying):
        await trust_replay_runs.begin(OPERATOR, acme, policy, after=0, days=30, now=NOW)
    (moved,) = run.outcome.moved
    assert (moved.before, moved.after) == (Action.CONFIRM, Action.TRUST)
    assert moved.clients == (Counted("one", 2, 2, is_exact=True),)
    assert [host.name for host in moved.hosts] == ["app.example"]
    with pytest.raises(Unknown):
        await trust_replay_runs.get(OPERATOR, other, begun.handle)


async def _finished(tenant: Tenant, run: Run) -> Run:
    async with asyncio.timeout(60):
        while True:
            found = await trust_replay_runs.get(OPERATOR, tenant, run.handle)
            if found.outcome is not None:
                return found
            await asyncio.sleep(0.01)


async def test_replay_goes_through_every_page_and_names_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    acme, _ = await _tenants()
    monkeypatch.setattr(trust_replay, "PAGE", 2)
    monkeypatch.setattr(trust_replay, "MOST_NAMED", 2)
    for number in range(7):
        await _record(acme, APP, client_id=f"client-{number}", ago=number // 3)
    done = await trust_replay.replay(OPERATOR, acme, TrustPolicy(rules=(RULE,)), now=NOW, days=1)
    (transition,) = done.transitions.values()
    assert done.evaluated == 7
    assert sorted(share.authorizations for share in transition.clients.values()) == [1, 1, 5]
    assert transition.clients[trust_replay.OTHERS].authorizations == 5


async def test_replay_passes_over_what_a_later_release_recorded() -> None:
    acme, _ = await _tenants()
    await _record(acme)
    await database.execute("UPDATE trust_authorization SET facts = $2 WHERE tenant_id = $1", acme.id, '{"v":99}')
    await _record(acme)
    done = await trust_replay.replay(OPERATOR, acme, TrustPolicy(), now=NOW)
    assert (done.evaluated, done.unreadable, done.changed) == (2, 1, 0)


# --------------------------------------------------------------------------------------------------------------- roles


async def test_roles() -> None:
    acme, other = await _tenants()
    policy = TrustPolicy(rules=(RULE,))
    for role in READERS:
        reader = operator_of(acme, role)
        assert (await trust_policies.in_force(reader, acme)).version == 0
        await trust_replay.replay(reader, acme, policy, now=NOW)
        with pytest.raises(NotPermitted):
            await trust_policies.save(reader, acme, policy, after=0, now=NOW)
    stranger = operator_of(other, DECIDERS[0])
    for attempt in (
        lambda: trust_policies.in_force(stranger, acme),
        lambda: trust_policies.versions(stranger, acme),
        lambda: trust_policies.rule_hits(stranger, acme, NOW),
        lambda: trust_policies.save(stranger, acme, policy, after=0, now=NOW),
        lambda: trust_replay.replay(stranger, acme, policy, now=NOW),
    ):
        with pytest.raises(NotPermitted):
            await attempt()
    for version, role in enumerate(DECIDERS):
        changed = TrustPolicy(Thresholds(20 + version, 60))
        decider = operator_of(acme, role)
        saved = await trust_policies.save(decider, acme, changed, after=version, now=NOW)
        assert saved.author == decider.actor.id
