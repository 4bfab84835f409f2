"""Who may read the audit log."""

from __future__ import annotations

import pytest

from server import audit
from server.administration import NotPermitted, Operator, audit_log, saved_searches
from server.administration.finding import Unknown
from server.audit import Filters, Format
from server.kernel import clock, ids
from server.kernel.clock import HOUR
from server.roles import AdminRole, Membership
from server.tenants import Tenant, new_tenant
from tests.issuing import PUBLIC_URL

pytestmark = pytest.mark.usefixtures("storage")

ADA = ids.uuid7()


@pytest.fixture
def tenant() -> Tenant:
    return new_tenant("acme", "Acme", PUBLIC_URL, clock.now())


@pytest.fixture
def auditor(tenant: Tenant) -> Operator:
    return Operator.administrator(ADA, [Membership(ADA, AdminRole.AUDITOR, tenant.id)])


async def test_an_auditor_reads_exports_and_verifies(tenant: Tenant, auditor: Operator) -> None:
    await audit.record(audit.LoginFailed(None), tenant_id=tenant.id, now=clock.now())
    page = await audit_log.search(auditor, tenant, Filters(), None, 1_000)
    assert await audit_log.find(auditor, tenant, page.entries[0].id) == page.entries[0]
    pieces = [piece async for piece in audit_log.export(auditor, tenant, Filters(), Format.JSONL, clock.now())]
    # That it was exported stands there, too, with who did it.
    assert sum(count for count, _ in pieces) == 2
    exported = (await audit_log.search(auditor, tenant, Filters(event="audit.exported"), None, 1)).entries
    assert [entry.actor for entry in exported] == [audit.Actor.administrator(ADA)]
    checkpoint = await audit_log.checkpoint(auditor, tenant, clock.now())
    assert (await audit_log.verify(auditor, tenant, checkpoint)).events == 2
    assert [entries async for entries in audit_log.tail(auditor, tenant, Filters(), clock.now() - 2 * HOUR)] == []


async def test_a_chain_says_how_far_it_is(tenant: Tenant, auditor: Operator) -> None:
    nothing = await audit_log.chain_status(auditor, tenant)
    assert (nothing.seals, nothing.events, nothing.unsealed, nothing.last_sealed_at) == (0, 0, 0, None)
    for _ in range(2):
        await audit.record(audit.LoginFailed(None), tenant_id=tenant.id, now=clock.now())
    await audit.record(audit.LoginFailed(None), tenant_id=ids.uuid7(), now=clock.now())
    assert (await audit_log.chain_status(auditor, tenant)).unsealed == 2
    await audit_log.checkpoint(auditor, tenant, clock.now())
    await audit.record(audit.LoginFailed(None), tenant_id=tenant.id, now=clock.now())
    status = await audit_log.chain_status(auditor, tenant)
    assert (status.seals, status.events, status.unsealed, status.checkpoint) == (1, 2, 1, 1)
    assert status.last_sealed_at is not None
    assert status.kept_since is None


async def test_searches_are_kept_by_each_administrator_for_each_tenant(tenant: Tenant, auditor: Operator) -> None:
    system, other = (new_tenant(slug, slug, PUBLIC_URL, clock.now()) for slug in ("system", "other"))
    both = [Membership(ADA, AdminRole.AUDITOR, found.id) for found in (tenant, other)]
    ada, bob = Operator.administrator(ADA, both), Operator.administrator(ids.uuid7(), both)
    for query in ("event=login.failed", "outcome=failure"):
        await saved_searches.keep(ada, system, tenant, "Failed", query, now=clock.now())
    (kept,) = await saved_searches.list_searches(auditor, system, tenant)
    assert (kept.name, kept.query) == ("Failed", "outcome=failure")
    assert await saved_searches.list_searches(ada, system, other) == []
    assert await saved_searches.list_searches(bob, system, tenant) == []
    assert not await audit.remove_search(other.id, ADA, kept.id)
    with pytest.raises(Unknown):
        await saved_searches.remove(bob, system, tenant, kept.id)
    for number in range(saved_searches.MOST_SEARCHES - 1):
        await saved_searches.keep(ada, system, tenant, str(number), "", now=clock.now())
    with pytest.raises(saved_searches.TooManySearches):
        await saved_searches.keep(ada, system, tenant, "One more", "", now=clock.now())
    await audit.remove_searches_of(other.id, ADA)
    await audit.remove_searches_in(system.id, other.id)
    assert len(await saved_searches.list_searches(ada, system, tenant)) == saved_searches.MOST_SEARCHES
    await audit.remove_searches_in(system.id, tenant.id)
    await saved_searches.keep(ada, system, tenant, "Failed", "", now=clock.now())
    await audit.remove_searches_of(system.id, ADA)
    assert await saved_searches.list_searches(ada, system, tenant) == []
    with pytest.raises(NotPermitted):
        await saved_searches.list_searches(Operator.at_the_command_line("root"), system, tenant)


async def test_nobody_else_reads_anything(tenant: Tenant) -> None:
    elsewhere = Operator.administrator(ADA, [Membership(ADA, AdminRole.TENANT_OWNER, ids.uuid7())])
    with pytest.raises(NotPermitted):
        await audit_log.search(elsewhere, tenant, Filters(), None, 1)
    with pytest.raises(NotPermitted):
        await audit_log.find(elsewhere, tenant, ids.uuid7())
    with pytest.raises(NotPermitted):
        await audit_log.verify(elsewhere, tenant)
    with pytest.raises(NotPermitted):
        await audit_log.checkpoint(elsewhere, tenant, clock.now())
    with pytest.raises(NotPermitted):
        audit_log.tail(elsewhere, tenant, Filters(), clock.now())
    with pytest.raises(NotPermitted):
        await anext(audit_log.export(elsewhere, tenant, Filters(), Format.CSV, clock.now()))
