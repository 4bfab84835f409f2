"""Verifying a tenant's chain on demand: a job, normally one at a time for each tenant, says how far it is."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Self

from server import audit
from server.audit import Actor, ActorKind, BrokenChain, ForeignCheckpoint
from server.kernel import clock, outbox, shared_state
from server.kernel.clock import DAY, MINUTE
from server.kernel.json import dump_json, load_json

from .authorise import Permission, check_permitted

if TYPE_CHECKING:
    from uuid import UUID

    from server.kernel.clock import Instant
    from server.kernel.outbox import Job
    from server.tenants import Tenant

    from .authorise import Operator

# The job that verifies, and how long it may take.
VERIFICATION = "audit.verify"
TIME_LIMIT = 30 * MINUTE
KEPT_FOR = 7 * DAY  # the result
SILENCE = MINUTE  # whoever is at it says so more often
_LOOK_EVERY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Verification:
    """How a verification went or goes: `outcome` is None while it does, else holds, broken, foreign or failed."""

    begun_at: Instant
    seen_at: Instant
    done: int = 0
    total: int = 0
    outcome: str | None = None
    why: str = ""
    unsealed: int = 0

    @classmethod
    def read(cls, members: object) -> Self:
        """What `asdict` made of one; raises TypeError for anything else."""
        if not isinstance(members, dict):
            raise TypeError("not an object")
        return cls(**members)

    def is_under_way(self, now: Instant) -> bool:
        """Whether somebody is at it, or will be."""
        return self.outcome is None and now - self.seen_at < SILENCE


async def begin(operator: Operator, tenant: Tenant, exported: str | None, now: Instant) -> bool:
    """Have the chain verified, against a checkpoint that was kept elsewhere too; false while that is under way."""
    check_permitted(operator, Permission.READ, tenant.id)
    last = await _read(tenant.id)
    if last is not None and last.is_under_way(now):
        return False
    await _write(tenant.id, Verification(now, now))
    payload = {"exported": exported, "kind": operator.actor.kind.value, "id": operator.actor.id, "begun_at": now}
    await outbox.enqueue(VERIFICATION, payload, tenant_id=tenant.id, now=now)
    return True


async def find(operator: Operator, tenant: Tenant) -> Verification | None:
    """The last verification that was asked for, for some days; raises NotPermitted."""
    check_permitted(operator, Permission.READ, tenant.id)
    return await _read(tenant.id)


async def run(job: Job) -> None:
    """Do the job of kind VERIFICATION."""
    payload = job.payload
    exported, begun = payload["exported"], payload["begun_at"]
    actor_id = payload["id"]
    actor = Actor(ActorKind(str(payload["kind"])), None if actor_id is None else str(actor_id))
    begun_at = begun if isinstance(begun, int) else clock.now()
    await _verify(job.tenant_id, None if exported is None else str(exported), actor, begun_at)


async def _verify(tenant_id: UUID, exported: str | None, actor: Actor, begun_at: Instant) -> None:
    reached = (0, 0)

    def progress(done: int, total: int) -> None:
        nonlocal reached
        reached = (done, total)

    work = asyncio.ensure_future(audit.verify(tenant_id, exported, progress))
    try:
        while not work.done():
            await _write(tenant_id, Verification(begun_at, clock.now(), *reached))
            await asyncio.wait([work], timeout=_LOOK_EVERY_SECONDS)
        await _tell(tenant_id, work, actor, begun_at)
    finally:
        work.cancel()


async def _tell(tenant_id: UUID, work: asyncio.Future[audit.Verified], actor: Actor, begun_at: Instant) -> None:
    now = clock.now()
    event: audit.Event
    try:
        held = work.result()
    except ForeignCheckpoint as error:
        await _write(tenant_id, Verification(begun_at, now, outcome="foreign", why=str(error)))
        return
    except BrokenChain as error:
        result = Verification(begun_at, now, outcome="broken", why=str(error))
        event = audit.AuditChainBroken(str(error))
    except Exception as error:
        await _write(tenant_id, Verification(begun_at, now, outcome="failed", why=type(error).__name__))
        raise
    else:
        result = Verification(begun_at, now, held.events, held.events, "holds", unsealed=held.unsealed)
        event = audit.AuditChainVerified(held.events, held.seals, held.unsealed)
    await audit.record(event, tenant_id=tenant_id, now=now, actor=actor)
    await _write(tenant_id, result)


async def _read(tenant_id: UUID) -> Verification | None:
    text = await shared_state.shared_state().get(_key(tenant_id))
    return None if text is None else Verification.read(load_json(text))


async def _write(tenant_id: UUID, state: Verification) -> None:
    await shared_state.shared_state().put(_key(tenant_id), dump_json(asdict(state)), KEPT_FOR)


def _key(tenant_id: UUID) -> str:
    return f"audit-verification:{tenant_id}"
