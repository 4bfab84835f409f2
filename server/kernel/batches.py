"""Work of many requests done at once: one round trip, and for what is written one commit, for all who wait.

Whoever waits gets an answer of their own; one who gives up waiting does not stop what was handed over.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeAlias, TypeVar

from . import tasks
from .faults import DatabaseConflict, DatabaseUnavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

# The SQL of a unit: of its claim, empty where there is none, and of its rows. Units of one shape are written together.
Shape: TypeAlias = tuple[str, ...]
T = TypeVar("T")
R = TypeVar("R")
# More at once are answered no sooner, and hold locks for longer.
LARGEST = 200
# How long an item waits for its turn; behind a database that stalls it would wait for every batch before it.
WAIT_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement with its arguments, not run yet."""

    sql: str
    arguments: tuple[object, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Unit:
    """Rows that are written together: all of them or, when the claim changes no row, none."""

    rows: tuple[Statement, ...]
    claim: Statement | None = None

    @property
    def shape(self) -> Shape:
        """What it is made of, without the arguments."""
        return ("" if self.claim is None else self.claim.sql, *(row.sql for row in self.rows))

    @property
    def arguments(self) -> tuple[object, ...]:
        """The arguments of the shape, one after another."""
        claimed = () if self.claim is None else self.claim.arguments
        return (*claimed, *(argument for row in self.rows for argument in row.arguments))

    @property
    def order(self) -> tuple[str, ...]:
        """Where the unit stands in a batch: whoever locks rows locks them in the order of their keys."""
        return () if self.claim is None else tuple(str(argument) for argument in self.claim.arguments[:2])


def by_shape(units: Sequence[Unit]) -> list[tuple[Shape, list[int]]]:
    """The shapes of units, sorted, so that whoever writes locks in the same order; of each where its units stand."""
    positions: dict[Shape, list[int]] = {}
    for position, unit in enumerate(units):
        positions.setdefault(unit.shape, []).append(position)
    return sorted(positions.items())


class Waiting(NamedTuple, Generic[T, R]):
    """An item, who waits for its result, and until when its turn has to come (seconds of the loop's clock)."""

    item: T
    future: asyncio.Future[R]
    until: float


class Batcher(Generic[T, R]):
    """Collects items and has them done together, in turns: while one batch is under way the next one fills."""

    def __init__(self, do: Callable[[Sequence[T]], Awaitable[Sequence[R]]], name: str, *, turns: int = 1) -> None:
        self._do = do
        self._name = name
        self._free = turns  # how many batches may be under way at once
        self._waiting: list[Waiting[T, R]] = []
        self._timer: asyncio.TimerHandle | None = None  # for all who wait: one for each costs as much as half a batch

    async def submit(self, item: T) -> R:
        """Hand over an item and wait for its result; raises what doing it raised.

        Raises DatabaseUnavailable when its turn does not come in time: then nothing was done.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[R] = loop.create_future()
        self._waiting.append(Waiting(item, future, loop.time() + WAIT_SECONDS))
        if self._free:
            self._begin_turn()
        if self._timer is None:
            self._timer = loop.call_later(WAIT_SECONDS, self._give_up)
        return await future

    def _give_up(self) -> None:
        """Let those go whose turn should have come by now, and look again when that of the next one should have."""
        loop, self._timer = asyncio.get_running_loop(), None
        # What is under way is in no list: nobody knows what becomes of it.
        while self._waiting and self._waiting[0].until <= loop.time():
            _fail([self._waiting.pop(0)], DatabaseUnavailable("TimeoutError: what came before is not done"))
        if self._waiting:
            self._timer = loop.call_at(self._waiting[0].until, self._give_up)

    def _begin_turn(self) -> None:
        self._free -= 1
        tasks.spawn(self._turn(), self._name).add_done_callback(self._end_turn)

    async def _turn(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:LARGEST], self._waiting[LARGEST:]
            await self._settle(batch)

    def _end_turn(self, turn: asyncio.Task[None]) -> None:
        # Not in the turn itself: one that was cancelled before it began would never give its place back.
        self._free += 1
        if turn.cancelled():
            self._fail_all(())
        elif self._waiting:  # who came when the turn had looked for the last time
            self._begin_turn()
        elif self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _fail_all(self, batch: Sequence[Waiting[T, R]]) -> None:
        _fail([*batch, *self._waiting], DatabaseUnavailable("the process is ending"))
        self._waiting.clear()

    async def _settle(self, batch: Sequence[Waiting[T, R]]) -> None:
        try:
            results = await self._do([one.item for one in batch])
        except DatabaseUnavailable as error:
            # Nobody knows whether it was done: only what surely was undone may be tried again.
            await self._divide(batch, error, again=isinstance(error, DatabaseConflict))
        except Exception as error:  # noqa: BLE001  whatever it is, whoever waits gets it
            await self._divide(batch, error, again=True)
        except BaseException:
            self._fail_all(batch)
            raise
        else:
            for one, result in zip(batch, results, strict=True):
                if not one.future.done():
                    one.future.set_result(result)

    async def _divide(self, batch: Sequence[Waiting[T, R]], error: Exception, *, again: bool) -> None:
        """One bad item must not fail the others: each is tried by itself."""
        if len(batch) == 1 or not again:
            _fail(batch, error)
            return
        for one in batch:
            await self._settle([one])


def _fail(batch: Sequence[Waiting[T, R]], error: Exception) -> None:
    for one in batch:
        if not one.future.done():
            one.future.set_exception(error)
