"""What an operator may do to clients that registered themselves: hold them up, end them, answer for them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from server import clients, grants
from server.audit import administration_events as events
from server.clients import ClientSource, ClientState, InvalidClientDefinition
from server.projections import HoldFilter

from . import trust_holds
from .act import act
from .authorise import Permission, check_permitted
from .clients import get
from .finding import turn

if TYPE_CHECKING:
    from uuid import UUID

    from server.clients import Client
    from server.kernel.clock import Instant
    from server.tenants import Tenant

    from .authorise import Operator


async def decide(
    operator: Operator,
    tenant: Tenant,
    pk: UUID,
    state: ClientState,
    now: Instant,
    *,
    scope: tuple[str, ...] | None = None,
    reason: str = "",
) -> Client:
    """The same as `set_state` for whichever client has this id; raises NotPermitted, Unknown, too."""
    check_permitted(operator, Permission.MANAGE_CLIENTS, tenant.id)
    async with turn(tenant.id):
        client = await get(operator, tenant, pk)
        if state is not client.state:
            await _write_state(operator, tenant, client, _Wish(state, scope, reason), now)
    await _let_go(operator, tenant, client, state, now)
    return await get(operator, tenant, pk)


async def set_state(
    operator: Operator,
    tenant: Tenant,
    client: Client,
    state: ClientState,
    now: Instant,
    *,
    scope: tuple[str, ...] | None = None,
    reason: str = "",
) -> None:
    """Bring a client to another state; raises InvalidClientDefinition for one that an administrator registered.

    A blocked one loses its grants, a quarantined one only cannot use them. For a promoted one `scope`, or else what it
    registered, is a ceiling from now on. Only an active one expires when nobody uses it.
    """
    await _write_state(operator, tenant, client, _Wish(state, scope, reason), now)
    await _let_go(operator, tenant, client, state, now)


@dataclass(frozen=True, slots=True)
class _Wish:
    state: ClientState
    scope: tuple[str, ...] | None
    reason: str


async def _write_state(operator: Operator, tenant: Tenant, client: Client, wish: _Wish, now: Instant) -> None:
    state, scope = wish.state, wish.scope
    if client.source is ClientSource.ADMIN:
        raise InvalidClientDefinition("only a client that registered itself has a state: disable this one instead")
    if scope is not None and state is not ClientState.PROMOTED:
        raise InvalidClientDefinition("a ceiling goes with a promotion")
    is_dynamic = state is ClientState.ACTIVE and client.source is ClientSource.DYNAMIC
    kept_until = now + tenant.settings.unused_client_lifetime if is_dynamic else None
    after = client if scope is None else replace(client, scope=scope)
    event = events.ClientStateChanged(client.id, client.client_id, client.state.value, state.value, wish.reason)
    async with act(operator, Permission.MANAGE_CLIENTS, tenant.id, event, now):
        await clients.set_state(tenant.id, after, state, kept_until=kept_until, now=now)
        if state is ClientState.BLOCKED:
            await grants.revoke_for_client(tenant.id, client.id, now)


async def _let_go(operator: Operator, tenant: Tenant, client: Client, state: ClientState, now: Instant) -> None:
    """Ask again about what is held of a client for which an administrator answers from now on."""
    if state is ClientState.PROMOTED:
        await trust_holds.release(operator, tenant, HoldFilter(client_id=client.client_id), now)
