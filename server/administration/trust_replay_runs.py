"""Replays that run beside everything else: begun by one request, looked at by others, in whichever process.

What is known of a run is in the shared state for an hour, or until whoever began it begins another one. A run whose
process ended is told by its silence.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import orjson

from server import trust
from server.kernel import clock, digests, shared_state, tasks
from server.kernel.clock import HOUR, MINUTE, SECOND
from server.kernel.json import dump_json
from server.trust import Action

from . import trust_replay
from .authorise import Permission, check_permitted
from .finding import Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.kernel.clock import Instant
    from server.tenants import Tenant
    from server.trust import TrustPolicy

    from .authorise import Operator
    from .trust_replay import Replay, Share, Transition

KEPT = HOUR
TOLD_EVERY = SECOND // 2
SILENT_FOR = MINUTE  # a page of authorizations takes some milliseconds
MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Counted:
    """How many authorizations of how many people; `name` is a client_id or a host, empty for all the others."""

    name: str
    authorizations: int
    people: int
    is_exact: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """What would have ended otherwise, and who is behind it, the most first."""

    before: Action
    after: Action
    total: Counted
    clients: tuple[Counted, ...]
    hosts: tuple[Counted, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a replay found."""

    evaluated: int
    unreadable: int
    changed: int
    moved: tuple[Moved, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """A replay as far as it is. `after` is the version of the policy that the draft was made from."""

    handle: str
    policy: TrustPolicy
    after: int
    days: int
    told_at: Instant
    done: int = 0
    total: int = 0
    failed: bool = False
    outcome: Outcome | None = None

    def is_running(self, now: Instant) -> bool:
        """Whether there is something to wait for."""
        return self.outcome is None and not self.failed and now - self.told_at < SILENT_FOR


async def begin(operator: Operator, tenant: Tenant, policy: TrustPolicy, *, after: int, days: int, now: Instant) -> Run:
    """Begin to replay a draft; raises NotPermitted, InvalidPolicy, AlreadyReplaying."""
    check_permitted(operator, Permission.READ, tenant.id)
    trust.check_policy(policy)
    run = Run(digests.random_token(128), policy, after, days, now)
    with ExitStack() as held:
        held.enter_context(trust_replay.one_at_a_time(tenant.id))
        await _forget_former(operator, tenant, run)
        await _keep(tenant, run)
        task = tasks.spawn(_replay(operator, tenant, run, now), "replay a trust policy")
        until_done = held.pop_all()
        task.add_done_callback(lambda _: until_done.close())
    return run


async def get(operator: Operator, tenant: Tenant, handle: str) -> Run:
    """A run as far as it is; raises NotPermitted, and Unknown for one that was begun long ago."""
    check_permitted(operator, Permission.READ, tenant.id)
    kept = await shared_state.shared_state().get(_key(tenant, handle))
    if kept is None:
        raise Unknown("there is no such replay")
    return _read(kept)


async def _replay(operator: Operator, tenant: Tenant, run: Run, now: Instant) -> None:
    told_at = now

    async def progress(done: int, total: int) -> None:
        nonlocal told_at
        if clock.now() - told_at >= TOLD_EVERY:
            told_at = clock.now()
            await _keep(tenant, replace(run, done=done, total=total, told_at=told_at))

    try:
        found = await trust_replay.replay(operator, tenant, run.policy, days=run.days, now=now, progress=progress)
    except Exception:
        await _keep(tenant, replace(run, failed=True))
        raise
    await _keep(tenant, replace(run, done=found.evaluated, total=found.evaluated, outcome=_outcome(found)))


def _outcome(found: Replay) -> Outcome:
    moved = sorted(found.transitions.values(), key=lambda transition: -transition.total.authorizations)
    return Outcome(found.evaluated, found.unreadable, found.changed, tuple(map(_moved, moved)))


def _moved(transition: Transition) -> Moved:
    return Moved(
        transition.before,
        transition.after,
        _counted("", transition.total),
        _most(transition.clients),
        _most(transition.hosts),
    )


def _most(named: Mapping[str, Share]) -> tuple[Counted, ...]:
    ordered = sorted(named.items(), key=lambda item: -item[1].authorizations)
    return tuple(_counted(name, share) for name, share in ordered[:MOST_NAMED])


def _counted(name: str, share: Share) -> Counted:
    return Counted(name, share.authorizations, share.people.total, share.people.is_exact)


async def _forget_former(operator: Operator, tenant: Tenant, run: Run) -> None:
    """One run of an operator is kept, so that nobody fills the shared state."""
    state, newest = (
        shared_state.shared_state(),
        f"trust-replay-of:{tenant.id}:{operator.actor.kind}:{operator.actor.id}",
    )
    former = await state.take(newest)
    if former is not None:
        await state.forget(_key(tenant, former))
    await state.put(newest, run.handle, KEPT)


async def _keep(tenant: Tenant, run: Run) -> None:
    written = asdict(run) | {"policy": trust.policy_to_json(run.policy)}
    await shared_state.shared_state().put(_key(tenant, run.handle), dump_json(written), KEPT)


def _read(kept: str) -> Run:
    # Any: only this module writes what is read here, in this hour.
    members: dict[str, Any] = orjson.loads(kept)
    outcome = members["outcome"]
    policy = trust.policy_from_json(members["policy"])
    return Run(**members | {"policy": policy, "outcome": None if outcome is None else _read_outcome(outcome)})


def _read_outcome(kept: dict[str, Any]) -> Outcome:
    return Outcome(**kept | {"moved": tuple(map(_read_moved, kept["moved"]))})


def _read_moved(kept: dict[str, Any]) -> Moved:
    return Moved(
        before=Action(kept["before"]),
        after=Action(kept["after"]),
        total=Counted(**kept["total"]),
        clients=tuple(Counted(**share) for share in kept["clients"]),
        hosts=tuple(Counted(**share) for share in kept["hosts"]),
    )


def _key(tenant: Tenant, handle: str) -> str:
    return f"trust-replay:{tenant.id}:{handle[:64]}"
