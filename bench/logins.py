"""Password logins, the whole flow from /authorize to the client, beside what the bare hash allows."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from typing import TYPE_CHECKING

import uvloop
from argon2 import PasswordHasher

from bench.browser import Browser
from bench.contenders import PASSWORD, PEOPLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.contenders import Contender


def flows_per_second(contender: Contender, seconds: float, people: Sequence[str] = PEOPLE) -> float:
    """How often people at a time, each in a new browser, get from /authorize through the login to the client."""
    # By the quickest loop there is: what the browsers take of the cores is taken from the server.
    return uvloop.run(_flows_per_second(contender, seconds, people))


async def _flows_per_second(contender: Contender, seconds: float, people: Sequence[str]) -> float:
    finished: list[float] = []
    begun = time.monotonic()
    await asyncio.gather(*(_log_in_again_and_again(contender, name, begun + seconds, finished) for name in people))
    return len(finished) / (max(finished, default=begun + seconds) - begun)


async def _log_in_again_and_again(contender: Contender, name: str, deadline: float, finished: list[float]) -> None:
    while time.monotonic() < deadline:
        browser = await Browser.open(contender.port)
        try:
            await browser.flow(contender.authorize, name, PASSWORD)
        finally:
            browser.close()
        finished.append(time.monotonic())


def hashes_per_second(seconds: float) -> float:
    """How many verifications the cores manage with nothing beside them, at the parameters that Latchkey uses."""
    hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
    stored = hasher.hash(PASSWORD)
    counts: list[int] = []
    deadline = time.monotonic() + seconds

    def verify_on() -> None:
        done = 0
        while time.monotonic() < deadline:
            hasher.verify(stored, PASSWORD)
            done += 1
        counts.append(done)

    threads = [threading.Thread(target=verify_on) for _ in range(len(os.sched_getaffinity(0)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds
