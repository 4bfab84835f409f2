"""A process at work on the outbox."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from uuid import UUID

import pytest

from server.jobs import JobKind, running, worker
from server.kernel import clock, database, encryption, ids, outbox
from server.kernel.clock import HOUR, SECOND
from server.kernel.database import DatabaseUnavailable
from server.kernel.outbox import Job, JobState
from server.projections import job_facts

pytestmark = pytest.mark.usefixtures("storage")

ACME = ids.uuid7()
Run = Callable[[Job], Awaitable[object]]


@asynccontextmanager
async def _at_work(run: Run, **bounds: int) -> AsyncIterator[None]:
    async with running({"mail": JobKind(run, **bounds)}, schedules=()):
        yield


async def _enqueue(kind: str = "mail", number: int = 0, *, not_before: int | None = None) -> UUID:
    return await outbox.enqueue(kind, {"number": number}, tenant_id=ACME, now=clock.now(), not_before=not_before)


async def _until(is_so: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await is_so():  # noqa: ASYNC110 - nobody says when
            await asyncio.sleep(0.01)


async def _is_empty() -> bool:
    return (await job_facts()).counts == ()


async def _is_dead() -> bool:
    return (await job_facts()).total(JobState.DEAD) == 1


async def _row() -> dict[str, object]:
    (row,) = await database.rows("SELECT state, attempts, due_at, error FROM outbox_job")
    return dict(row)


async def test_jobs_are_done_and_gone() -> None:
    done: list[object] = []

    async def run(job: Job) -> None:
        done.append(job.payload["number"])

    await _enqueue(number=1)
    async with _at_work(run):
        await _until(_is_empty)
        async with database.transaction():
            await _enqueue(number=2)
            assert 2 not in done
        await _until(_is_empty)
    assert done == [1, 2]


async def test_a_new_job_is_noticed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "POLL_SECONDS", 60.0)
    done = asyncio.Event()

    async def run(_: Job) -> None:
        done.set()

    async with _at_work(run):
        await asyncio.sleep(0.05)
        await _enqueue()
        await asyncio.wait_for(done.wait(), 60)


async def test_no_more_than_allowed_run_at_a_time_and_all_are_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "POLL_SECONDS", 60.0)
    at_work, most, done = 0, 0, 0

    async def run(_: Job) -> None:
        nonlocal at_work, most, done
        at_work += 1
        most = max(most, at_work)
        await asyncio.sleep(0.005)
        at_work -= 1
        done += 1

    for number in range(20):
        await _enqueue(number=number)
    async with _at_work(run, concurrency=3):
        await _until(_is_empty)
    assert (most, done) == (3, 20)


async def test_kinds_that_nobody_here_knows_are_left_alone() -> None:
    async def run(_: Job) -> None:
        return

    await _enqueue("unknown")
    await _enqueue("mail")
    async with _at_work(run):
        await _until(lambda: _only("unknown"))
    assert (await _row())["attempts"] == 0


async def _only(kind: str) -> bool:
    return [count.kind for count in (await job_facts()).counts] == [kind]


async def test_a_job_that_fails_is_tried_again_later(capsys: pytest.CaptureFixture[str]) -> None:
    async def run(_: Job) -> None:
        raise ConnectionError("smtp.acme.test refused ada@acme.test")

    job_id, before = await _enqueue(), clock.now()
    async with _at_work(run):
        await _until(lambda: _failed("ConnectionError"))
    row = await _row()
    due_at = row["due_at"]
    assert (row["state"], row["attempts"]) == ("waiting", 1)
    assert isinstance(due_at, int)
    assert before + 2 * SECOND < due_at < clock.now() + 6 * SECOND
    assert str(job_id) in capsys.readouterr().err


async def _failed(error: str) -> bool:
    return (await _row())["error"] == error


async def test_a_job_that_takes_too_long_has_failed() -> None:
    async def run(_: Job) -> None:
        await asyncio.sleep(60)

    await _enqueue()
    async with _at_work(run, time_limit=SECOND // 20):
        await _until(lambda: _failed("TimeoutError"))
    assert (await _row())["state"] == "waiting"


async def test_the_last_attempt_makes_a_dead_letter_which_can_be_tried_again() -> None:
    is_well = False

    async def run(_: Job) -> None:
        if not is_well:
            raise LookupError

    job_id = await _enqueue()
    async with _at_work(run, max_attempts=1):
        await _until(_is_dead)
        assert await _row() == {"state": "dead", "attempts": 1, "due_at": None, "error": "LookupError"}
        is_well = True
        assert await outbox.revive(ACME, job_id, clock.now())
        await _until(_is_empty)


async def test_a_job_that_ends_every_process_that_tries_it_is_given_up() -> None:
    tried: list[Job] = []

    async def run(job: Job) -> None:
        tried.append(job)

    await _enqueue()
    for _ in range(2):
        await outbox.claim_due("mail", 1, now=clock.now() + HOUR, leased_until=clock.now() - 1)
    async with _at_work(run, max_attempts=2):
        await _until(_is_dead)
    assert (await _row())["error"] == "LeaseExpired"
    assert tried == []


async def test_a_payload_that_does_not_open_is_a_failure_like_any_other() -> None:
    async def run(_: Job) -> None:
        raise AssertionError("what cannot be read cannot be done")

    job_id = await _enqueue()
    sealed = encryption.seal(outbox.PURPOSE, ids.uuid7(), job_id, b"{}")
    await database.execute("UPDATE outbox_job SET sealed_payload = $1", sealed)
    async with _at_work(run):
        await _until(lambda: _failed("Unsealable"))


async def test_at_the_end_what_runs_is_finished() -> None:
    begun = asyncio.Event()

    async def run(_: Job) -> None:
        begun.set()
        await asyncio.sleep(0.1)

    await _enqueue()
    async with _at_work(run):
        await begun.wait()
    assert await _is_empty()


async def test_at_the_end_what_takes_too_long_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "GRACE_SECONDS", 0.1)
    begun = asyncio.Event()

    async def run(_: Job) -> None:
        begun.set()
        await asyncio.sleep(60)

    await _enqueue()
    async with _at_work(run):
        await begun.wait()
    row = await _row()
    assert (row["state"], row["attempts"]) == ("waiting", 0)
    assert await outbox.is_any_due(clock.now())


async def test_a_database_that_is_away_for_a_moment_stops_nobody(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(worker, "POLL_SECONDS", 0.02)
    opened = database._database
    done = asyncio.Event()

    async def run(_: Job) -> None:
        done.set()

    await _enqueue(not_before=clock.now() + SECOND // 5)
    async with _at_work(run):
        monkeypatch.setattr(database, "_database", None)
        with pytest.raises(DatabaseUnavailable):
            database.database()
        async with asyncio.timeout(60):
            while "outbox could not be looked at" not in capsys.readouterr().err:  # noqa: ASYNC110 - nobody says when
                await asyncio.sleep(0.02)
        monkeypatch.setattr(database, "_database", opened)
        await asyncio.wait_for(done.wait(), 60)


async def test_without_kinds_nothing_is_asked() -> None:
    await _enqueue()
    with database.query_count() as count:
        async with running({}, schedules=()):
            await asyncio.sleep(0.02)
    assert count.total == 0
