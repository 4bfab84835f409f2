"""How a policy is read by people: its rules, what differs between two, who saved it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from server import users
from server.administration.trust_differences import RuleChange
from server.kernel.clock import format_duration
from web.admin.trust_words import action_word, rule_text
from web.foreign_text import MAX_LINE_LENGTH, MAX_NAME_LENGTH, plain
from web.localization import mark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.administration.trust_differences import PolicyDifference
    from server.trust import Decision, Rule, TrustPolicy
    from web.admin.trust_words import ActionWord
    from web.admin.visit import ConsoleVisit

CHANGES = {
    RuleChange.ADDED: (mark("new"), "new"),
    RuleChange.REMOVED: (mark("removed"), "danger"),
    RuleChange.MOVED: (mark("moved"), "notice"),
}
MEMBERS = {
    "thresholds.confirm": mark("Confirm from"),
    "thresholds.hold": mark("Hold from"),
    "remember_confirmations": mark("Confirmations are remembered for"),
}


@dataclass(frozen=True, slots=True)
class RuleEntry:
    """A rule. Text is empty for one that always matches; hits are of the last 30 days, None where nobody counted."""

    number: int
    action: ActionWord
    text: str
    note: str
    expires: str
    is_expired: bool
    hits: str | None = None


@dataclass(frozen=True, slots=True)
class RuleChanged:
    """A rule that differs: what became of it in English, where it stood and stands."""

    change: str
    kind: str
    before: int | None
    after: int | None
    rule: RuleEntry


@dataclass(frozen=True, slots=True)
class Differences:
    """What differs between two policies. Labels of members in English."""

    members: tuple[tuple[str, str, str], ...]  # label, before, after
    rules: tuple[RuleChanged, ...]

    @property
    def is_empty(self) -> bool:
        """Whether both are the same."""
        return not self.members and not self.rules


def rule_entries(visit: ConsoleVisit, policy: TrustPolicy, hits: tuple[int, ...] = ()) -> tuple[RuleEntry, ...]:
    """The rules in their order, with how often each decided where that was counted."""
    return tuple(
        _entry(visit, rule, number, hits[number - 1] if hits else None)
        for number, rule in enumerate(policy.rules, start=1)
    )


def differences(visit: ConsoleVisit, found: PolicyDifference) -> Differences:
    """What differs, as it is shown: rules that were kept where they were are left out."""
    members = tuple(
        (MEMBERS[name], str(pair[0]), str(pair[1])) for name, pair in found.members.items() if isinstance(pair, list)
    )
    rules = tuple(
        RuleChanged(*CHANGES[line.change], line.before, line.after, _entry(visit, line.rule, line.after or 0, None))
        for line in found.rules
        if line.change in CHANGES
    )
    return Differences(members, rules)


def both(now: TrustPolicy, typed: TrustPolicy) -> Mapping[str, tuple[str, str]]:
    """What is there now beside what was typed, for two administrators who changed it at once."""
    return {
        label: (of_now, of_typed)
        for label, of_now, of_typed in (
            (MEMBERS["thresholds.confirm"], str(now.thresholds.confirm), str(typed.thresholds.confirm)),
            (MEMBERS["thresholds.hold"], str(now.thresholds.hold), str(typed.thresholds.hold)),
            (
                MEMBERS["remember_confirmations"],
                format_duration(now.remember_confirmations),
                format_duration(typed.remember_confirmations),
            ),
            (mark("Rules"), _lines(now), _lines(typed)),
        )
    }


def deciding_rule(policy: TrustPolicy, decision: Decision) -> Rule | None:
    """The rule that decided, where one did."""
    number = decision.rule
    return policy.rules[number - 1] if number is not None and number <= len(policy.rules) else None


async def author_of(visit: ConsoleVisit, author: str | None) -> str:
    """Who saved or set something, by name."""
    try:
        person = await users.find(visit.site.system.id, UUID(author or ""))
    except ValueError:
        return plain(author, MAX_NAME_LENGTH) or "Latchkey"
    return plain(person.username if person else author, MAX_NAME_LENGTH)


def _entry(visit: ConsoleVisit, rule: Rule, number: int, hits: int | None) -> RuleEntry:
    return RuleEntry(
        number=number,
        action=action_word(rule.action),
        text=rule_text(rule),
        note=plain(rule.note, MAX_LINE_LENGTH),
        expires="" if rule.expires_at is None else visit.language.time(rule.expires_at),
        is_expired=rule.expires_at is not None and rule.expires_at <= visit.now,
        hits=None if hits is None else visit.language.number(hits),
    )


def _lines(policy: TrustPolicy) -> str:
    return "\n".join(
        f"{number}. {rule.action.value} · {rule_text(rule)}" for number, rule in enumerate(policy.rules, 1)
    )
