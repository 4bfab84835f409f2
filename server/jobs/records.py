"""How a kind of job is done, and what is done at its times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.kernel.clock import MINUTE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from server.kernel.clock import Duration, Instant
    from server.kernel.outbox import Job


@dataclass(frozen=True, slots=True)
class JobKind:
    """The function that does a kind of job, which must bear being called twice for one, and its bounds."""

    run: Callable[[Job], Awaitable[object]]
    concurrency: int = 4  # at a time, in each process
    time_limit: Duration = MINUTE  # then it has failed; a process that died is waited for twice as long
    max_attempts: int = 12  # over some two and a half hours, then it is a dead letter


@dataclass(frozen=True, slots=True)
class Schedule:
    """Something that one process of the installation does again and again, given the time."""

    name: str
    every: Duration
    run: Callable[[Instant], Awaitable[object]]
