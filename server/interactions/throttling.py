"""Slowing down guesses at a password without locking its owner out.

Tries are counted before the password is looked at, so that a burst cannot outrun the count. Browsers in which
the person has signed in before have a count of their own: whoever exhausts the tries for a name from
elsewhere does not keep its owner away. Unknown names are counted alike, so that the count tells nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server import audit, measures
from server.kernel import digests, hosts
from server.kernel.clock import DAY, MINUTE, SECOND
from server.kernel.shared_state import shared_state

from .records import LoginRefusal, LoginRefused

if TYPE_CHECKING:
    from uuid import UUID

    from server.kernel.clock import Duration
    from server.tenants import TenantSettings

    from .records import Visit


@dataclass(frozen=True, slots=True)
class Window:
    """At most `tries` in any `length` microseconds from the first."""

    name: str
    tries: int
    length: Duration


def windows_of(settings: TenantSettings) -> tuple[Window, ...]:
    """How many tries a tenant allows at one name."""
    return (
        Window("short", settings.login_tries, settings.login_tries_window),
        Window("day", settings.login_tries_per_day, DAY),
    )


PER_ADDRESS = (Window("short", 100, 10 * MINUTE),)


async def count_try(visit: Visit, name_key: str, *, user_id: UUID | None, known_device: bool) -> None:
    """Count one try at a name; raises LoginRefused with the seconds to wait when there were too many."""
    if not visit.limited:
        return
    for key, window in _counters(visit, name_key, known_device=known_device):
        tries = await shared_state().add(key, 1, window.length)
        if tries > window.tries:
            if tries == window.tries + 1:  # the first in this time, so that nobody can fill the log
                await _audit(visit, user_id, key, window)
            measures.login_ended("slowed_down")
            raise LoginRefused(LoginRefusal.SLOWED_DOWN, retry_after=window.length // SECOND)


async def _audit(visit: Visit, user_id: UUID | None, key: str, window: Window) -> None:
    by = "name" if key.startswith("login-name:") else "address"
    event = audit.LoginSlowedDown(user_id, by, window.length // SECOND)
    await audit.record(event, tenant_id=visit.tenant.id, now=visit.now)


async def forgive(visit: Visit, name_key: str, *, known_device: bool) -> None:
    """Forget the tries at a name after a success; the address gives back only the one that succeeded."""
    if not visit.limited:
        return
    for key, window in _counters(visit, name_key, known_device=known_device):
        if key.startswith("login-name:"):
            await shared_state().forget(key)
        else:
            await shared_state().add(key, -1, window.length)


def _counters(visit: Visit, name_key: str, *, known_device: bool) -> list[tuple[str, Window]]:
    tenant = visit.tenant.id.hex
    name = digests.sha256(name_key).hex()[:32]
    kind = "known" if known_device else "unknown"
    block = hosts.address_block(visit.remote_address)
    names = [
        (f"login-name:{tenant}:{kind}:{name}:{window.name}", window) for window in windows_of(visit.tenant.settings)
    ]
    addresses = [(f"login-address:{tenant}:{block}:{window.name}", window) for window in PER_ADDRESS]
    return names + addresses
