"""What is done at its times: once, by one process, however often it restarts and whatever its clock does."""

from __future__ import annotations

import asyncio

import pytest

from server.jobs import SCHEDULES, Schedule, running, schedule
from server.jobs.schedule import run_if_due
from server.kernel import clock, database, schedule_runs
from server.kernel.alone import _LOCK, LOCK_SPACE, _number
from server.kernel.clock import HOUR, MINUTE, SECOND
from server.kernel.postgresql import PostgresqlDatabase
from server.projections import job_facts

pytestmark = pytest.mark.usefixtures("storage")

NOW = 1_900_000_000 * SECOND


class Clock:
    """The machine's clock, as somebody sets it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(clock, "now", made)
    return made


class Diary:
    """A schedule's work: it notes when it was done."""

    def __init__(self) -> None:
        self.runs: list[int] = []
        self.fails = False

    async def __call__(self, now: int) -> None:
        self.runs.append(now)
        if self.fails:
            raise LookupError


@pytest.fixture
def diary() -> Diary:
    return Diary()


async def test_a_schedule_runs_when_its_time_has_come(wall: Clock, diary: Diary) -> None:
    hourly = Schedule("sweep", HOUR, diary)
    assert await run_if_due(hourly)
    assert not await run_if_due(hourly)
    wall.now += HOUR - 1
    assert not await run_if_due(hourly)
    wall.now += 1
    assert await run_if_due(hourly)
    assert diary.runs == [NOW, NOW + HOUR]


async def test_of_many_who_look_one_runs_it(wall: Clock, diary: Diary) -> None:
    assert sorted(await asyncio.gather(*(run_if_due(Schedule("sweep", HOUR, diary)) for _ in range(5)))) == [
        False, False, False, False, True,
    ]  # fmt: skip
    assert diary.runs == [NOW]


async def test_who_gets_the_lock_too_late_looks_again(
    wall: Clock, diary: Diary, monkeypatch: pytest.MonkeyPatch
) -> None:
    find_last_start, looks = schedule_runs.find_last_start, 0

    async def look(name: str) -> int | None:
        nonlocal looks
        looks += 1
        if looks == 2:  # between our look and our lock another process was here
            await schedule_runs.note("sweep", started_at=NOW, finished_at=NOW, error=None)
        return await find_last_start(name)

    monkeypatch.setattr(schedule_runs, "find_last_start", look)
    assert not await run_if_due(Schedule("sweep", HOUR, diary))
    assert diary.runs == []


async def test_while_another_process_runs_it_nobody_else_does(wall: Clock, diary: Diary) -> None:
    opened = database.database()
    if not isinstance(opened, PostgresqlDatabase):
        pytest.skip("SQLite is served by one process")
    elsewhere = await opened.connect()
    assert await elsewhere.fetchval(_LOCK, LOCK_SPACE, _number("schedule:sweep"))
    assert not await run_if_due(Schedule("sweep", HOUR, diary))
    # Not by hanging up: PostgreSQL gives the lock back in its own time then.
    await elsewhere.execute("SELECT pg_advisory_unlock_all()")
    elsewhere.terminate()


async def test_a_run_that_failed_is_noted_and_comes_again_in_its_time(
    wall: Clock, diary: Diary, capsys: pytest.CaptureFixture[str]
) -> None:
    hourly = Schedule("sweep", HOUR, diary)
    diary.fails = True
    assert await run_if_due(hourly)
    (run,) = (await job_facts()).runs
    assert (run.name, run.started_at, run.finished_at, run.error) == ("sweep", NOW, NOW, "LookupError")
    assert "schedule failed" in capsys.readouterr().err
    assert not await run_if_due(hourly)
    wall.now += HOUR
    diary.fails = False
    assert await run_if_due(hourly)
    assert [run.error for run in (await job_facts()).runs] == [None]


async def test_a_run_that_was_cut_off_comes_again_at_once(wall: Clock, diary: Diary) -> None:
    begun = asyncio.Event()

    async def hang(_: int) -> None:
        begun.set()
        await asyncio.sleep(60)

    cut_off = asyncio.create_task(run_if_due(Schedule("sweep", HOUR, hang)))
    await begun.wait()
    cut_off.cancel()
    await asyncio.wait([cut_off])
    assert await run_if_due(Schedule("sweep", HOUR, diary))


async def test_a_clock_that_jumps_ahead_and_back_skips_nothing_and_does_little_twice(wall: Clock, diary: Diary) -> None:
    hourly = Schedule("sweep", HOUR, diary)
    await run_if_due(hourly)
    wall.now = NOW + 24 * HOUR
    assert [await run_if_due(hourly) for _ in range(3)] == [True, False, False]
    wall.now = NOW + MINUTE
    assert [await run_if_due(hourly) for _ in range(3)] == [True, False, False]
    wall.now += HOUR
    assert await run_if_due(hourly)


@pytest.fixture
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "FIRST_LOOK", 0)
    monkeypatch.setattr(schedule, "LOOK_EVERY", SECOND // 50)
    monkeypatch.setattr(schedule, "SPREAD", 1)


@pytest.mark.usefixtures("_in_a_hurry")
async def test_schedules_are_kept_while_the_process_serves(diary: Diary) -> None:
    now, seldom = clock.now(), Diary()
    await schedule_runs.note("later", started_at=now, finished_at=now, error=None)
    schedules = (
        Schedule("often", SECOND // 50, diary),
        Schedule("once", HOUR, seldom),
        Schedule("later", HOUR, seldom),
    )
    async with running({}, schedules=schedules):
        async with asyncio.timeout(60):
            while len(diary.runs) < 5:  # noqa: ASYNC110 - nobody says when
                await asyncio.sleep(0.01)
    seen = len(diary.runs)
    await asyncio.sleep(0.1)
    assert len(diary.runs) == seen
    assert len(seldom.runs) == 1
    assert [run.name for run in (await job_facts()).runs] == ["later", "often", "once"]


@pytest.mark.usefixtures("_in_a_hurry")
async def test_a_database_that_is_away_ends_no_schedule(
    diary: Diary, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = database._database
    monkeypatch.setattr(database, "_database", None)
    async with running({}, schedules=(Schedule("often", SECOND, diary),)):
        await asyncio.sleep(0.1)
        assert diary.runs == []
        monkeypatch.setattr(database, "_database", opened)
        async with asyncio.timeout(60):
            while not diary.runs:  # noqa: ASYNC110 - nobody says when
                await asyncio.sleep(0.01)
    assert "schedule could not be looked at" in capsys.readouterr().err


async def test_what_every_installation_does_runs_without_a_fault(wall: Clock) -> None:
    assert [await run_if_due(each) for each in SCHEDULES] == [True] * len(SCHEDULES)
    assert [(run.name, run.error) for run in (await job_facts()).runs] == [
        ("audit-retention", None), ("audit-seal", None), ("client-documents", None), ("clients", None), ("keys", None),
        ("outbox", None), ("statistics", None), ("sweep", None),
    ]  # fmt: skip
