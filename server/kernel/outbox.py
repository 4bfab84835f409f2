"""The outbox: work that is promised in the transaction in which it arises, and done when that has been committed.

At least once: a job is over when its row is gone, so whoever dies between doing it and saying so has it done again.
What a job does must bear that, by the job's id where nothing else tells the first time from the second. A job is
worked on under a lease; when that runs out, the process is taken for dead and the job is anybody's again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from . import database, encryption, ids
from .batches import Statement
from .json import dump_json, load_json
from .resealing import reseal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from .clock import Duration, Instant
    from .json import JsonValue
    from .rows import Row

PURPOSE = "outbox-job"


class JobState(StrEnum):
    """What is known of a job that is not over."""

    WAITING = "waiting"
    RUNNING = "running"
    DEAD = "dead"  # given up; kept until somebody has it tried again


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it is done."""

    id: UUID
    tenant_id: UUID
    kind: str
    payload: Mapping[str, JsonValue] = field(repr=False)
    attempt: int  # 1 for the first


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that is ours while its lease lasts. The number of its attempts tells an old lease from a new one."""

    id: UUID
    tenant_id: UUID
    kind: str
    sealed_payload: str = field(repr=False)
    attempts: int  # this one included


_INSERT = """
INSERT INTO outbox_job (id, tenant_id, kind, sealed_payload, state, attempts, due_at, created_at, changed_at)
VALUES ($1, $2, $3, $4, 'waiting', 0, $5, $6, $6)
"""
_IS_ANY_DUE = "SELECT 1 AS found FROM outbox_job WHERE due_at <= $1 LIMIT 1"
_DUE = "SELECT id FROM outbox_job WHERE kind = $1 AND due_at <= $2 ORDER BY due_at, id LIMIT $3"
_CLAIM = """
UPDATE outbox_job SET state = 'running', attempts = attempts + 1, due_at = $4, changed_at = $2
WHERE id IN (SELECT id FROM due) RETURNING id, tenant_id, kind, sealed_payload, attempts
"""
# PostgreSQL runs a WITH that locks exactly once, so LIMIT means what it says.
_CLAIM_ON_POSTGRESQL = f"WITH due AS ({_DUE} FOR UPDATE SKIP LOCKED) {_CLAIM}"
_CLAIM_ON_SQLITE = f"WITH due AS ({_DUE}) {_CLAIM}"
_COMPLETE = "DELETE FROM outbox_job WHERE id = $1 AND attempts = $2 AND state = 'running'"
_SETTLE = """
UPDATE outbox_job SET state = $3, due_at = $4, attempts = $5, error = $6, changed_at = $7
WHERE id = $1 AND attempts = $2 AND state = 'running'
"""
_REVIVE = """
UPDATE outbox_job SET state = 'waiting', attempts = 0, due_at = $3, changed_at = $3
WHERE tenant_id = $1 AND id = $2 AND state = 'dead'
"""
_CORRECT = """
UPDATE outbox_job SET due_at = due_at - (changed_at - $1), changed_at = $1 WHERE changed_at > $2
"""
_SEALED = "SELECT tenant_id, id, sealed_payload AS sealed FROM outbox_job"
_RESEAL = "UPDATE outbox_job SET sealed_payload = $4 WHERE tenant_id = $1 AND id = $2 AND sealed_payload = $3"

_listeners: set[Callable[[], None]] = set()


async def enqueue(
    kind: str, payload: Mapping[str, JsonValue], *, tenant_id: UUID, now: Instant, not_before: Instant | None = None
) -> UUID:
    """Promise a job; its id. In a transaction it is promised when that commits, and never when it does not.

    The payload is sealed, since it often holds what only its receiver may know.
    """
    job_id, row = job_row(kind, payload, tenant_id=tenant_id, now=now, not_before=not_before)
    await database.execute(row.sql, *row.arguments)
    database.after_commit(tell)
    return job_id


def job_row(
    kind: str, payload: Mapping[str, JsonValue], *, tenant_id: UUID, now: Instant, not_before: Instant | None = None
) -> tuple[UUID, Statement]:
    """The id of a job, and the row that promises it, to be written with others; then `tell`."""
    job_id = ids.uuid7()
    sealed = encryption.seal(PURPOSE, tenant_id, job_id, dump_json(payload).encode())
    due_at = now if not_before is None else not_before
    return job_id, Statement(_INSERT, (job_id, tenant_id, kind, sealed, due_at, now))


def tell() -> None:
    """Let this process look for jobs at once."""
    for listener in tuple(_listeners):
        listener()


def listen(listener: Callable[[], None]) -> None:
    """Call this whenever a job was enqueued in this process; other processes' jobs must be looked for."""
    _listeners.add(listener)


