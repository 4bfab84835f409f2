"""Pure rules of background work: when a job is tried again, and when a schedule is due."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.kernel.clock import HOUR, MINUTE, SECOND

if TYPE_CHECKING:
    from server.kernel.clock import Duration, Instant

FIRST_DELAY = 5 * SECOND
LONGEST_DELAY = HOUR
# How far the clocks of two processes may be apart before one of them is taken for wrong.
CLOCK_TOLERANCE = MINUTE


def retry_delay(attempts: int, spread: float) -> Duration:
    """How long to wait after so many failed attempts: twice as long each time, up to an hour.

    `spread`, from 0 to 1, is drawn anew each time and takes away up to a half: what failed together comes back apart.
    """
    full = min(FIRST_DELAY << min(attempts - 1, 20), LONGEST_DELAY)
    return int(full * (1 - spread / 2))


def wait_until_due(last_start: Instant | None, every: Duration, now: Instant) -> Duration:
    """How long until the next run, 0 for now.

    A last run that lies ahead was noted by a clock that has been set back since, and says nothing.
    """
    if last_start is None or last_start > now + CLOCK_TOLERANCE:
        return 0
    return max(0, last_start + every - now)
