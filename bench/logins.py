"""Password logins, the whole flow from /authorize to the client, beside what the bare hash allows."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import uvloop
from argon2 import PasswordHasher

from bench.browser import Browser
from bench.contenders import PASSWORD, PEOPLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.contenders import Contender


@dataclass(frozen=True, slots=True)
class Rate:
    """How often something was done, and the milliseconds of processor that it took each time."""

    per_second: float
    milliseconds: float


def flows(contender: Contender, seconds: float, people: Sequence[str] = PEOPLE) -> Rate:
    """How often people at a time, each in a new browser, get from /authorize through the login to the client.

    The processor is that of the server's own processes.
    """
    used = contender.cpu_seconds()
    # By the quickest loop there is: what the browsers take of the cores is taken from the server.
    finished, elapsed = uvloop.run(_log_in(contender, seconds, people))
    return Rate(finished / elapsed, (contender.cpu_seconds() - used) / finished * 1000)


async def _log_in(contender: Contender, seconds: float, people: Sequence[str]) -> tuple[int, float]:
    finished: list[float] = []
    begun = time.monotonic()
    await asyncio.gather(*(_log_in_again_and_again(contender, name, begun + seconds, finished) for name in people))
    return len(finished), max(finished, default=begun + seconds) - begun


async def _log_in_again_and_again(contender: Contender, name: str, deadline: float, finished: list[float]) -> None:
    while time.monotonic() < deadline:
        browser = await Browser.open(contender.port)
        try:
            await browser.flow(contender.authorize, name, PASSWORD)
        finally:
            browser.close()
        finished.append(time.monotonic())


def hashes(seconds: float) -> Rate:
    """How many verifications the cores manage with nothing beside them, at the parameters that Latchkey uses."""
    hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
    stored = hasher.hash(PASSWORD)
    counts: list[int] = []
    begun, used = time.monotonic(), time.process_time()

    def verify_on() -> None:
        done = 0
        while time.monotonic() < begun + seconds:
            hasher.verify(stored, PASSWORD)
            done += 1
        counts.append(done)

    threads = [threading.Thread(target=verify_on) for _ in range(len(os.sched_getaffinity(0)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done, elapsed = sum(counts), time.monotonic() - begun
    return Rate(done / elapsed, (time.process_time() - used) / done * 1000)