def stop_listening(listener: Callable[[], None]) -> None:
    """Call it no more."""
    _listeners.discard(listener)


async def is_any_due(now: Instant) -> bool:
    """Whether there is anything to do: one look at an index."""
    return await database.row(_IS_ANY_DUE, now) is not None


async def claim_due(kind: str, limit: int, *, now: Instant, leased_until: Instant) -> list[Claim]:
    """Take the longest due jobs of a kind, those whose lease ran out included; nobody else gets them meanwhile."""
    sql = _CLAIM_ON_POSTGRESQL if database.is_postgresql() else _CLAIM_ON_SQLITE
    return [_claim(row) for row in await database.rows(sql, kind, now, limit, leased_until)]


def read_job(claim: Claim) -> Job:
    """The job with its payload; raises Unsealable."""
    payload = load_json(encryption.unseal(PURPOSE, claim.tenant_id, claim.id, claim.sealed_payload))
    if not isinstance(payload, dict):
        raise TypeError("a payload is an object")
    return Job(claim.id, claim.tenant_id, claim.kind, payload, claim.attempts)


async def complete(claim: Claim) -> bool:
    """Let a job be over; false when the lease was lost to somebody else."""
    return await database.execute(_COMPLETE, claim.id, claim.attempts) == 1


async def retry_at(claim: Claim, due_at: Instant, *, error: str, now: Instant) -> bool:
    """Have a job that failed done again, not before an instant; false when the lease was lost."""
    return await _settle(claim, JobState.WAITING, due_at=due_at, attempts=claim.attempts, error=error, now=now)


async def release(claim: Claim, now: Instant) -> bool:
    """Give back a job that was not finished, as if it had not been tried; false when the lease was lost."""
    return await _settle(claim, JobState.WAITING, due_at=now, attempts=claim.attempts - 1, error=None, now=now)


async def give_up(claim: Claim, *, error: str, now: Instant) -> bool:
    """Keep a job as a dead letter; false when the lease was lost."""
    return await _settle(claim, JobState.DEAD, due_at=None, attempts=claim.attempts, error=error, now=now)


async def revive(tenant_id: UUID, job_id: UUID, now: Instant) -> bool:
    """Have a dead letter tried again, from the first attempt on; false when it is none."""
    is_revived = await database.execute(_REVIVE, tenant_id, job_id, now) == 1
    database.after_commit(tell)
    return is_revived


async def correct_clock(now: Instant, tolerance: Duration) -> int:
    """Bring forward what was written by a clock that was ahead by more than `tolerance`; how many jobs that was.

    Their leases and delays were meant to last so long from then; by a clock that was set back they would last longer.
    """
    return await database.execute(_CORRECT, now, now + tolerance)


async def rewrap() -> int:
    """Seal again what is sealed under the former master secret; how many jobs that was."""
    return await reseal(PURPOSE, _SEALED, _RESEAL)


async def _settle(
    claim: Claim, state: JobState, *, due_at: Instant | None, attempts: int, error: str | None, now: Instant
) -> bool:
    arguments = (claim.id, claim.attempts, state.value, due_at, attempts, error, now)
    return await database.execute(_SETTLE, *arguments) == 1


def _claim(row: Row) -> Claim:
    return Claim(
        id=database.as_uuid(row["id"]),
        tenant_id=database.as_uuid(row["tenant_id"]),
        kind=str(row["kind"]),
        sealed_payload=str(row["sealed_payload"]),
        attempts=database.as_int(row["attempts"]),
    )
