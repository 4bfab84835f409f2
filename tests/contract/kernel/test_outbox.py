"""The outbox: promised with the transaction, done at least once, kept when it cannot be done."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from uuid import UUID

import pytest

from server.kernel import database, encryption, ids, outbox
from server.kernel.clock import DAY, HOUR, MINUTE, SECOND
from server.kernel.outbox import Claim, JobState
from server.projections import job_facts
from tests.support.statements import plan_of, settle

pytestmark = pytest.mark.usefixtures("storage")

NOW = 1_900_000_000 * SECOND
ACME = ids.uuid7()
MAIL = {"to": "lovelace@acme.test", "link": "https://acme.test/reset/7d1f"}


async def _enqueue(kind: str = "mail", *, now: int = NOW, not_before: int | None = None) -> UUID:
    return await outbox.enqueue(kind, MAIL, tenant_id=ACME, now=now, not_before=not_before)


async def _claim(kind: str = "mail", *, limit: int = 10, now: int = NOW, lease: int = MINUTE) -> list[Claim]:
    return await outbox.claim_due(kind, limit, now=now, leased_until=now + lease)


async def _one(*, now: int = NOW) -> Claim:
    (claim,) = await _claim(now=now)
    return claim


async def _state_of(job_id: UUID) -> object:
    row = await database.row("SELECT state FROM outbox_job WHERE id = $1", job_id)
    return row and row["state"]


async def test_a_job_is_claimed_done_and_gone() -> None:
    job_id = await _enqueue()
    claim = await _one()
    job = outbox.read_job(claim)
    assert (job.id, job.tenant_id, job.kind, job.payload, job.attempt) == (job_id, ACME, "mail", MAIL, 1)
    assert await _claim() == []
    assert await outbox.complete(claim)
    assert await _state_of(job_id) is None


async def test_what_a_job_says_is_not_stored_in_the_clear() -> None:
    await _enqueue()
    row = await database.row("SELECT * FROM outbox_job")
    assert row is not None
    assert not any("lovelace" in str(value) or "reset" in str(value) for value in row.values())
    assert "lovelace" not in repr(outbox.read_job(await _one()))


async def test_a_job_of_a_transaction_that_is_undone_was_never_promised() -> None:
    told: list[bool] = []
    listener = lambda: told.append(True)  # noqa: E731 - it has to be the same one twice
    outbox.listen(listener)
    with suppress(LookupError):
        async with database.transaction():
            await _enqueue()
            raise LookupError
    assert (await _claim(), told) == ([], [])
    async with database.transaction():
        await _enqueue()
        assert told == []
    assert (len(await _claim()), told) == (1, [True])
    outbox.stop_listening(listener)
    await _enqueue()
    assert told == [True]


async def test_nothing_is_due_before_its_time() -> None:
    assert not await outbox.is_any_due(NOW)
    await _enqueue(not_before=NOW + HOUR)
    assert not await outbox.is_any_due(NOW + HOUR - 1)
    assert await _claim(now=NOW + HOUR - 1) == []
    assert await outbox.is_any_due(NOW + HOUR)
    assert len(await _claim(now=NOW + HOUR)) == 1


async def test_the_longest_due_of_a_kind_come_first_and_no_more_than_asked_for() -> None:
    late, early = await _enqueue(not_before=NOW - 1), await _enqueue(not_before=NOW - 2)
    await _enqueue("hook", not_before=NOW - 3)
    assert [claim.id for claim in await _claim(limit=1)] == [early]
    assert [claim.id for claim in await _claim(limit=5)] == [late]


async def test_no_two_get_the_same_job() -> None:
    wanted = {await _enqueue() for _ in range(40)}
    claims = await asyncio.gather(*(_claim(limit=5) for _ in range(10)))
    got = [claim.id for each in claims for claim in each]
    # On PostgreSQL one may look away from what another is just taking, and find it at the next look.
    got += [claim.id for claim in await _claim(limit=40)]
    assert len(got) == 40
    assert set(got) == wanted


async def test_a_lease_that_ran_out_makes_a_job_anybodys_and_the_first_one_is_too_late() -> None:
    job_id = await _enqueue()
    first = await _one()
    assert await _claim(now=NOW + MINUTE - 1) == []
    second = await _one(now=NOW + MINUTE)
    assert (second.id, second.attempts) == (job_id, 2)
    assert not await outbox.complete(first)
    assert not await outbox.retry_at(first, NOW, error="LookupError", now=NOW)
    assert not await outbox.give_up(first, error="LookupError", now=NOW)
    assert not await outbox.release(first, NOW)
    assert await _state_of(job_id) == JobState.RUNNING
    assert await outbox.complete(second)


async def test_a_job_that_failed_waits_and_says_why() -> None:
    await _enqueue()
    assert await outbox.retry_at(await _one(), NOW + HOUR, error="ConnectionError", now=NOW)
    assert await database.rows("SELECT state, error FROM outbox_job") == [
        {"state": "waiting", "error": "ConnectionError"}
    ]
    assert await _claim(now=NOW + HOUR - 1) == []
    assert (await _one(now=NOW + HOUR)).attempts == 2


async def test_a_job_that_was_given_back_was_not_tried() -> None:
    await _enqueue()
    assert await outbox.release(await _one(), NOW)
    assert (await _one()).attempts == 1


async def test_a_dead_letter_stays_until_somebody_has_it_tried_again() -> None:
    job_id = await _enqueue()
    assert not await outbox.revive(ACME, job_id, NOW)
    assert await outbox.give_up(await _one(), error="LookupError", now=NOW)
    assert await _claim(now=NOW + 400 * DAY) == []
    assert not await outbox.is_any_due(NOW + 400 * DAY)
    assert not await outbox.revive(ids.uuid7(), job_id, NOW)
    assert await outbox.revive(ACME, job_id, NOW + DAY)
    assert (await _one(now=NOW + DAY)).attempts == 1


async def test_the_facts_count_by_kind_and_state() -> None:
    for kind in ("mail", "mail", "hook"):
        await _enqueue(kind)
    await outbox.give_up((await _claim("hook"))[0], error="LookupError", now=NOW)
    await _claim(limit=1)
    await _enqueue(now=NOW + 5)
    facts = await job_facts()
    found = [(count.kind, count.state, count.total, count.oldest_created_at) for count in facts.counts]
    assert found == [
        ("hook", JobState.DEAD, 1, NOW),
        ("mail", JobState.RUNNING, 1, NOW),
        ("mail", JobState.WAITING, 2, NOW),
    ]
    assert facts.total(JobState.WAITING) == 2


async def test_what_a_clock_that_was_ahead_has_put_off_is_brought_forward() -> None:
    ahead = NOW + 3 * HOUR
    waiting = await _enqueue("hook", now=ahead, not_before=ahead + 10)
    running = await _enqueue(now=ahead)
    await _claim(now=ahead)
    fine = await _enqueue("other", not_before=NOW + DAY)
    assert await outbox.correct_clock(NOW, MINUTE) == 2
    due = {database.as_uuid(row["id"]): row["due_at"] for row in await database.rows("SELECT * FROM outbox_job")}
    assert due == {waiting: NOW + 10, running: NOW + MINUTE, fine: NOW + DAY}
    assert await outbox.correct_clock(NOW, MINUTE) == 0


async def test_a_dead_letter_has_no_time_to_correct() -> None:
    await _enqueue(now=NOW + DAY)
    await outbox.give_up(await _one(now=NOW + DAY), error="LookupError", now=NOW + DAY)
    assert await outbox.correct_clock(NOW, MINUTE) == 1
    assert not await outbox.is_any_due(NOW + 400 * DAY)


async def test_jobs_come_over_to_a_new_master_secret() -> None:
    former, current = "a master secret that only tests know", "another master secret that only tests know"
    await _enqueue()
    try:
        encryption.open_master_secrets(current, former)
        await _enqueue("hook")
        assert await outbox.rewrap() == 1
        assert await outbox.rewrap() == 0
        encryption.open_master_secrets(current)
        assert outbox.read_job(await _one()).payload == MAIL
        encryption.open_master_secrets(former)
        with pytest.raises(encryption.Unsealable):
            outbox.read_job((await _claim("hook"))[0])
    finally:
        encryption.open_master_secrets(former)


async def test_a_payload_is_an_object() -> None:
    job_id = await _enqueue()
    sealed = encryption.seal(outbox.PURPOSE, ACME, job_id, b"[]")
    await database.execute("UPDATE outbox_job SET sealed_payload = $1", sealed)
    with pytest.raises(TypeError):
        outbox.read_job(await _one())


async def test_each_step_is_one_statement() -> None:
    with database.query_count() as count:
        await _enqueue()
        claim = await _one()
        await outbox.complete(claim)
    assert count.total == 3


async def test_claims_find_their_way_by_an_index() -> None:
    if not database.is_postgresql():
        pytest.skip("the planner that matters under load is PostgreSQL's")
    columns = "id, tenant_id, kind, sealed_payload, state, attempts, due_at, created_at, changed_at"
    await database.execute(
        f"INSERT INTO outbox_job ({columns}) SELECT gen_random_uuid(), $1, 'mail', '', 'waiting', 0, n, n, n"  # noqa: S608 - columns
        " FROM generate_series(1, 5000) AS n",
        ACME,
    )
    await settle("outbox_job")
    for sql, arguments in (
        (outbox._CLAIM_ON_POSTGRESQL, ("mail", 10, 5, 10)),
        (outbox._IS_ANY_DUE, (10,)),
    ):
        plan = await plan_of(sql, *arguments)
        assert "Index" in plan
        assert "due_at" in plan
        assert "Seq Scan on outbox_job" not in plan
