"""`latchkey jobs`: what was given up is listed and tried again."""

from __future__ import annotations

from uuid import UUID

from server import tenants
from server.kernel import clock, database, ids
from server.kernel.clock import SECOND
from tests.support.processes import Installation

# No worker knows how to do it, so that it stays where it is once it is tried again.
KIND = "a-kind-of-tomorrow"
DEAD = """
INSERT INTO outbox_job (id, tenant_id, kind, sealed_payload, state, attempts, error, created_at, changed_at)
VALUES ($1, $2, $3, '', 'dead', 12, 'ConnectionError', $4, $5)
"""


async def give_up(installation: Installation, total: int) -> list[UUID]:
    """Dead letters of `acme`, the oldest first."""
    job_ids = [ids.uuid7() for _ in range(total)]
    await database.open_database(installation.database_url)
    try:
        acme = await tenants.find_by_slug("acme", "http://127.0.0.1")
        assert acme is not None
        for job_id in job_ids:
            await database.execute(DEAD, job_id, acme.id, KIND, clock.now(), 1_767_225_600 * SECOND)
    finally:
        await database.close_database()
    return job_ids


async def test_dead_letters_are_listed_and_tried_again(installation: Installation) -> None:
    first, second = await give_up(installation, 2)
    lines = [line for line in installation.run("jobs", "dead").splitlines() if KIND in line]
    assert [line.split()[0] for line in lines] == [str(second), str(first)]
    assert lines[0].split()[1:] == ["2026-01-01T00:00:00Z", "acme", KIND, "12", "ConnectionError"]
    done = installation.attempt("jobs", "retry", str(first))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "1 will be tried again.\n")
    mixed = installation.attempt("jobs", "retry", str(first), str(second))
    assert (mixed.returncode, mixed.stdout) == (1, "")
    assert mixed.stderr == f"Error: 1 will be tried again; nothing was given up as {first}\n"
    assert KIND not in installation.run("jobs", "dead")
    assert "job.revived" in installation.run("audit", "export", "system", "--event", "job.revived")
    assert "Usage:" in installation.attempt("jobs", "retry").stderr
