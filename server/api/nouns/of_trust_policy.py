"""The trust policy: its versions, and what a change of it would have changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

from server.administration import Permission, trust_policies, trust_replay
from server.administration.finding import Unknown, check_version
from server.administration.trust_policies import save
from server.administration.trust_replay import DEFAULT_DAYS, AlreadyReplaying
from server.api.documents import document, fill
from server.api.problems import Problem
from server.api.routes import Answer, Call, Route, listed, shown
from server.api.shapes import Text, Whole
from server.trust import Action, PolicyVersion, Rule, Thresholds, TrustPolicy

from .trust_documents import (
    TrustPolicyDocument,
    TrustPolicyInForce,
    TrustPolicyItem,
    TrustPolicyVersion,
    TrustRule,
    TrustRuleDifference,
    TrustThresholds,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from _typeshed import DataclassInstance

    from server.administration.trust_replay import Replay, Share, Transition

MOST_NAMED = 20  # clients, and hosts, of one transition
Period = Annotated[int, Whole(1, DEFAULT_DAYS)]


@document
@dataclass(frozen=True, slots=True)
class TrustReplay(TrustPolicyDocument):
    """A policy that need not be saved, and how many days back authorizations are evaluated under it."""

    days: Period = DEFAULT_DAYS


@document
@dataclass(frozen=True, slots=True)
class TrustShare:
    """How many authorizations of how many people; the name is empty for all that are not named."""

    name: Annotated[str, Text(0, 2000)]
    authorizations: int
    people: int


@document
@dataclass(frozen=True, slots=True)
class TrustTransition:
    """What would have ended otherwise, and the clients and hosts that are most behind it."""

    before: Action
    after: Action
    authorizations: int
    people: int
    clients: tuple[TrustShare, ...]
    hosts: tuple[TrustShare, ...]


@document
@dataclass(frozen=True, slots=True)
class TrustReplayed:
    """What a policy says of recorded authorizations; `unreadable` ones were recorded by another release."""

    evaluated: int
    unreadable: int
    changed: int
    transitions: tuple[TrustTransition, ...]


async def get_policy(call: Call) -> Answer:
    """The policy in force, whoever saved it, and how often its rules decided."""
    found = await trust_policies.in_force(call.operator, call.tenant)
    hits = await trust_policies.rule_hits(call.operator, call.tenant, call.now)
    return shown(found, replace(show(found), hits=hits))


async def save_policy(call: Call) -> Answer:
    """Put a policy in force as a new version. What need not be held any more is let go.

    A policy that cannot be is refused with the number of its rule and the reason; the one before stays in force.
    """
    policy = read_policy(call.body(TrustPolicyDocument))
    saved = await save(call.operator, call.tenant, policy, after=await _seen(call), now=call.now)
    return shown(saved, show(saved))


async def list_versions(call: Call) -> Answer:
    """The versions of the policy that were saved, the one in force first."""
    page = await trust_policies.page(call.operator, call.tenant, call.paging)
    return listed(page, lambda found: fill(TrustPolicyItem, found, rules=len(found.policy.rules)))


async def get_version(call: Call) -> Answer:
    """One version of the policy, and what it changed."""
    number = _number(call)
    found = await trust_policies.get(call.operator, call.tenant, number)
    changed = await trust_policies.compare(call.operator, call.tenant, max(number - 1, 0), number)
    rules = tuple(fill(TrustRuleDifference, line, rule=show_rule(line.rule)) for line in changed.rules)
    policy = show_policy(found.policy)
    return Answer(fill(TrustPolicyVersion, found, policy=policy, members=changed.members, rules=rules))


async def restore_version(call: Call) -> Answer:
    """Put what an earlier version says in force again, as a new version."""
    number = _number(call)
    seen = await _seen(call)
    restored = await trust_policies.restore(call.operator, call.tenant, number, after=seen, now=call.now)
    return shown(restored, show(restored))


async def replay_policy(call: Call) -> Answer:
    """What a policy would have changed, had it been in force. One replay of a tenant at a time in a process."""
    body = call.body(TrustReplay)
    try:
        with trust_replay.one_at_a_time(call.tenant.id):
            policy = read_policy(body)
            found = await trust_replay.replay(call.operator, call.tenant, policy, days=body.days, now=call.now)
    except AlreadyReplaying:
        why = "Authorizations of this tenant are being replayed already."
        raise Problem(409, "replay_running", why) from None
    return Answer(_show_replay(found))


def show(version: DataclassInstance) -> TrustPolicyInForce:
    """The document of the version in force."""
    if not isinstance(version, PolicyVersion):
        raise TypeError("not a version of a policy")
    return fill(TrustPolicyInForce, version, policy=show_policy(version.policy), hits=None)


def show_policy(policy: TrustPolicy) -> TrustPolicyDocument:
    """The document of a policy."""
    rules, thresholds = tuple(map(show_rule, policy.rules)), fill(TrustThresholds, policy.thresholds)
    return TrustPolicyDocument(thresholds, policy.remember_confirmations, rules)


def show_rule(rule: Rule) -> TrustRule:
    """The document of a rule."""
    return fill(TrustRule, rule, expires=rule.expires_at)


def read_policy(body: TrustPolicyDocument) -> TrustPolicy:
    """The policy that a document describes, not yet checked."""
    thresholds = fill(Thresholds, body.thresholds)
    return TrustPolicy(thresholds, body.remember_confirmations, tuple(map(_read_rule, body.rules)))


def _read_rule(body: TrustRule) -> Rule:
    hosts = {name: _lower(getattr(body, name)) for name in ("host", "client_id_host")}
    return fill(Rule, body, expires_at=body.expires, **hosts)


def _lower(host: str | None) -> str | None:
    return host.lower() if host else None


async def _seen(call: Call) -> int:
    """The number of the version that the caller read; raises Conflict when it is not in force."""
    current = await trust_policies.in_force(call.operator, call.tenant)
    check_version(call.version, current)
    return current.version


def _number(call: Call) -> int:
    text = call.parameters["number"]
    if not (text.isascii() and text.isdigit() and len(text) <= 9):  # noqa: PLR2004 - as many as a column holds
        raise Unknown
    return int(text)


def _show_replay(found: Replay) -> TrustReplayed:
    ordered = sorted(found.transitions.values(), key=lambda transition: -transition.total.authorizations)
    return fill(TrustReplayed, found, transitions=tuple(map(_show_transition, ordered)))


def _show_transition(moved: Transition) -> TrustTransition:
    return TrustTransition(
        moved.before, moved.after, moved.total.authorizations, moved.total.people.total,
        _show_shares(moved.clients), _show_shares(moved.hosts),
    )  # fmt: skip


def _show_shares(named: Mapping[str, Share]) -> tuple[TrustShare, ...]:
    ordered = sorted(named.items(), key=lambda item: -item[1].authorizations)
    return tuple(TrustShare(name, share.authorizations, share.people.total) for name, share in ordered[:MOST_NAMED])


POLICY, VERSION = "/tenants/{tenant}/trust/policy", "/tenants/{tenant}/trust/policy/versions/{number}"
READ, MANAGE = Permission.READ, Permission.MANAGE_SETTINGS
ROUTES = (
    Route("GET", POLICY, "getTrustPolicy", get_policy, READ, TrustPolicyInForce),
    Route(
        "PUT", POLICY, "saveTrustPolicy", save_policy, MANAGE, TrustPolicyInForce, TrustPolicyDocument, shows=show
    ),
    Route(
        "GET", f"{POLICY}/versions", "listTrustPolicyVersions", list_versions, READ, TrustPolicyItem, paged=True
    ),
    Route("GET", VERSION, "getTrustPolicyVersion", get_version, READ, TrustPolicyVersion),
    Route(
        "POST", f"{VERSION}/restore", "restoreTrustPolicyVersion", restore_version, MANAGE, TrustPolicyInForce,
        shows=show,
    ),
    Route(
        "POST", "/tenants/{tenant}/trust/replays", "replayTrustPolicy", replay_policy, READ, TrustReplayed,
        TrustReplay, refusals=(409,),
    ),
)  # fmt: skip
