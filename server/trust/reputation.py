"""What an external service says of a host, where one is set up: asked within a time, remembered, left alone when ill.

A service that cannot be heard says what it last said of the host; of one that it was never heard about it says
nothing, or counts as suspicious where that was chosen. Each process knows it by itself.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from contextvars import Context
from typing import TYPE_CHECKING, Protocol

from server.kernel.logs import get_logger
from server.kernel.outbound import FetchFailed
from server.kernel.service import ServiceClient

from .records import Reputation

if TYPE_CHECKING:
    from collections.abc import Callable

    from server.kernel.json import JsonValue
    from server.kernel.service import Service

log = get_logger(__name__)

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


class ReputationSettings(Protocol):
    """What must be known of the service."""

    @property
    def reputation(self) -> Service | None:
        """Where it is; None: nobody is asked."""

    @property
    def reputation_fails_closed(self) -> bool:
        """Whether a host of which nothing was ever heard is suspicious."""


class ReputationService:
    """One service, as a process knows it. `clock` gives seconds that never go back."""

    def __init__(
        self, ask: Ask, *, seconds: float, fails_closed: bool, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._ask = ask
        self._seconds = seconds
        self._unheard = Reputation.SUSPICIOUS if fails_closed else Reputation.UNKNOWN
        self._clock = clock
        self._remembered: OrderedDict[str, tuple[Reputation, float]] = OrderedDict()
        self._asking: dict[str, asyncio.Task[Reputation]] = {}
        self._failures = 0
        self._broken_until = float("-inf")

    async def find(self, host: str) -> Reputation:
        """What is said of a host, within the time; raises nothing."""
        now = self._clock()
        known = self._remembered.get(host)
        if known is not None and now < known[1]:
            self._remembered.move_to_end(host)
            return known[0]
        if now < self._broken_until:
            return self._last_said(host)
        asking = self._asking.get(host)
        if asking is None:
            # However many wait, the service is asked once, and whoever goes away takes nothing from the others.
            # It shares nobody's transaction either.
            asking = self._asking[host] = asyncio.create_task(self._hear(host, now), context=Context())
            asking.add_done_callback(lambda _: self._asking.pop(host, None))
        return await asyncio.shield(asking)

    async def look(self, host: str) -> Reputation:
        """The same for whoever only looks: nothing is remembered, no failure counts."""
        now = self._clock()
        known = self._remembered.get(host)
        if now < self._broken_until or (known is not None and now < known[1]):
            return self._last_said(host)
        try:
            async with asyncio.timeout(self._seconds):
                return await self._ask(host)
        except (TimeoutError, ReputationUnavailable):
            return self._last_said(host)

    def remembered(self, host: str) -> Reputation:
        """What was said of a host before, however long ago; unknown where nothing was, since nobody is asked."""
        known = self._remembered.get(host)
        return Reputation.UNKNOWN if known is None else known[0]

    async def _hear(self, host: str, now: float) -> Reputation:
        try:
            async with asyncio.timeout(self._seconds):
                said = await self._ask(host)
        except (TimeoutError, ReputationUnavailable) as error:
            self._note_failure(now, error)
            return self._last_said(host)
        self._failures = 0
        self._remember(host, said, now)
        return said

    def _last_said(self, host: str) -> Reputation:
        """Who makes the service ill does not make it forget."""
        known = self._remembered.get(host)
        return self._unheard if known is None else known[0]

    def _remember(self, host: str, said: Reputation, now: float) -> None:
        self._remembered[host] = (said, now + REMEMBERED_SECONDS)
        self._remembered.move_to_end(host)
        while len(self._remembered) > MOST_REMEMBERED:
            self._remembered.popitem(last=False)

    def _note_failure(self, now: float, error: Exception) -> None:
        self._failures += 1
        if self._failures >= FAILURES_UNTIL_BREAK:
            # After the break one failure is enough for the next.
            self._failures = FAILURES_UNTIL_BREAK - 1
            self._broken_until = now + BREAK_SECONDS
            log.warning("reputation service left alone for a while", seconds=BREAK_SECONDS, why=str(error))


_service: ReputationService | None = None
_client: ServiceClient | None = None


def open_reputation(settings: ReputationSettings) -> None:
    """Begin; where no service is set up nobody is asked."""
    global _service, _client  # noqa: PLW0603  one an installation's process
    close_reputation()
    if settings.reputation is not None:
        _client = client = ServiceClient(settings.reputation)

        async def ask(host: str) -> Reputation:
            return await ask_service(client, host)

        _service = ReputationService(
            ask, seconds=settings.reputation.seconds, fails_closed=settings.reputation_fails_closed
        )


def close_reputation() -> None:
    """Ask no more; nothing happens when nobody was asked."""
    global _service, _client  # noqa: PLW0603  see open_reputation
    if _client is not None:
        _client.close()
    _service = _client = None


async def find_reputation(host: str) -> Reputation:
    """What is said of a host; at once where no service is set up."""
    return Reputation.UNKNOWN if _service is None else await _service.find(host)


async def look_up_reputation(host: str) -> Reputation:
    """The same for whoever only looks: it changes nothing for people who are sent there."""
    return Reputation.UNKNOWN if _service is None else await _service.look(host)


def remembered_reputation(host: str) -> Reputation:
    """What was said of a host before; nobody is asked."""
    return Reputation.UNKNOWN if _service is None else _service.remembered(host)


async def ask_service(client: ServiceClient, host: str) -> Reputation:
    """Ask over HTTP, and tell nothing but the host; raises ReputationUnavailable."""
    try:
        return read_reputation(await client.ask({"host": host}))
    except (FetchFailed, ValueError) as error:
        raise ReputationUnavailable(str(error) if isinstance(error, FetchFailed) else "no JSON") from None


def read_reputation(document: JsonValue) -> Reputation:
    """What `{"reputation": "unknown" | "suspicious" | "malicious"}` says; raises ReputationUnavailable."""
    said = document.get("reputation") if isinstance(document, dict) else None
    try:
        return Reputation(str(said))
    except ValueError:
        raise ReputationUnavailable("the answer names no reputation") from None
