"""What an operator may do to keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server import audit, clients, keys, tenants, webhooks
from server.audit import platform_events
from server.kernel import outbox

from .act import note
from .authorise import Permission, check_permitted
from .finding import Unknown

if TYPE_CHECKING:
    from server.kernel.clock import Instant
    from server.keys import KeyTimes
    from server.tenants import Tenant

    from .authorise import Operator


@dataclass(frozen=True, slots=True)
class Rewrapped:
    """What was sealed again, and what only its owner can bring under the new master secret."""

    sealed: int
    client_secrets_left: int


async def timeline(operator: Operator, tenant: Tenant) -> tuple[KeyTimes, ...]:
    """Every signing key that a tenant ever had, the newest first; raises NotPermitted."""
    check_permitted(operator, Permission.READ, tenant.id)
    return await keys.list_timeline(tenant.id)


async def rotate(operator: Operator, tenant: Tenant, now: Instant) -> None:
    """Sign with new keys from now on; the old ones stay published until their last tokens have expired."""
    check_permitted(operator, Permission.MANAGE_KEYS, tenant.id)
    await keys.rotate(tenant.id, now, actor=operator.actor)


async def retire(operator: Operator, tenant: Tenant, kid: str, now: Instant) -> None:
    """End a signing key before its time: what it signed counts no more. Raises NotPermitted, Unknown."""
    check_permitted(operator, Permission.MANAGE_KEYS, tenant.id)
    if not await keys.retire_now(tenant.id, kid, now, actor=operator.actor):
        raise Unknown


async def rewrap(operator: Operator, system: Tenant, public_url: str, now: Instant) -> Rewrapped:
    """Bring everything under the current master secret; idempotent, and safe beside a running server.

    A client's secret is known to the client alone: it counts as long as the previous master secret is configured,
    and is brought over when the client next uses it.
    """
    check_permitted(operator, Permission.MANAGE_KEYS, system.id)
    sealed = sum([await keys.rewrap(), await outbox.rewrap(), await audit.rewrap(), await webhooks.rewrap()])
    left = sum([await clients.count_former_secrets(tenant.id) for tenant in await tenants.list_tenants(public_url)])
    await note(operator, system.id, platform_events.SecretsRewrapped(sealed, left), now)
    return Rewrapped(sealed, left)
