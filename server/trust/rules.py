"""The policy of a tenant: ordered rules and two thresholds. Pure."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server.kernel.clock import DAY
from server.protocol import redirect_uris

from . import domains
from .records import Action
from .targets import TargetKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server.kernel.clock import Duration, Instant

    from .facts import Facts
    from .records import Source
    from .signals import Signal

LOWEST_RISK, HIGHEST_RISK = 0, 100
MOST_RULES = 200  # so that an evaluation stays under 100 µs
LONGEST_MEMORY = 365 * DAY
LONGEST_NOTE = 500  # characters
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*", re.ASCII)


class InvalidPolicy(ValueError):
    """A policy cannot be like this; the message names the rule by its number, counted from 1, and says why."""

    def __init__(self, why: str, rule: int | None = None) -> None:
        super().__init__(why if rule is None else f"rule {rule}: {why}")
        self.why = why
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Rule:
    """What to do where every condition holds; a condition that is None or empty always does."""

    action: Action
    host: str | None = None  # exact, or `*.` and a name for all that is below the name
    scheme: str | None = None
    loopback: bool | None = None
    client_source: tuple[Source, ...] = ()  # one of them
    client_id_host: str | None = None  # as `host`
    signal: Signal | None = None
    min_risk: int | None = None
    max_risk: int | None = None
    note: str | None = None
    expires_at: Instant | None = None

    def matches(self, facts: Facts, score: int, signals: frozenset[Signal], now: Instant) -> bool:
        """Whether every condition holds."""
        return (
            (self.expires_at is None or now < self.expires_at)
            and self._matches_place(facts)
            and (not self.client_source or facts.source in self.client_source)
            and (self.client_id_host is None or matches_host(self.client_id_host, facts.client_id_host))
            and (self.signal is None or self.signal in signals)
            and (self.min_risk is None or score >= self.min_risk)
            and (self.max_risk is None or score <= self.max_risk)
        )

    def _matches_place(self, facts: Facts) -> bool:
        target = facts.target
        return (
            (self.host is None or matches_host(self.host, target.host or None))
            and (self.scheme is None or self.scheme == target.scheme)
            and (self.loopback is None or self.loopback is (target.kind is TargetKind.LOOPBACK))
        )


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The scores from which on a person is asked, and an administrator."""

    confirm: int = 30
    hold: int = 70


@dataclass(frozen=True, slots=True)
class TrustPolicy:
    """What a tenant decided about places; the first rule that matches decides, else the score."""

    thresholds: Thresholds = field(default_factory=Thresholds)
    remember_confirmations: Duration = 90 * DAY
    rules: tuple[Rule, ...] = ()


def matches_host(pattern: str, host: str | None) -> bool:
    """Whether a host is the one of a pattern, or for `*.name` stands at any depth below the name: label by label."""
    if host is None:
        return False
    if pattern.startswith("*."):
        return host.endswith(pattern[1:]) and len(host) > len(pattern) - 1
    return host == pattern


def check_policy(policy: TrustPolicy) -> None:
    """Raise InvalidPolicy for what no policy may be."""
    if not LOWEST_RISK < policy.thresholds.confirm <= policy.thresholds.hold <= HIGHEST_RISK:
        raise InvalidPolicy("thresholds: confirm must be above 0 and not above hold, and hold not above 100")
    if policy.remember_confirmations > LONGEST_MEMORY:
        raise InvalidPolicy("remember_confirmations must not be longer than 365d")
    if len(policy.rules) > MOST_RULES:
        raise InvalidPolicy(f"there may be {MOST_RULES} rules at most")
    for number, rule in enumerate(policy.rules, start=1):
        with numbered(number):
            _check_rule(rule)


@contextmanager
def numbered(rule: int) -> Iterator[None]:
    """What is refused inside is reported with the number of its rule."""
    try:
        yield
    except InvalidPolicy as error:
        raise InvalidPolicy(str(error), rule) from None


def _check_rule(rule: Rule) -> None:
    for name, pattern in (("host", rule.host), ("client_id_host", rule.client_id_host)):
        if pattern is not None:
            _check_pattern(pattern, name)
    if rule.scheme is not None and _SCHEME.fullmatch(rule.scheme) is None:
        raise InvalidPolicy("scheme is not a URI scheme in lower case")
    if len(rule.note or "") > LONGEST_NOTE:
        raise InvalidPolicy(f"note must have {LONGEST_NOTE} characters at most")
    if rule.min_risk is not None and rule.max_risk is not None and rule.min_risk > rule.max_risk:
        raise InvalidPolicy("min_risk is above max_risk, so that it never matches")
    below = (rule.host or "").removeprefix("*.")
    if rule.action is Action.TRUST and below != (rule.host or "") and domains.is_public_suffix(below):
        raise InvalidPolicy("host names all below a suffix where anybody may have a name")


def _check_pattern(pattern: str, name: str) -> None:
    host = pattern.removeprefix("*.")
    if redirect_uris.host_of(f"https://{host}") != host:
        raise InvalidPolicy(f"{name} must be a host name in ASCII, or one with *. before it, without scheme or port")
