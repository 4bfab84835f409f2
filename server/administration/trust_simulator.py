"""The trust decision as an administrator looks at it: what would happen at a place, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import clients, projections, trust
from server.kernel.digests import sha256
from server.trust import ClientFacts, Source

from .authorise import Permission, check_permitted
from .finding import Unknown

if TYPE_CHECKING:
    from server.clients import Client
    from server.kernel.clock import Instant
    from server.tenants import Tenant
    from server.trust import Decision

    from .authorise import Operator


async def simulate(
    operator: Operator, tenant: Tenant, redirect_uri: str, client_id: str | None, now: Instant
) -> Decision:
    """What the policy in force says of a place; without a client, as for one that registered itself just now.

    Nobody's own past is looked at, and nothing is remembered, not even what a service for reputations says. Raises
    NotPermitted, Unknown.
    """
    check_permitted(operator, Permission.READ, tenant.id)
    client = _newcomer(now) if client_id is None else await _known(tenant, client_id)
    return await ask(tenant, client, redirect_uri, now)


async def ask(tenant: Tenant, client: ClientFacts, redirect_uri: str, now: Instant) -> Decision:
    """The decision as it would be for somebody who was never there."""
    known_domains = await projections.known_domains(tenant.id)
    return await trust.decide(tenant.id, client, redirect_uri, None, now, known_domains=known_domains, looking=True)


async def simulate_client(operator: Operator, tenant: Tenant, client: Client, now: Instant) -> tuple[Decision, ...]:
    """What the policy in force says of each redirect URI of a client, in their order; raises NotPermitted."""
    check_permitted(operator, Permission.READ, tenant.id)
    known_domains = await projections.known_domains(tenant.id)
    uris = client.metadata.redirect_uris
    return await trust.decide_each(tenant.id, facts_of(client), uris, now, known_domains=known_domains)


def facts_of(client: Client) -> ClientFacts:
    """What trust must know of a stored client."""
    return trust.client_facts(client, promoted=client.is_vouched_for)


async def _known(tenant: Tenant, client_id: str) -> ClientFacts:
    client = await clients.find(tenant.id, client_id)
    if client is None:
        raise Unknown("there is no such client")
    return facts_of(client)


def _newcomer(now: Instant) -> ClientFacts:
    return ClientFacts("", Source.DYNAMIC, registered_at=now, metadata_digest=sha256("").hex())
