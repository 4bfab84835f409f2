"""Work in the background: kept until it is done, logged when it fails, stopped together."""

from __future__ import annotations

import asyncio
from contextvars import Context
from typing import TYPE_CHECKING, TypeVar

from .clock import SECOND
from .logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Sequence

    from .clock import Duration

T = TypeVar("T")
R = TypeVar("R")

log = get_logger(__name__)
_tasks: set[asyncio.Task[None]] = set()


def spawn(coroutine: Coroutine[object, object, None], name: str) -> asyncio.Task[None]:
    """Run a coroutine beside everything else; a failure is logged. It shares nobody's transaction."""
    task = asyncio.create_task(_logged(coroutine, name), name=name, context=Context())
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
    # One that was cancelled before it began has never awaited it, which would be told as a mistake.
    task.add_done_callback(lambda _: coroutine.close())
    return task


def every(period: Duration, function: Callable[[], Awaitable[object]], name: str) -> asyncio.Task[None]:
    """Call a function again and again, `period` microseconds after it has ended; failures are logged."""

    async def repeat() -> None:
        while True:
            await asyncio.sleep(period / SECOND)
            try:
                await function()
            except Exception:
                log.exception("background work failed", task=name)

    return spawn(repeat(), name)


async def for_each(function: Callable[[T], Awaitable[R]], items: Sequence[T], at_once: int) -> list[R]:
    """The results for items, in their order, of which so many are worked on at a time; raises what one raised.

    What is done for thousands in the background must not stand before those who wait for an answer.
    """
    results: list[R] = []
    for first in range(0, len(items), at_once):
        results += await asyncio.gather(*map(function, items[first : first + at_once]))
    return results


async def stop_all() -> None:
    """Cancel what is running and wait for its end."""
    running = [task for task in _tasks if task is not asyncio.current_task()]
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


async def _logged(coroutine: Coroutine[object, object, None], name: str) -> None:
    try:
        await coroutine
    except Exception:
        log.exception("background task failed", task=name)
