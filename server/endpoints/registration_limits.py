"""How many clients may come to be: so many at a tenant, and so many a minute in the whole installation.

No address is held to anything hard: hosted clients share theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import clients
from server.kernel.clock import HOUR, MINUTE, SECOND
from server.kernel.shared_state import shared_state
from server.protocol.errors import TemporarilyUnavailable, TooManyRequests

if TYPE_CHECKING:
    from server.tenants import Tenant

    from .wire import WireRequest

# New rows; who registers what is known already makes none.
NEW_CLIENTS_A_MINUTE = 600
# When a full tenant may be asked again: nobody knows, but every second is too often.
RETRY_AFTER = HOUR // SECOND


async def count_new_client(request: WireRequest) -> None:
    """Make room for one client more; raises TooManyRequests in a full tenant, TemporarilyUnavailable in a flood.

    A tenant's clients are counted in the database once a minute, and added up in between.
    """
    if not request.limited:
        return
    if await _count_with(request.tenant) > request.tenant.settings.max_dynamic_clients:
        raise TooManyRequests("the tenant has as many dynamic clients as it may", RETRY_AFTER)
    if await shared_state().add(f"registrations:{request.now // MINUTE}", 1, 2 * MINUTE) > NEW_CLIENTS_A_MINUTE:
        raise TemporarilyUnavailable("more new clients a minute than this installation takes")


async def forget_count(tenant: Tenant) -> None:
    """Count anew at the next registration: a client is gone."""
    await shared_state().forget(_key(tenant))


async def _count_with(tenant: Tenant) -> int:
    """How many clients the tenant has, the one to come included."""
    added = await shared_state().add(_key(tenant), 1, MINUTE)
    if added > 1:
        return added
    known = await clients.count_dynamic(tenant.id, tenant.settings.max_dynamic_clients)
    return await shared_state().add(_key(tenant), known, MINUTE)


def _key(tenant: Tenant) -> str:
    return f"registrations:{tenant.id.hex}"
