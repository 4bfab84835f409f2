"""One value from the authorization server: asked for once for all who wait, and used on while the server is down."""

from __future__ import annotations

import asyncio
import logging
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from .fetching import FetchFailed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Clock = Callable[[], float]

Value = TypeVar("Value")

_log = logging.getLogger("latchkey.resource_server")


class SourceUnavailable(Exception):
    """The authorization server is needed and cannot be had; worth another try after some seconds."""

    def __init__(self, why: str, retry_after_seconds: int) -> None:
        super().__init__(why)
        self.retry_after_seconds = retry_after_seconds


@dataclass(frozen=True, slots=True)
class Patience:
    """In seconds: how long a value is used unasked, the pause after a question in vain, and the end of any value."""

    fresh: float = 300
    pause: float = 10
    stale: float = 24 * 3600


class Remembered(Generic[Value]):
    """A value that `load` brings; it raises FetchFailed or ValueError when it cannot."""

    def __init__(self, load: Callable[[], Awaitable[Value]], clock: Clock, patience: Patience) -> None:
        self._load = load
        self._clock = clock
        self._patience = patience
        self._value: Value | None = None
        self._loaded_at = self._quiet_until = -math.inf
        self._is_source_down = False
        self._question: asyncio.Task[None] | None = None

    async def get(self, is_enough: Callable[[Value], bool] = lambda _: True) -> Value:
        """The value; asked for again when it is old, and once in a pause when it is not enough.

        While the source is down the value that we have serves on, if it is enough. Raises SourceUnavailable.
        """
        value = self._current(self._patience.fresh)
        if value is not None and is_enough(value):
            return value
        await self._ask(is_out_of_turn=value is not None)
        value = self._current(self._patience.stale)
        if value is None or (self._is_source_down and not is_enough(value)):
            wait = max(1, math.ceil(self._quiet_until - self._clock()))
            raise SourceUnavailable("the authorization server does not answer", wait)
        return value

    def _current(self, lifetime: float) -> Value | None:
        return self._value if self._clock() - self._loaded_at < lifetime else None

    async def _ask(self, *, is_out_of_turn: bool) -> None:
        if self._question is None:
            if self._clock() < self._quiet_until:
                return
            if is_out_of_turn:
                # Anybody can make us ask, with a key id that they invented: not more often than this.
                self._be_quiet()
            self._question = asyncio.create_task(self._refresh())
        # Shielded: whoever hangs up does not take the answer away from the others who wait for it.
        await asyncio.shield(self._question)

    async def _refresh(self) -> None:
        try:
            self._value = await self._load()
        except (FetchFailed, SourceUnavailable, ValueError) as error:
            _log.warning("the authorization server could not be asked: %s", error)
            self._is_source_down = True
            self._be_quiet()
        else:
            self._loaded_at = self._clock()
            self._is_source_down = False
        finally:
            self._question = None

    def _be_quiet(self) -> None:
        self._quiet_until = self._clock() + self._patience.pause
