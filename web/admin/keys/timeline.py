"""The drawing of a tenant's keys: geometry only, in a box 100 wide and 8 high for each key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.kernel.clock import DAY
from server.keys import KeyState, renewal_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server.kernel.clock import Instant
    from server.keys import KeyTimes

WIDTH, ROW, BAR = 100.0, 8.0, 5.0
PLANNED = "planned"
LOOKS_BACK = 365 * DAY
LOOKS_BACK_AT_LEAST = 14 * DAY
LOOKS_AHEAD = 7 * DAY


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some time in one state; PLANNED is what will be if nobody rotates before."""

    state: str
    x: str
    y: str
    width: str


@dataclass(frozen=True, slots=True)
class Span:
    """What a drawing shows: from when to when."""

    start: Instant
    end: Instant

    def x(self, instant: Instant) -> float:
        """Where an instant is drawn; what lies outside, at the edge."""
        return min(max((instant - self.start) / (self.end - self.start), 0.0), 1.0) * WIDTH


def span_of(keys: Sequence[KeyTimes], now: Instant) -> Span:
    """From the first key that is worth a look to a little after the last renewal."""
    first = min((key.created_at for key in keys), default=now)
    last = max((renewal_of(key) for key in keys if key.state is not KeyState.RETIRED), default=now)
    return Span(min(max(first, now - LOOKS_BACK), now - LOOKS_BACK_AT_LEAST), max(last, now) + LOOKS_AHEAD)


def stretches(keys: Sequence[KeyTimes], span: Span, now: Instant) -> tuple[Stretch, ...]:
    """The lives of the keys of one algorithm, the newest first, each in a row of its own."""
    drawn: list[Stretch] = []
    for row, key in enumerate(keys):
        # A key signs until the next one does, or until it was ended.
        after = next((other.activates_at for other in reversed(keys[:row]) if other.activates_at <= now), None)
        until = min(filter(None, (after, key.retires_at)), default=None)
        for state, start, end in _life(key, until, now):
            left, right = span.x(start), span.x(end)
            if right > left:
                width = max(right - left, 0.6)
                drawn.append(Stretch(state, f"{left:.2f}", f"{row * ROW + (ROW - BAR) / 2:.2f}", f"{width:.2f}"))
    # What is to come goes beneath what is: the life of a new key is a narrow line.
    return tuple(sorted(drawn, key=lambda stretch: stretch.state != PLANNED))


def _life(key: KeyTimes, until: Instant | None, now: Instant) -> list[tuple[str, Instant, Instant]]:
    life = [("announced", key.created_at, key.activates_at)]
    match key.state:
        case KeyState.ANNOUNCED:
            life.append((PLANNED, key.activates_at, renewal_of(key)))
        case KeyState.ACTIVE:
            life += [("active", key.activates_at, now), (PLANNED, now, renewal_of(key))]
        case KeyState.RETIRING | KeyState.RETIRED:
            end = key.retires_at or now
            life += [("active", key.activates_at, until or end), ("retiring", until or end, end)]
    return life
