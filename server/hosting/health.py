"""Whether this process lives, and whether it can do its work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.endpoints.wire import WireResponse, json_response
from server.kernel import database, logs
from server.kernel.faults import Unavailable
from server.kernel.shared_state import shared_state

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

log = logs.get_logger(__name__)


async def alive() -> WireResponse:
    """200 as long as the process answers at all."""
    return json_response({"status": "ok"})


async def ready() -> WireResponse:
    """200 when the database and the shared state answer, else 503."""
    try:
        await database.row("SELECT 1 AS one")
        await shared_state().get("readiness")
    except Unavailable as fault:
        log.warning("not ready", why=str(fault))
        return json_response({"status": "unavailable"}, 503)
    return json_response({"status": "ok"})


CHECKS: Mapping[str, Callable[[], Awaitable[WireResponse]]] = {"/healthz": alive, "/readyz": ready}
