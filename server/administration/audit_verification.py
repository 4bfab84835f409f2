"""Verifying a tenant's chain on demand: a job, normally one at a time for each tenant, says how far it is."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server import audit
from server.audit import Actor, ActorKind, BrokenChain, ForeignCheckpoint
from server.kernel import clock, outbox, progress
from server.kernel.clock import DAY, MINUTE

from .authorise import Permission, check_permitted

if TYPE_CHECKING:
    from uuid import UUID

    from server.kernel.clock import Instant
    from server.kernel.json import JsonValue
    from server.kernel.outbox import Job
    from server.kernel.progress import Progress, Report
    from server.tenants import Tenant

    from .authorise import Operator

# The job that verifies, and how long it may take.
VERIFICATION = "audit.verify"
TIME_LIMIT = 30 * MINUTE
KEPT_FOR = 7 * DAY  # the result
_LOOK_EVERY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Verification:
    """How a verification went or goes: `outcome` is None while it does, else holds, broken, foreign or failed."""

    progress: Progress
    outcome: str | None = None
    why: str = ""


async def begin(operator: Operator, tenant: Tenant, exported: str | None, now: Instant) -> bool:
    """Have the chain verified, against a checkpoint that was kept elsewhere too; false while that is under way."""
    check_permitted(operator, Permission.READ, tenant.id)
    last = await progress.find(_key(tenant.id))
    if last is not None and last.is_under_way(now):
        return False
    await progress.Report(_key(tenant.id), KEPT_FOR, now).begin()
    payload = {"exported": exported, "kind": operator.actor.kind.value, "id": operator.actor.id}
    await outbox.enqueue(VERIFICATION, payload, tenant_id=tenant.id, now=now)
    return True


async def find(operator: Operator, tenant: Tenant) -> Verification | None:
    """The last verification that was asked for, for some days; raises NotPermitted."""
    check_permitted(operator, Permission.READ, tenant.id)
    last = await progress.find(_key(tenant.id))
    if last is None:
        return None
    said = last.result if isinstance(last.result, dict) else {}
    return Verification(last, **{name: str(value) for name, value in said.items()})


async def run(job: Job) -> None:
    """Do the job of kind VERIFICATION."""
    exported, actor_id = job.payload["exported"], job.payload["id"]
    actor = Actor(ActorKind(str(job.payload["kind"])), None if actor_id is None else str(actor_id))
    await _verify(job.tenant_id, None if exported is None else str(exported), actor)


async def _verify(tenant_id: UUID, exported: str | None, actor: Actor) -> None:
    report = progress.Report(_key(tenant_id), KEPT_FOR, clock.now())
    reached = (0, 0)

    def reach(done: int, total: int) -> None:
        nonlocal reached
        reached = (done, total)

    work = asyncio.ensure_future(audit.verify(tenant_id, exported, reach))
    try:
        while not work.done():
            await report.reach(*reached)
            await asyncio.wait([work], timeout=_LOOK_EVERY_SECONDS)
        await report.end(await _outcome(tenant_id, work, actor, report))
    except Exception as error:
        await report.end({"outcome": "failed", "why": type(error).__name__})
        raise
    finally:
        work.cancel()


async def _outcome(
    tenant_id: UUID, work: asyncio.Future[audit.Verified], actor: Actor, report: Report
) -> dict[str, JsonValue]:
    """What came of it, audited but for a checkpoint of another chain; raises what else went wrong."""
    event: audit.Event
    try:
        held = work.result()
    except ForeignCheckpoint as error:
        return {"outcome": "foreign", "why": str(error)}
    except BrokenChain as error:
        said: dict[str, JsonValue] = {"outcome": "broken", "why": str(error)}
        event = audit.AuditChainBroken(str(error))
    else:
        await report.reach(held.events, held.events)
        said = {"outcome": "holds"}
        event = audit.AuditChainVerified(held.events, held.seals, held.unsealed)
    await audit.record(event, tenant_id=tenant_id, now=clock.now(), actor=actor)
    return said


def _key(tenant_id: UUID) -> str:
    return f"audit-verification:{tenant_id}"
