"""What an external service says of a host, where one is set up: asked within a time, remembered, left alone when ill.

How the question travels is another's affair: whoever sets it up hands over `ask`, which goes through the guarded
fetcher of the kernel. A service that cannot be heard says nothing, or counts as suspicious where that was chosen.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Protocol

from .records import Reputation

if TYPE_CHECKING:
    from collections.abc import Callable

    from server.kernel.json import JsonValue

SECONDS = 0.5  # for which somebody who signs in is kept waiting
REMEMBERED_SECONDS = 3600.0
MOST_REMEMBERED = 10_000
FAILURES_UNTIL_BREAK = 5  # in a row
BREAK_SECONDS = 30.0


class ReputationUnavailable(Exception):
    """The service could not be asked, or its answer makes no sense."""


class Ask(Protocol):
    """One question to the service; raises ReputationUnavailable."""

    async def __call__(self, host: str) -> Reputation:
        """What it says of a host."""


class ReputationService:
    """One service, as a process knows it. `clock` gives seconds that never go back."""

    def __init__(self, ask: Ask, *, fails_closed: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._ask = ask
        self._unheard = Reputation.SUSPICIOUS if fails_closed else Reputation.UNKNOWN
        self._clock = clock
        self._remembered: OrderedDict[str, tuple[Reputation, float]] = OrderedDict()
        self._failures = 0
        self._broken_until = float("-inf")

    async def find(self, host: str) -> Reputation:
        """What is said of a host, within half a second; raises nothing."""
        now = self._clock()
        known = self._remembered.get(host)
        if known is not None and now < known[1]:
            return known[0]
        if now < self._broken_until:
            return self._unheard
        try:
            async with asyncio.timeout(SECONDS):
                said = await self._ask(host)
        except (TimeoutError, ReputationUnavailable):
            self._note_failure(now)
            return self._unheard
        self._failures = 0
        self._remember(host, said, now)
        return said

    def _remember(self, host: str, said: Reputation, now: float) -> None:
        self._remembered[host] = (said, now + REMEMBERED_SECONDS)
        self._remembered.move_to_end(host)
        while len(self._remembered) > MOST_REMEMBERED:
            self._remembered.popitem(last=False)

    def _note_failure(self, now: float) -> None:
        self._failures += 1
        if self._failures >= FAILURES_UNTIL_BREAK:
            # After the break one failure is enough for the next.
            self._failures = FAILURES_UNTIL_BREAK - 1
            self._broken_until = now + BREAK_SECONDS


def read_reputation(document: JsonValue) -> Reputation:
    """What `{"reputation": "unknown" | "suspicious" | "malicious"}` says; raises ReputationUnavailable."""
    said = document.get("reputation") if isinstance(document, dict) else None
    try:
        return Reputation(str(said))
    except ValueError:
        raise ReputationUnavailable("the answer names no reputation") from None
