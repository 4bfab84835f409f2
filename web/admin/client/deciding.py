"""Deciding about a client that nobody here registered: let it be, hold it, block it, or answer for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.administration import Permission, dynamic_clients
from server.administration.finding import Unknown
from server.clients import ClientState, InvalidClientDefinition
from web.admin.notices import done
from web.admin.rows import does

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from web.admin.visit import ConsoleVisit


async def decide(visit: ConsoleVisit) -> WireResponse:
    """Bring it to the chosen state; clients that an administrator registered have none."""
    pk = visit.identifier("client")
    state = visit.form.get("state", "")
    if state not in set(ClientState):
        raise Unknown
    try:
        await dynamic_clients.decide(visit.operator, visit.tenant, pk, ClientState(state), visit.now)
    except InvalidClientDefinition:
        return done(visit, visit.uri("clients", pk), "unchanged")
    return done(visit, visit.uri("clients", pk), "saved")


ROWS = (does("/t/<tenant>/clients/<client>/state", decide, Permission.MANAGE_CLIENTS),)
