"""Who may read the audit log."""

from __future__ import annotations

import pytest

from server import audit
from server.administration import NotPermitted, Operator, audit_log
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
