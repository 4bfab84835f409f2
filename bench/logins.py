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

    The processor is that of the server's own processes. Each has logged in once before: what a server does for its
    first logins alone (pages are read, statements prepared) is no part of the rate.
    """
    # By the quickest loop there is: what the browsers take of the cores is taken from the server.
    return uvloop.run(_log_in(contender, seconds, people))


async def _log_in(contender: Contender, seconds: float, people: Sequence[str]) -> Rate:
    await asyncio.gather(*(_log_in_once(contender, name) for name in people))
    finished: list[float] = []
    begun, used = time.monotonic(), contender.cpu_seconds()
    await asyncio.gather(*(_log_in_again_and_again(contender, name, begun + seconds, finished) for name in people))
    elapsed = max(finished, default=begun + seconds) - begun
    return Rate(len(finished) / elapsed, (contender.cpu_seconds() - used) / len(finished) * 1000)


async def _log_in_again_and_again(contender: Contender, name: str, deadline: float, finished: list[float]) -> None:
    while time.monotonic() < deadline:
        await _log_in_once(contender, name)
        finished.append(time.monotonic())


async def _log_in_once(contender: Contender, name: str) -> None:
    browser = await Browser.open(contender.port)
    try:
        await browser.flow(contender.authorize, name, PASSWORD)
    finally:
        browser.close()


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
