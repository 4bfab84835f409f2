"""What is shown once: a secret that was just made, kept for some minutes and sealed for whoever made it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.kernel import digests, encryption, shared_state
from server.kernel.clock import MINUTE

if TYPE_CHECKING:
    from web.admin.visit import ConsoleVisit

PURPOSE = "console-once"
LIFETIME = 5 * MINUTE


async def keep_once(visit: ConsoleVisit, text: str) -> str:
    """The handle under which this administrator's next page finds the text."""
    handle = digests.random_token(128)
    sealed = encryption.seal(PURPOSE, visit.site.system.id, visit.seat.token, text.encode())
    await shared_state.shared_state().put(_key(handle), sealed, LIFETIME)
    return handle


async def take_once(visit: ConsoleVisit, handle: str | None) -> str | None:
    """The text, which is gone then; None where there is none, or none for this administrator."""
    sealed = await shared_state.shared_state().take(_key(handle)) if handle else None
    if sealed is None:
        return None
    try:
        return encryption.unseal(PURPOSE, visit.site.system.id, visit.seat.token, sealed).decode()
    except encryption.Unsealable:
        return None


def _key(handle: str) -> str:
    return f"console-once:{digests.b64url(digests.sha256(handle))}"
