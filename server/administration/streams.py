"""Streams that are open in this process: exports and tails of the audit log, of the console and the API alike.

Each holds a connection, some of them for an hour. So their number is bounded, for each operator and each tenant too,
and none goes on for long when the right to it is gone.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server.kernel import clock
from server.kernel.clock import SECOND

from .authorise import Permission, is_permitted

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from server.kernel.clock import Instant
    from server.tenants import Tenant

    from .authorise import Operator

    Readmit = Callable[[Instant], Awaitable[Operator | None]]

MOST = 64  # of one process
MOST_OF_TENANT = 16
MOST_OF_OPERATOR = 4
LOOK_EVERY = 10 * SECOND
RETRY_AFTER = 10  # seconds


class TooManyStreams(Exception):
    """As many as there may be are open: `ours` says of this process, otherwise of the operator or the tenant."""

    def __init__(self, *, ours: bool) -> None:
        super().__init__("as many exports and tails as there may be are open")
        self.ours = ours


class StreamCut(Exception):
    """Whoever exports may no longer. Raised, so that nobody takes for complete what is not."""


@dataclass(slots=True, eq=False)
class Place:
    """The place of one open stream. `readmit` finds out who its reader is at an instant; None: nobody any more."""

    operator: Operator
    tenant: Tenant
    readmit: Readmit = field(repr=False)
    looked_at: Instant
    is_process_ending: bool = False

    async def is_admitted(self) -> bool:
        """Whether its reader still may read; looked up again after ten seconds."""
        now = clock.now()
        if now - self.looked_at < LOOK_EVERY:
            return True
        operator = await self.readmit(now)
        self.looked_at = now
        return operator is not None and is_permitted(operator, Permission.READ, self.tenant.id)

    async def goes_on(self) -> bool:
        """The same for a stream without an end of its own: it also ends when the process is told to."""
        return not self.is_process_ending and await self.is_admitted()

    async def check(self) -> None:
        """Raise StreamCut unless its reader still may read."""
        if not await self.is_admitted():
            raise StreamCut("who exports may no longer read the audit log")


_open: set[Place] = set()


@contextmanager
def place(operator: Operator, tenant: Tenant, readmit: Readmit) -> Iterator[Place]:
    """Hold a place for as long as a stream is open; raises TooManyStreams."""
    _check_room(operator, tenant)
    taken = Place(operator, tenant, readmit, clock.now())
    _open.add(taken)
    try:
        yield taken
    finally:
        _open.discard(taken)


def open_now() -> int:
    """How many this process has open."""
    return len(_open)


def end_tails() -> None:
    """Have those that are open and have no end of their own end within a second or so: the process is to stop."""
    for taken in _open:
        taken.is_process_ending = True


def _check_room(operator: Operator, tenant: Tenant) -> None:
    of_operator = sum(taken.operator.actor == operator.actor for taken in _open)
    of_tenant = sum(taken.tenant.id == tenant.id for taken in _open)
    if of_operator >= MOST_OF_OPERATOR or of_tenant >= MOST_OF_TENANT:
        raise TooManyStreams(ours=False)
    if len(_open) >= MOST:
        raise TooManyStreams(ours=True)
