"""What differs between two versions of a policy: rule by rule, in the order of the newer one. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import TYPE_CHECKING

from server import trust
from server.kernel.clock import format_duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server.kernel.json import JsonValue
    from server.trust import Rule, TrustPolicy


class RuleChange(StrEnum):
    """What became of a rule."""

    KEPT = "kept"
    MOVED = "moved"  # to another place among those that were kept
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule with its number before and after, counted from 1; None where it was not there."""

    change: RuleChange
    rule: Rule
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class PolicyDifference:
    """Everything that differs; `members` maps what is no rule to [before, after]."""

    members: dict[str, JsonValue]
    rules: tuple[RuleLine, ...]

    @property
    def is_empty(self) -> bool:
        """Whether both are the same."""
        return not self.members and all(line.change is RuleChange.KEPT for line in self.rules)


def difference(before: TrustPolicy, after: TrustPolicy) -> PolicyDifference:
    """From one policy to another. A rule that was edited is removed and added."""
    return PolicyDifference(_members(before, after), tuple(_with_moves(list(_lines(before.rules, after.rules)))))


def _members(before: TrustPolicy, after: TrustPolicy) -> dict[str, JsonValue]:
    values: dict[str, tuple[JsonValue, JsonValue]] = {
        "thresholds.confirm": (before.thresholds.confirm, after.thresholds.confirm),
        "thresholds.hold": (before.thresholds.hold, after.thresholds.hold),
        "remember_confirmations": (
            format_duration(before.remember_confirmations),
            format_duration(after.remember_confirmations),
        ),
    }
    return {name: [old, new] for name, (old, new) in values.items() if old != new}


def _lines(before: tuple[Rule, ...], after: tuple[Rule, ...]) -> Iterator[RuleLine]:
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            for offset, rule in enumerate(before[i1:i2], start=1):
                yield RuleLine(RuleChange.KEPT, rule, i1 + offset, j1 + offset)
            continue
        for number, rule in enumerate(before[i1:i2], start=i1 + 1):
            yield RuleLine(RuleChange.REMOVED, rule, number, None)
        for number, rule in enumerate(after[j1:j2], start=j1 + 1):
            yield RuleLine(RuleChange.ADDED, rule, None, number)


def _with_moves(lines: list[RuleLine]) -> Iterator[RuleLine]:
    """The same, where a rule that was removed here and added there is told once, where it is now."""
    removed = [line for line in lines if line.change is RuleChange.REMOVED]
    moved: dict[int, int] = {}  # number after: number before
    for line in lines:
        source = next((gone for gone in removed if gone.rule == line.rule), None)
        if line.change is RuleChange.ADDED and source is not None:
            removed.remove(source)
            moved[line.after or 0] = source.before or 0
    taken = set(moved.values())
    for line in lines:
        if line.change is RuleChange.ADDED and line.after in moved:
            yield RuleLine(RuleChange.MOVED, line.rule, moved[line.after], line.after)
        elif line.change is not RuleChange.REMOVED or line.before not in taken:
            yield line


def same_rule(one: Rule, other: Rule) -> bool:
    """Whether two rules decide alike: same conditions, same action, whatever is noted beside them."""
    return _deciding(one) == _deciding(other)


def _deciding(rule: Rule) -> dict[str, JsonValue]:
    return {name: value for name, value in trust.rule_to_json(rule).items() if name not in {"note", "expires"}}
