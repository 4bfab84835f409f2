"""The evaluation: facts and policy in, decision out. Pure. RFC 9700 §4.11.2.

Precedence: hard rules; a `block` verdict; malicious reputation; a `trust` verdict of (client, URI), then of the host;
the first rule that matches; the score.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .decisions import Decision
from .records import Action, Judgement, Reason, Reputation
from .rules import HIGHEST_RISK, LOWEST_RISK
from .signals import Signal, raised

if TYPE_CHECKING:
    from server.kernel.clock import Instant

    from .facts import Facts, VerdictFacts
    from .rules import Thresholds, TrustPolicy
    from .signals import SignalHit

# What other people did there is weighed last, and within bounds: a score cannot be bought, nor spoilt by a few.
_COMPLAINTS = frozenset({Signal.REPORTED, Signal.OFTEN_DECLINED})
_BOUNDED = _COMPLAINTS | {Signal.ESTABLISHED}


def evaluate(facts: Facts, policy: TrustPolicy, version: int, now: Instant) -> Decision:
    """What the policy says of these facts; `now` decides which rules have expired. Under 100 µs."""
    if facts.broken_rule is not None:
        return Decision(Action.BLOCK, HIGHEST_RISK, (), Reason.HARD_RULE, facts, version, note=facts.broken_rule)
    hits = raised(facts)
    score = score_of(hits, policy.thresholds)
    settled = _settled(facts)
    if settled is not None:
        action, reason, note = settled
        return Decision(action, score, hits, reason, facts, version, note=note)
    signals = frozenset(hit.signal for hit in hits)
    for number, rule in enumerate(policy.rules, start=1):
        if rule.matches(facts, score, signals, now):
            return Decision(rule.action, score, hits, Reason.RULE, facts, version, number, rule.note)
    return Decision(action_of(score, policy.thresholds), score, hits, Reason.SCORE, facts, version)


def score_of(hits: tuple[SignalHit, ...], thresholds: Thresholds) -> int:
    """The sum of the weights, 0 to 100.

    `reported` and `often_declined` alone never lead beyond `confirm`; `established` leads at most to just below it.
    """
    score = sum(hit.weight for hit in hits if hit.signal not in _BOUNDED)
    complaints = sum(hit.weight for hit in hits if hit.signal in _COMPLAINTS)
    score = max(score, min(score + complaints, thresholds.hold - 1))
    merit = sum(hit.weight for hit in hits if hit.signal is Signal.ESTABLISHED)
    score = min(score, max(score + merit, thresholds.confirm - 1))
    return min(max(score, LOWEST_RISK), HIGHEST_RISK)


def action_of(score: int, thresholds: Thresholds) -> Action:
    """What a score leads to where nothing else decides."""
    if score >= thresholds.hold:
        return Action.HOLD
    return Action.CONFIRM if score >= thresholds.confirm else Action.TRUST


def _settled(facts: Facts) -> tuple[Action, Reason, str | None] | None:
    """What is decided before any rule is asked."""
    verdict = facts.verdict
    if verdict is not None and verdict.judgement is Judgement.BLOCK:
        return Action.BLOCK, Reason.BLOCK_VERDICT, verdict.note
    if facts.reputation is Reputation.MALICIOUS:
        return Action.BLOCK, Reason.MALICIOUS, None
    if verdict is not None:
        return Action.TRUST, _reason(verdict), verdict.note
    return None


def _reason(verdict: VerdictFacts) -> Reason:
    return Reason.CLIENT_VERDICT if verdict.of_client else Reason.HOST_VERDICT
