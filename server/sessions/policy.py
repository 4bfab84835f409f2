"""Pure rules of browser sessions: when they start, and until when they last."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from server.kernel import ids

from .records import ACR_PASSWORD, AMR_PASSWORD, Session

if TYPE_CHECKING:
    from uuid import UUID

    from server.kernel.clock import Duration, Instant


def begin(tenant_id: UUID, user_id: UUID, *, idle: Duration, longest: Duration, now: Instant) -> Session:
    """A session of a person who just gave their password; durations in microseconds."""
    return Session(
        id=ids.uuid7(),
        tenant_id=tenant_id,
        user_id=user_id,
        auth_time=now,
        acr=ACR_PASSWORD,
        amr=(AMR_PASSWORD,),
        last_seen_at=now,
        expires_at=now + min(idle, longest),
        max_expires_at=now + longest,
    )


def again(session: Session, fresh: Session) -> Session:
    """The same session after its person signed in once more: its id stays, everything else is new."""
    return replace(fresh, id=session.id)
