"""Instants and durations: whole microseconds, UTC. Only the edges ask what time it is."""

from __future__ import annotations

import re
import time

Instant = int  # microseconds since 1970-01-01T00:00:00Z
Duration = int  # microseconds

SECOND: Duration = 1_000_000
MINUTE: Duration = 60 * SECOND
HOUR: Duration = 60 * MINUTE
DAY: Duration = 24 * HOUR

LATEST: Instant = 253_402_300_800 * SECOND - 1  # the end of the year 9999: no calendar of ours goes further

_UNITS = {"d": DAY, "h": HOUR, "m": MINUTE, "s": SECOND}
_DURATION = re.compile(r"([0-9]{1,6})([smhd])", re.ASCII)


def now() -> Instant:
    """The time by this machine's clock."""
    return time.time_ns() // 1_000


def steady() -> Instant:
    """The time by a clock that is never set: for spans within this process. Its epoch means nothing."""
    return time.monotonic_ns() // 1_000


def to_seconds(instant: Instant) -> int:
    """Whole seconds since the epoch, as JWTs count (NumericDate, RFC 7519 §2)."""
    return instant // SECOND


def parse_duration(text: str) -> Duration:
    """Read `90s`, `10m`, `8h` or `30d`; raises ValueError for anything else."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError("a duration is a whole number and one of s, m, h, d, such as 10m")
    return int(match[1]) * _UNITS[match[2]]


def format_duration(duration: Duration) -> str:
    """Write a duration as `parse_duration` reads it, in the largest unit that fits exactly."""
    for unit, length in _UNITS.items():
        if duration and duration % length == 0:
            return f"{duration // length}{unit}"
    return f"{duration // SECOND}s"
