"""Two real processes at work on one PostgreSQL, of which one is killed in the middle of a job."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import pairwise

import pytest

from server.kernel import clock, database, ids, outbox
from server.kernel.clock import SECOND
from server.projections import job_facts
from server.settings import Settings

pytestmark = pytest.mark.usefixtures("storage")

ACME = ids.uuid7()
TICK = SECOND
PROCESS = """
import asyncio, sys
from server import app, jobs
from server.jobs import JobKind, Schedule, schedule
from server.kernel import database
from server.kernel.clock import SECOND
from server.settings import load_settings

url, secret, name = sys.argv[1:]
schedule.FIRST_LOOK = schedule.SPREAD = SECOND // 10

async def note(what: str, job: str = "", at: int = 0) -> None:
    sql = "INSERT INTO deed (process, what, job, at) VALUES ($1, $2, $3, $4)"
    await database.execute(sql, name, what, job, at)

async def work(job) -> None:
    await note("begun", str(job.id))
    if job.payload["is_long"] and job.attempt == 1:
        await asyncio.sleep(60)
    await note("done", str(job.id))

async def tick(now: int) -> None:
    await note("tick", at=now)
    await asyncio.sleep(0.1)
    await note("tock")

async def main() -> None:
    settings = load_settings({"LATCHKEY_DATABASE_URL": url, "LATCHKEY_SECRET_KEY": secret})
    async with app.opened(settings):
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        kinds = {"work": JobKind(work, concurrency=2, time_limit=3 * SECOND // 2)}
        async with jobs.running(kinds, schedules=(Schedule("tick", SECOND, tick),)):
            await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture
async def deeds() -> AsyncIterator[None]:
    if not database.is_postgresql():
        pytest.skip("SQLite is served by one process")
    await database.execute("DROP TABLE IF EXISTS deed")
    await database.execute("CREATE TABLE deed (id BIGSERIAL, process TEXT, what TEXT, job TEXT, at BIGINT)")
    yield
    await database.execute("DROP TABLE deed")


@dataclass(frozen=True, slots=True)
class Process:
    """A process that has everything open, and works from when it is told to."""

    process: asyncio.subprocess.Process

    def work(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(b"go\n")

    async def kill(self) -> None:
        with suppress(ProcessLookupError):
            self.process.kill()
        await self.process.communicate()


@asynccontextmanager
async def _process(settings: Settings, name: str) -> AsyncIterator[Process]:
    arguments = (settings.database_url, settings.secret_key, name)
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROCESS, *arguments, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    process = Process(started)
    try:
        assert started.stdout is not None
        assert await asyncio.wait_for(started.stdout.readline(), 60) == b"ready\n"
        yield process
    finally:
        await process.kill()


async def _enqueue(*, is_long: bool = False) -> str:
    return str(await outbox.enqueue("work", {"is_long": is_long}, tenant_id=ACME, now=clock.now()))


async def _deeds(what: str) -> list[tuple[str, str]]:
    found = await database.rows("SELECT process, job FROM deed WHERE what = $1 ORDER BY id", what)
    return [(str(row["process"]), str(row["job"])) for row in found]


async def _until(is_so: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await is_so():  # noqa: ASYNC110 - other processes tell nobody
            await asyncio.sleep(0.02)


async def test_a_killed_process_loses_no_job_and_the_other_does_it_once(deeds: None, opened: Settings) -> None:
    async with _process(opened, "first") as first, _process(opened, "second") as second:
        first.work()
        short = [await _enqueue() for _ in range(10)]
        await _until(_is_empty)
        long = await _enqueue(is_long=True)
        await _until(lambda: _has_begun(long))
        await first.kill()
        second.work()
        short += [await _enqueue() for _ in range(20)]
        await _until(_is_empty)
        await _until(lambda: _has_ticked("second"))
        done = await _deeds("done")
    assert sorted(job for _, job in done) == sorted([long, *short])
    assert [process for process, job in done if job == long] == ["second"]
    assert [process for process, job in await _deeds("begun") if job == long] == ["first", "second"]
    await _check_ticks()


async def _has_begun(job: str) -> bool:
    return ("first", job) in await _deeds("begun")


async def _is_empty() -> bool:
    return (await job_facts()).counts == ()


async def _has_ticked(process: str) -> bool:
    return (process, "") in await _deeds("tick")


async def _check_ticks() -> None:
    """No run began before the one before was over; but for the one that was cut off, none before its time."""
    rows = await database.rows("SELECT what, at FROM deed WHERE what IN ('tick', 'tock') ORDER BY id")
    starts = [database.as_int(row["at"]) for row in rows if row["what"] == "tick"]
    words = " ".join(str(row["what"]) for row in rows)
    assert words.count("tick tick") <= 1
    assert words.count("tock tock") == 0
    too_soon = [later - earlier for earlier, later in pairwise(starts) if later - earlier < TICK]
    assert len(too_soon) <= 1
