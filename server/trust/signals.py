"""The signals of the risk score: each with its stable name, its fixed weight and when it is raised. Pure.

Their sentences for people stand in web/trust_sentences.py. RFC 8252 §7 and §8, RFC 9700 §4.11.2, UTS 39.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from server.kernel.clock import DAY

from .records import Reputation, Source
from .targets import TargetKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from .facts import Facts

FEW_PEOPLE = 100
NEW_FOR = 7 * DAY
# Shares count among at least so many people, and from so much on.
FEWEST_VOICES = 5
REPORTED_PERCENT = 10
DECLINED_PERCENT = 30


class Signal(StrEnum):
    """What speaks for or against a place."""

    REGISTERED_BY_ADMIN = "registered_by_admin"
    REGISTERED_DYNAMICALLY = "registered_dynamically"
    SELF_DECLARED = "self_declared"
    VERIFIED_DOMAIN = "verified_domain"
    ESTABLISHED = "established"
    NEWLY_SEEN = "newly_seen"
    FEW_USERS = "few_users"
    REPORTED = "reported"
    OFTEN_DECLINED = "often_declined"
    HOST_DIFFERS_FROM_CLIENT = "host_differs_from_client"
    SHARED_HOSTING = "shared_hosting"
    SHORTENER_OR_REDIRECTOR = "shortener_or_redirector"
    IP_LITERAL = "ip_literal"
    UNUSUAL_PORT = "unusual_port"
    DEEP_SUBDOMAIN = "deep_subdomain"
    INTERNATIONALIZED = "internationalized"
    MIXED_SCRIPT = "mixed_script"
    LOOKALIKE = "lookalike"
    LOOPBACK = "loopback"
    LOCALHOST_NAME = "localhost_name"
    LOOPBACK_ONLY_SELF_DECLARED = "loopback_only_self_declared"
    PRIVATE_USE_SCHEME = "private_use_scheme"
    SCHEME_NOT_REVERSE_DOMAIN = "scheme_not_reverse_domain"
    METADATA_CHANGED = "metadata_changed"
    REPUTATION_SUSPICIOUS = "reputation_suspicious"
    REPUTATION_MALICIOUS = "reputation_malicious"


@dataclass(frozen=True, slots=True)
class SignalHit:
    """A signal that was raised, with its weight: above zero it raises the score."""

    signal: Signal
    weight: int


@dataclass(frozen=True, slots=True)
class Definition:
    """One row of the table."""

    weight: int
    is_raised: Callable[[Facts], bool]


def _is_from(source: Source) -> Callable[[Facts], bool]:
    return lambda facts: facts.source is source


def _is_web(facts: Facts) -> bool:
    """Who else went to a loopback port or a private scheme tells nothing about who answers there now."""
    return facts.target.kind is TargetKind.WEB


def _is_new(facts: Facts) -> bool:
    first = facts.origin.first_seen_at
    return first is None or facts.at - first < NEW_FOR


def _is_established(facts: Facts) -> bool:
    """Earned by the place itself: not by a shortener, by a name that looks like another, nor against complaints."""
    target = facts.target
    if not _is_web(facts) or target.shortener or target.mixed_script or facts.lookalike_of:
        return False
    if _is_reported(facts) or _is_often_declined(facts):
        return False
    return not _is_new(facts) and facts.origin.people >= FEW_PEOPLE


def _is_reported(facts: Facts) -> bool:
    return _is_share(facts.origin.reports, facts, REPORTED_PERCENT)


def _is_often_declined(facts: Facts) -> bool:
    return _is_share(facts.origin.declines, facts, DECLINED_PERCENT)


def _is_share(part: int, facts: Facts, percent: int) -> bool:
    voices = facts.origin.voices
    return voices >= FEWEST_VOICES and part * 100 >= percent * voices


def _has_only_loopback(facts: Facts) -> bool:
    return facts.loopback_only and facts.target.kind is TargetKind.LOOPBACK and facts.source is not Source.ADMIN


# Weights give, with an empty policy and thresholds of 30 and 70, the outcomes of docs/explanation/trust-policy.md.
DEFINITIONS: dict[Signal, Definition] = {
    Signal.REGISTERED_BY_ADMIN: Definition(-90, _is_from(Source.ADMIN)),
    Signal.REGISTERED_DYNAMICALLY: Definition(15, _is_from(Source.DYNAMIC)),
    Signal.SELF_DECLARED: Definition(10, _is_from(Source.METADATA_DOCUMENT)),
    Signal.VERIFIED_DOMAIN: Definition(-40, lambda facts: facts.verified_domain),
    Signal.ESTABLISHED: Definition(-30, _is_established),
    Signal.NEWLY_SEEN: Definition(20, lambda facts: _is_web(facts) and _is_new(facts)),
    Signal.FEW_USERS: Definition(20, lambda facts: _is_web(facts) and facts.origin.people < FEW_PEOPLE),
    Signal.REPORTED: Definition(30, _is_reported),
    Signal.OFTEN_DECLINED: Definition(20, _is_often_declined),
    Signal.HOST_DIFFERS_FROM_CLIENT: Definition(10, lambda facts: facts.differs_from_client),
    Signal.SHARED_HOSTING: Definition(50, lambda facts: facts.target.shared_hosting),
    Signal.SHORTENER_OR_REDIRECTOR: Definition(50, lambda facts: facts.target.shortener),
    Signal.IP_LITERAL: Definition(50, lambda facts: facts.target.ip_literal and _is_web(facts)),
    Signal.UNUSUAL_PORT: Definition(10, lambda facts: facts.target.unusual_port),
    Signal.DEEP_SUBDOMAIN: Definition(10, lambda facts: facts.target.deep_subdomain),
    Signal.INTERNATIONALIZED: Definition(10, lambda facts: facts.target.internationalized),
    Signal.MIXED_SCRIPT: Definition(60, lambda facts: facts.target.mixed_script),
    Signal.LOOKALIKE: Definition(60, lambda facts: facts.lookalike_of is not None),
    Signal.LOOPBACK: Definition(25, lambda facts: facts.target.kind is TargetKind.LOOPBACK),
    Signal.LOCALHOST_NAME: Definition(5, lambda facts: facts.target.host == "localhost"),
    Signal.LOOPBACK_ONLY_SELF_DECLARED: Definition(10, _has_only_loopback),
    Signal.PRIVATE_USE_SCHEME: Definition(20, lambda facts: facts.target.kind is TargetKind.PRIVATE_USE),
    Signal.SCHEME_NOT_REVERSE_DOMAIN: Definition(15, lambda facts: facts.target.scheme_not_reverse_domain),
    Signal.METADATA_CHANGED: Definition(10, lambda facts: facts.metadata_changed),
    Signal.REPUTATION_SUSPICIOUS: Definition(30, lambda facts: facts.reputation is Reputation.SUSPICIOUS),
    Signal.REPUTATION_MALICIOUS: Definition(100, lambda facts: facts.reputation is Reputation.MALICIOUS),
}
_TABLE = tuple((SignalHit(signal, row.weight), row.is_raised) for signal, row in DEFINITIONS.items())


def raised(facts: Facts) -> tuple[SignalHit, ...]:
    """The signals that facts raise, in the order of the table."""
    return tuple(hit for hit, is_raised in _TABLE if is_raised(facts))
