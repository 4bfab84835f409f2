"""Slowing down guesses at a password without locking its owner out.

Tries are counted before the password is looked at, so that a burst cannot outrun the count. Browsers in which
the person has signed in before have a count of their own: whoever exhausts the tries for a name from
elsewhere does not keep its owner away. Unknown names are counted alike, so that the count tells nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from server import audit, measures
from server.kernel import digests, hosts
from server.kernel.clock import DAY, MINUTE, SECOND
from server.kernel.shared_state import shared_state

from .records import LoginRefusal, LoginRefused

if TYPE_CHECKING:
    from collections.abc import Sequence
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


Counter: TypeAlias = tuple[str, Window]  # a key of the shared state
NAME = "login-name:"
PER_ADDRESS = (Window("short", 100, 10 * MINUTE),)


async def count_try(visit: Visit, name_key: str, *, user_id: UUID | None, known_device: bool) -> None:
    """Count one try at a name; raises LoginRefused with the seconds to wait when there were too many."""
    if not visit.limited:
        return
    counters = _counters(visit, name_key, known_device=known_device)
    counts = await shared_state().adjust_each(*((key, 1, window.length) for key, window in counters))
    for position, ((key, window), tries) in enumerate(zip(counters, counts, strict=True), start=1):
        if tries > window.tries:
            await _give_back(counters[position:])
            if tries == window.tries + 1:  # the first in this time, so that nobody can fill the log
                await _audit(visit, user_id, key, window)
            measures.login_ended("slowed_down")
            raise LoginRefused(LoginRefusal.SLOWED_DOWN, retry_after=window.length // SECOND)


async def forgive(visit: Visit, name_key: str, *, known_device: bool) -> None:
    """Forget the tries at a name after a success; the address gives back only the one that succeeded."""
    if not visit.limited:
        return
    counters = _counters(visit, name_key, known_device=known_device)
    # A count whose lifetime is made nothing is over.
    changes = ((key, 0, 0) if key.startswith(NAME) else (key, -1, window.length) for key, window in counters)
    await shared_state().adjust_each(*changes)


async def _give_back(counters: Sequence[Counter]) -> None:
    """What is refused by one window does not count in those behind it."""
    if counters:
        await shared_state().adjust_each(*((key, -1, window.length) for key, window in counters))


async def _audit(visit: Visit, user_id: UUID | None, key: str, window: Window) -> None:
    by = "name" if key.startswith(NAME) else "address"
    event = audit.LoginSlowedDown(user_id, by, window.length // SECOND)
    await audit.record(event, tenant_id=visit.tenant.id, now=visit.now)


def _counters(visit: Visit, name_key: str, *, known_device: bool) -> list[Counter]:
    tenant = visit.tenant.id.hex
    name = digests.sha256(name_key).hex()[:32]
    kind = "known" if known_device else "unknown"
    block = hosts.address_block(visit.remote_address)
    names = [(f"{NAME}{tenant}:{kind}:{name}:{window.name}", window) for window in windows_of(visit.tenant.settings)]
    addresses = [(f"login-address:{tenant}:{block}:{window.name}", window) for window in PER_ADDRESS]
    return names + addresses
