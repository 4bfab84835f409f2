"""That somebody tried what they may not do is audited; so seldom that nobody can fill the log with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import audit
from server.audit import platform_events
from server.kernel.clock import HOUR
from server.kernel.shared_state import shared_state

if TYPE_CHECKING:
    from server.kernel.clock import Instant

    from .authorise import NotPermitted

ONCE_IN = HOUR  # for each operator, tenant and permission


async def note(refusal: NotPermitted, now: Instant) -> None:
    """Audit a refusal in the tenant where the act was tried, unless the same was audited lately.

    Called by the edges, after the transaction of the act was rolled back.
    """
    actor = refusal.actor
    claim = f"refused-act:{actor.kind.value}:{actor.id}:{refusal.tenant_id.hex}:{refusal.permission.value}"
    if await shared_state().claim(claim, ONCE_IN):
        event = platform_events.PermissionRefused(refusal.permission.value)
        await audit.record(event, tenant_id=refusal.tenant_id, now=now, actor=actor)
