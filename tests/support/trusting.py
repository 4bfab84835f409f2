"""Two tenants whose clients registered themselves, operators of every role, and people who wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import trust
from server.administration import Operator, trust_simulator
from server.clients import ClientSource
from server.kernel import database, ids
from server.kernel.json import load_json
from server.roles import AdminRole, Membership
from tests.issuing import NOW, make_client

if TYPE_CHECKING:
    from uuid import UUID

    from server.clients import Client
    from server.tenants import Tenant
    from server.trust import Decision, Hold

OPERATOR = Operator.at_the_command_line("root")
HELD = "https://app.github.io/cb"  # of a client that registered itself
READERS = (AdminRole.CLIENT_MANAGER, AdminRole.USER_MANAGER, AdminRole.AUDITOR)
DECIDERS = (AdminRole.TENANT_OWNER, AdminRole.TENANT_ADMIN)


def operator_of(tenant: Tenant, role: AdminRole) -> Operator:
    """An administrator with one role in one tenant."""
    return Operator.administrator(someone := ids.uuid7(), [Membership(someone, role, tenant.id)])


async def registered(tenant: Tenant, client_id: str = "dcr", uri: str = HELD) -> Client:
    """A client that registered itself."""
    return await make_client(tenant, client_id, redirect_uris=[uri], source=ClientSource.DYNAMIC)


async def decided(tenant: Tenant, client: Client, uri: str = HELD) -> Decision:
    """What is decided about the client there, for somebody new."""
    return await trust_simulator.ask(tenant, trust.client_facts(client), uri, NOW)


async def held(tenant: Tenant, client: Client, uri: str = HELD, person_id: UUID | None = None) -> Hold:
    """Somebody waits for the client there."""
    decision = await decided(tenant, client, uri)
    return await trust.hold(tenant.id, person_id or ids.uuid7(), trust.client_facts(client), decision, NOW)


async def audited(tenant: Tenant, event: str) -> list[dict[str, object]]:
    """What the audit log tells of one kind of event, the oldest first."""
    rows = await database.rows(
        "SELECT details FROM audit_event WHERE tenant_id = $1 AND event = $2 ORDER BY id", tenant.id, event
    )
    found: list[dict[str, object]] = []
    for row in rows:
        details = load_json(str(row["details"]))
        assert isinstance(details, dict)
        found.append(dict(details))
    return found
