"""The documents of trust. Members of policies, rules and verdicts use the names of manifests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from server.administration.trust_differences import RuleChange
from server.api.documents import Duration, Name, Time, document
from server.api.shapes import Text, Whole
from server.kernel.clock import DAY
from server.tenants import Origin
from server.trust import Action, HoldState, Judgement, Reason, Signal, Source

Host = Annotated[str, Text(1, 255, "app.acme.test")]
Note = Annotated[str, Text(0, 500)]
Place = Annotated[str, Text(1, 2000, "https://app.acme.test/callback")]
ClientId = Annotated[str, Text(1, 500, "notes-cli")]
Risk = Annotated[int, Whole(0, 100)]
Author = Annotated[str, Text(1, 200)]


@document
@dataclass(frozen=True, slots=True)
class TrustRule:
    """One rule: what to do where every condition that it makes holds."""

    action: Action
    host: Host | None = None
    scheme: Annotated[str, Text(1, 100, "https")] | None = None
    loopback: bool | None = None
    client_source: tuple[Source, ...] = ()
    client_id_host: Host | None = None
    signal: Signal | None = None
    min_risk: Risk | None = None
    max_risk: Risk | None = None
    note: Note | None = None
    expires: Time | None = None


@document
@dataclass(frozen=True, slots=True)
class TrustThresholds:
    """The scores from which on a person is asked, and an administrator."""

    confirm: Risk = 30
    hold: Risk = 70


@document
@dataclass(frozen=True, slots=True)
class TrustPolicyDocument:
    """A policy: the first rule that matches decides, and where none does the score against the thresholds."""

    thresholds: TrustThresholds = TrustThresholds()
    remember_confirmations: Duration = 90 * DAY
    rules: tuple[TrustRule, ...] = ()


@document
@dataclass(frozen=True, slots=True)
class TrustPolicyInForce:
    """The policy that decides now. `hits` says of each rule how often it decided in 30 days; null: not counted."""

    version: int
    author: Author | None
    created_at: Time
    policy: TrustPolicyDocument
    hits: tuple[int, ...] | None


@document
@dataclass(frozen=True, slots=True)
class TrustPolicyItem:
    """A version of the policy in a list; version 0 is the empty one that every tenant begins with."""

    version: int
    author: Author | None
    created_at: Time
    rules: int


@document
@dataclass(frozen=True, slots=True)
class TrustRuleDifference:
    """A rule with its number before and after, counted from 1; null where it was not there."""

    change: RuleChange
    rule: TrustRule
    before: int | None
    after: int | None


@document
@dataclass(frozen=True, slots=True)
class TrustPolicyVersion:
    """A version of the policy, and what it changed: `members` maps what is no rule to what it was and became."""

    version: int
    author: Author | None
    created_at: Time
    policy: TrustPolicyDocument
    members: Mapping[str, object]
    rules: tuple[TrustRuleDifference, ...]


@document
@dataclass(frozen=True, slots=True)
class TrustVerdict:
    """What was said of a host, or of a client at a redirect URI; trust of a client lapses when it changes."""

    id: UUID
    verdict: Judgement
    host: Host | None
    client_id: ClientId | None
    redirect_uri: Place | None
    note: Note | None
    expires: Time | None
    origin: Origin
    author: Author | None
    created_at: Time


@document
@dataclass(frozen=True, slots=True)
class NewTrustVerdict:
    """A verdict to be given: on a `host`, or on a `client_id` at a `redirect_uri`."""

    verdict: Judgement
    host: Host | None = None
    client_id: ClientId | None = None
    redirect_uri: Place | None = None
    note: Note | None = None
    expires: Time | None = None


@document
@dataclass(frozen=True, slots=True)
class GivenTrustVerdict:
    """A verdict that was just given, and how many rows of the inbox that settled."""

    verdict: TrustVerdict
    settled: int


@document
@dataclass(frozen=True, slots=True)
class TrustHold:
    """A row of the inbox: a client at an origin, where people wait."""

    id: UUID
    client: UUID
    client_id: ClientId
    client_name: Name | None
    client_source: Source | None
    origin: Place
    redirect_uri: Place
    score: int
    signals: tuple[Signal, ...]
    state: HoldState
    people: int
    first_held_at: Time
    last_held_at: Time
    settled_at: Time | None
    settled_by: Author | None


@document
@dataclass(frozen=True, slots=True)
class TrustWaiting:
    """Somebody who waits."""

    user_id: UUID
    redirect_uri: Place
    held_at: Time


@document
@dataclass(frozen=True, slots=True)
class TrustHoldDetail:
    """A row of the inbox, who waits, and the rule that letting them go on could become; null: the client is gone."""

    hold: TrustHold
    waiting: tuple[TrustWaiting, ...]
    proposed_rule: TrustRule | None


@document
@dataclass(frozen=True, slots=True)
class TrustAnswer:
    """What is said of rows of the inbox, all of them or none."""

    holds: tuple[UUID, ...]
    verdict: Judgement
    note: Note | None = None
    expires: Time | None = None


@document
@dataclass(frozen=True, slots=True)
class TrustAnswered:
    """The rows that were open. What somebody else settled meanwhile stays as it is."""

    holds: tuple[UUID, ...]


@document
@dataclass(frozen=True, slots=True)
class TrustQuestion:
    """A place to be looked at; without a client, as for one that registered itself just now."""

    redirect_uri: Place
    client_id: ClientId | None = None


@document
@dataclass(frozen=True, slots=True)
class TrustSignal:
    """A signal that was raised, with its weight: above zero it raises the score."""

    signal: Signal
    weight: Annotated[int, Whole(-100, 100)]


@document
@dataclass(frozen=True, slots=True)
class TrustDecision:
    """What would happen at a place, and why. `rule` is counted from 1."""

    action: Action
    score: int
    reason: Reason
    signals: tuple[TrustSignal, ...]
    policy_version: int
    rule: int | None
    note: Note | None


@document
@dataclass(frozen=True, slots=True)
class TrustInboxQuery:
    """Which rows; those that wait, unless another state is asked for."""

    state: HoldState = HoldState.OPEN
    host: Host | None = None
    client_id: ClientId | None = None
