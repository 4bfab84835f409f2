"""What an operator may know of an origin: what became of people there, who sent them, what was decided about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server import projections, trust
from server.kernel.clock import DAY
from server.kernel.paging import MAX_LIMIT, Paging
from server.projections import HoldFilter
from server.protocol.errors import InvalidRedirectUri

from .authorise import Permission, check_permitted
from .finding import Unknown

if TYPE_CHECKING:
    from server.kernel.clock import Instant
    from server.kernel.paging import Page
    from server.projections import HoldLine, OriginClient
    from server.tenants import Tenant
    from server.trust import OriginHistory, Target, Verdict

    from .authorise import Operator

CLIENTS_OF = 30 * DAY


@dataclass(frozen=True, slots=True)
class OriginPast:
    """Everything about one origin. Nobody was ever sent there when there is no history."""

    target: Target
    history: OriginHistory | None
    clients: tuple[OriginClient, ...]  # of the last 30 days, as far as authorizations are kept
    verdicts: tuple[Verdict, ...]  # on the host, and on clients at URIs there
    holds: tuple[HoldLine, ...]


async def page(operator: Operator, tenant: Tenant, search: str | None, paging: Paging) -> Page[OriginHistory]:
    """A page of the origins that people were sent to, by name; raises NotPermitted, BadCursor."""
    check_permitted(operator, Permission.READ, tenant.id)
    return await projections.list_origins(tenant.id, search, paging)


async def past(operator: Operator, tenant: Tenant, uri: str, now: Instant) -> OriginPast:
    """The past of the origin of a URI; raises NotPermitted, and Unknown for what is no URI to be sent to."""
    check_permitted(operator, Permission.READ, tenant.id)
    try:
        target = trust.target_of(uri)
    except InvalidRedirectUri as error:
        raise Unknown(error.why) from None
    # A private-use scheme has no host to look for.
    shown = HoldFilter(state=None, host=target.host or None)
    held = await projections.list_holds(tenant.id, shown, Paging(MAX_LIMIT))
    return OriginPast(
        target=target,
        history=await trust.find_origin(tenant.id, target.origin),
        clients=await projections.list_clients_at(tenant.id, target.origin, now - CLIENTS_OF),
        verdicts=tuple(verdict for verdict in await trust.list_verdicts(tenant.id) if _is_about(verdict, target)),
        holds=tuple(line for line in held.items if line.hold.origin == target.origin),
    )


def _is_about(verdict: Verdict, target: Target) -> bool:
    if verdict.host is not None:
        return verdict.host == target.host
    return verdict.redirect_uri is not None and trust.target_of(verdict.redirect_uri).origin == target.origin
