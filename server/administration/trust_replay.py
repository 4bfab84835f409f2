"""What a policy would have changed: recorded authorizations, evaluated again before it is saved.

They are read a page at a time and evaluated without a further query. What is kept grows with the number of
transitions, and within each up to a bound with the clients and hosts behind it; not with the authorizations.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias
from uuid import UUID

from server import trust
from server.kernel.clock import DAY
from server.kernel.distinct import Distinct
from server.trust import UnknownFacts

from .authorise import Permission, check_permitted

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from server.kernel.clock import Instant
    from server.tenants import Tenant
    from server.trust import Action, Facts, RecordedAuthorization, TrustPolicy

    from .authorise import Operator

Progress: TypeAlias = "Callable[[int, int], Awaitable[None]]"
_NOBODY = UUID(int=0)

DEFAULT_DAYS = 30
PAGE = 1000
TURN = 100  # evaluated before others come to their turn: some milliseconds
MOST_NAMED = 500  # clients, and hosts, of one transition; those that come later are counted together
OTHERS = ""

_busy: set[UUID] = set()  # tenants of which this process replays something


class AlreadyReplaying(Exception):
    """One replay of a tenant at a time in a process: it shares the machine with people who sign in."""


@dataclass(slots=True)
class Share:
    """How many authorizations of how many people."""

    authorizations: int = 0
    people: Distinct = field(default_factory=Distinct)

    def add(self, recorded: RecordedAuthorization) -> None:
        """Count one more."""
        self.authorizations += 1
        if recorded.person_id is not None:
            self.people.add(recorded.person_id)


@dataclass(slots=True)
class Transition:
    """What would have changed from one action to another, and for whom. The name "" stands for all the others."""

    before: Action
    after: Action
    total: Share = field(default_factory=Share)
    clients: dict[str, Share] = field(default_factory=dict)  # by client_id
    hosts: dict[str, Share] = field(default_factory=dict)  # or schemes, where there is no host

    def add(self, recorded: RecordedAuthorization, facts: Facts) -> None:
        """Count one more."""
        self.total.add(recorded)
        _share(self.clients, facts.client_id).add(recorded)
        _share(self.hosts, facts.target.host or facts.target.origin).add(recorded)


@dataclass(slots=True)
class Replay:
    """What a policy says of recorded authorizations. `unreadable` ones were recorded by another release."""

    policy: TrustPolicy
    since: Instant
    at: Instant  # rules that have expired by then do not count
    evaluated: int = 0
    unreadable: int = 0
    unchanged: Counter[Action] = field(default_factory=Counter)
    transitions: dict[tuple[Action, Action], Transition] = field(default_factory=dict)

    @property
    def changed(self) -> int:
        """How many authorizations would have ended otherwise."""
        return sum(transition.total.authorizations for transition in self.transitions.values())

    def add(self, recorded: RecordedAuthorization) -> None:
        """Evaluate one more. Pure, but for what is counted."""
        self.evaluated += 1
        try:
            facts = recorded.facts
        except UnknownFacts:
            self.unreadable += 1
            return
        before, after = recorded.action, trust.evaluate(facts, self.policy, 0, self.at).action
        if before is after:
            self.unchanged[before] += 1
            return
        key = (before, after)
        if key not in self.transitions:
            self.transitions[key] = Transition(before, after)
        self.transitions[key].add(recorded, facts)


async def _tell_nobody(_done: int, _total: int) -> None:
    """Nobody waits for how far it is."""


@contextmanager
def one_at_a_time(tenant_id: UUID) -> Iterator[None]:
    """Whoever replays for requests holds this meanwhile; raises AlreadyReplaying."""
    if tenant_id in _busy:
        raise AlreadyReplaying
    _busy.add(tenant_id)
    try:
        yield
    finally:
        _busy.discard(tenant_id)


async def replay(
    operator: Operator,
    tenant: Tenant,
    policy: TrustPolicy,
    *,
    days: int = DEFAULT_DAYS,
    now: Instant,
    progress: Progress = _tell_nobody,
) -> Replay:
    """Evaluate what was recorded in the last days under a policy that need not be saved.

    `progress` is told after each page how many are done and about how many there are. Raises NotPermitted,
    InvalidPolicy.
    """
    check_permitted(operator, Permission.READ, tenant.id)
    trust.check_policy(policy)
    done = Replay(policy, since=now - days * DAY, at=now)
    total = await trust.count_authorizations(tenant.id, done.since)
    since, after = done.since, _NOBODY
    while page := await trust.list_authorizations(tenant.id, since, after=after, limit=PAGE):
        await _evaluate(done, page)
        await progress(done.evaluated, max(total, done.evaluated))
        since, after = page[-1].recorded_at, page[-1].id
    return done


async def _evaluate(done: Replay, page: Sequence[RecordedAuthorization]) -> None:
    for first in range(0, len(page), TURN):
        for recorded in page[first : first + TURN]:
            done.add(recorded)
        await asyncio.sleep(0)


def _share(named: dict[str, Share], name: str) -> Share:
    if name not in named and len(named) >= MOST_NAMED:
        name = OTHERS
    return named.setdefault(name, Share())
