"""Replays that run beside everything else: begun by one request, looked at by others, in whichever process.

What is known of a run is kept for an hour, or until whoever began it begins another one.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from server import trust
from server.kernel import digests, progress, shared_state, tasks
from server.kernel.clock import HOUR
from server.trust import Action

from . import trust_replay
from .authorise import Permission, check_permitted
from .finding import Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.kernel.clock import Instant
    from server.kernel.json import JsonValue
    from server.kernel.progress import Progress, Report
    from server.tenants import Tenant
    from server.trust import TrustPolicy

    from .authorise import Operator
    from .trust_replay import Replay, Share, Transition

KEPT = HOUR
FAILED: JsonValue = {}  # in the place of an outcome
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
    """A replay as far as it is. `after` is the version of the policy that the draft was made from.

    Once it is over, it failed where it has no outcome.
    """

    handle: str
    policy: TrustPolicy
    after: int
    days: int
    progress: Progress
    outcome: Outcome | None = None


async def begin(operator: Operator, tenant: Tenant, policy: TrustPolicy, *, after: int, days: int, now: Instant) -> Run:
    """Begin to replay a draft; raises NotPermitted, InvalidPolicy, AlreadyReplaying."""
    check_permitted(operator, Permission.READ, tenant.id)
    trust.check_policy(policy)
    handle = digests.random_token(128)
    about: JsonValue = {"policy": trust.policy_to_json(policy), "after": after, "days": days}
    report = progress.Report(_key(tenant, handle), KEPT, now, about)
    with ExitStack() as held:
        held.enter_context(trust_replay.one_at_a_time(tenant.id))
        await _forget_former(operator, tenant, handle)
        run = Run(handle, policy, after, days, await report.begin())
        task = tasks.spawn(_replay(operator, tenant, run, report, now), "replay a trust policy")
        until_done = held.pop_all()
        task.add_done_callback(lambda _: until_done.close())
    return run


async def get(operator: Operator, tenant: Tenant, handle: str) -> Run:
    """A run as far as it is; raises NotPermitted, and Unknown for one that was begun long ago."""
    check_permitted(operator, Permission.READ, tenant.id)
    reached = await progress.find(_key(tenant, handle))
    if reached is None:
        raise Unknown("there is no such replay")
    # Any: only this module writes what is read here, in this hour.
    about: Any = reached.about
    policy, outcome = trust.policy_from_json(about["policy"]), _read_outcome(reached.result)
    return Run(handle, policy, about["after"], about["days"], reached, outcome)


async def _replay(operator: Operator, tenant: Tenant, run: Run, report: Report, now: Instant) -> None:
    try:
        found = await trust_replay.replay(operator, tenant, run.policy, days=run.days, now=now, progress=report.reach)
    except Exception:
        await report.end(FAILED)
        raise
    await report.reach(found.evaluated, found.evaluated)
    await report.end(asdict(_outcome(found)))


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


async def _forget_former(operator: Operator, tenant: Tenant, handle: str) -> None:
    """One run of an operator is kept, so that nobody fills the shared state."""
    state = shared_state.shared_state()
    newest = f"trust-replay-of:{tenant.id}:{operator.actor.kind}:{operator.actor.id}"
    former = await state.take(newest)
    if former is not None:
        await progress.forget(_key(tenant, former))
    await state.put(newest, handle, KEPT)


def _read_outcome(kept: Any) -> Outcome | None:  # noqa: ANN401 - see get
    return Outcome(**kept | {"moved": tuple(map(_read_moved, kept["moved"]))}) if kept else None


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
