"""How the pages of trust say things: actions, reasons, signals with their weights, conditions of rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server import trust
from server.trust import Action, Reason
from web.foreign_text import plain
from web.localization import mark
from web.trust_sentences import sentence_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from server.trust import Decision, Rule, Signal

ACTIONS = {
    Action.TRUST: mark("trust"),
    Action.CONFIRM: mark("confirm"),
    Action.HOLD: mark("hold"),
    Action.BLOCK: mark("block"),
}
MEANINGS = {
    Action.TRUST: mark("People are sent there without another page."),
    Action.CONFIRM: mark("People first see where they would be sent, and choose."),
    Action.HOLD: mark("Nobody is sent there until an administrator decides."),
    Action.BLOCK: mark("Nobody is ever sent there."),
}
BUSY = mark("Another replay of this tenant runs. Wait until it is done, and try again.")
# The colours of chips.
KINDS = {Action.TRUST: "new", Action.CONFIRM: "plain", Action.HOLD: "notice", Action.BLOCK: "danger"}

REASONS = {
    Reason.HARD_RULE: mark("It breaks a rule that no setting can lift."),
    Reason.BLOCK_VERDICT: mark("An administrator blocked it."),
    Reason.MALICIOUS: mark("A security service knows it as dangerous."),
    Reason.CLIENT_VERDICT: mark("An administrator trusts this client there."),
    Reason.HOST_VERDICT: mark("An administrator trusts this host."),
    Reason.RULE: mark("A rule of the policy matched."),
    Reason.SCORE: mark("No verdict and no rule matched, so the score decided."),
}


@dataclass(frozen=True, slots=True)
class ActionWord:
    """An action as it is shown; words in English."""

    name: str
    word: str
    meaning: str
    kind: str


@dataclass(frozen=True, slots=True)
class SignalEntry:
    """A signal that was raised. Sentence in English, weight with its sign."""

    name: str
    weight: str
    raises: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class DecisionEntry:
    """A decision with everything that it follows from; `why` is in English."""

    action: ActionWord
    score: int
    why: str
    detail: str  # the hard rule that is broken, or what an administrator noted
    rule: int | None
    rule_text: str
    signals: tuple[SignalEntry, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """What the signals say, in English."""
        return tuple(signal.sentence for signal in self.signals)


def action_word(action: Action) -> ActionWord:
    """How an action is shown."""
    return ActionWord(action.value, ACTIONS[action], MEANINGS[action], KINDS[action])


def decision_entry(decision: Decision, rule: Rule | None = None) -> DecisionEntry:
    """How a decision is shown; `rule` is the one that decided."""
    return DecisionEntry(
        action=action_word(decision.action),
        score=decision.score,
        why=REASONS[decision.reason],
        detail=plain(decision.note),
        rule=decision.rule,
        rule_text="" if rule is None else rule_text(rule),
        signals=tuple(
            SignalEntry(hit.signal.value, f"{hit.weight:+d}", hit.weight > 0, sentence_of(hit.signal))
            for hit in decision.signals
        ),
    )


def sentences_of(signals: Iterable[Signal]) -> tuple[str, ...]:
    """What signals say, in English."""
    return tuple(sentence_of(signal) for signal in signals)


def rule_text(rule: Rule) -> str:
    """The conditions of a rule as a manifest names them; empty for one that always matches."""
    written = trust.rule_to_json(rule)
    shown = (name for name in written if name not in {"action", "note", "expires"})
    return plain(" · ".join(f"{name}: {_condition(written[name])}" for name in shown), 600)


def _condition(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
