"""How far long acts are: said by whoever is at one, looked at by others, in whichever process.

It is kept in the shared state for a while. An act whose process ended is told by its silence.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from . import clock
from .clock import MINUTE, SECOND
from .json import dump_json, load_json
from .shared_state import shared_state

if TYPE_CHECKING:
    from .clock import Duration, Instant
    from .json import JsonValue

SAID_EVERY = SECOND
SILENCE = MINUTE
_PREFIX = "progress:"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an act is, and when that was said; `about` is what it does, `result` what came of it, None until then."""

    seen_at: Instant
    about: JsonValue = None
    done: int = 0
    total: int = 0
    result: JsonValue = None

    def is_under_way(self, now: Instant) -> bool:
        """Whether somebody is at it, or will be."""
        return self.result is None and now - self.seen_at < SILENCE


async def find(key: str) -> Progress | None:
    """How far an act is; None for one that nobody began lately."""
    kept = await shared_state().get(_PREFIX + key)
    if kept is None:
        return None
    members: Any = load_json(kept)  # Any: only `Report` writes what is read here
    return Progress(**members)


async def forget(key: str) -> None:
    """Let nobody look at an act any more."""
    await shared_state().forget(_PREFIX + key)


class Report:
    """What whoever is at an act says of it, kept for so long after each time."""

    def __init__(self, key: str, kept_for: Duration, now: Instant, about: JsonValue = None) -> None:
        self._key, self._kept_for = _PREFIX + key, kept_for
        self.progress = Progress(now, about)

    async def begin(self) -> Progress:
        """Say that it begins, or soon will."""
        await self._say()
        return self.progress

    async def reach(self, done: int, total: int = 0) -> None:
        """Say how far it is, once a second at most."""
        now = clock.now()
        is_due = now - self.progress.seen_at >= SAID_EVERY
        self.progress = replace(self.progress, seen_at=now if is_due else self.progress.seen_at, done=done, total=total)
        if is_due:
            await self._say()

    async def end(self, result: JsonValue) -> None:
        """Say what came of it, which is not None."""
        self.progress = replace(self.progress, seen_at=clock.now(), result=result)
        await self._say()

    async def _say(self) -> None:
        await shared_state().put(self._key, dump_json(asdict(self.progress)), self._kept_for)
