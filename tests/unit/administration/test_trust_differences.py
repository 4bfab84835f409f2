"""What differs between two versions of a policy."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from server.administration.trust_differences import PolicyDifference, RuleChange, difference, same_rule
from server.trust import Action, Rule, Thresholds, TrustPolicy

A, B, C = (Rule(Action.TRUST, host=f"{name}.example") for name in "abc")


def _lines(found: PolicyDifference) -> list[tuple[str, str | None, int | None, int | None]]:
    return [(line.change.value, line.rule.host, line.before, line.after) for line in found.rules]


def _between(before: tuple[Rule, ...], after: tuple[Rule, ...]) -> PolicyDifference:
    return difference(TrustPolicy(rules=before), TrustPolicy(rules=after))


def test_same_policy_differs_in_nothing() -> None:
    assert _between((A, B), (A, B)).is_empty


def test_rules_come_go_and_move() -> None:
    assert _lines(_between((A, B), (A, C, B))) == [
        ("kept", "a.example", 1, 1),
        ("added", "c.example", None, 2),
        ("kept", "b.example", 2, 3),
    ]
    assert _lines(_between((A, B), (B,))) == [("removed", "a.example", 1, None), ("kept", "b.example", 2, 1)]
    moved = _between((A, B, C), (B, C, A))
    assert ("moved", "a.example", 1, 3) in _lines(moved)
    assert not moved.is_empty


def test_edited_rule_is_removed_and_added() -> None:
    changes = [line.change for line in _between((A,), (Rule(Action.BLOCK, host="a.example"),)).rules]
    assert changes == [RuleChange.REMOVED, RuleChange.ADDED]


def test_what_is_no_rule_is_told_with_both_values() -> None:
    found = difference(TrustPolicy(), TrustPolicy(Thresholds(20, 70), remember_confirmations=0))
    assert found.members == {"thresholds.confirm": [30, 20], "remember_confirmations": ["90d", "0s"]}
    assert not found.is_empty


def test_rules_decide_alike_whatever_is_noted_beside_them() -> None:
    assert same_rule(A, Rule(Action.TRUST, host="a.example", note="ours", expires_at=1_000_000))
    assert not same_rule(A, B)


_policies = st.lists(st.sampled_from([A, B, C]), max_size=6).map(tuple)


@given(_policies, _policies)
def test_every_rule_of_both_is_told_exactly_once(before: tuple[Rule, ...], after: tuple[Rule, ...]) -> None:
    lines = _between(before, after).rules
    assert sorted(line.before for line in lines if line.before) == list(range(1, len(before) + 1))
    assert [line.after for line in lines if line.after] == list(range(1, len(after) + 1))
    for line in lines:
        assert line.before is None or before[line.before - 1] == line.rule
        assert line.after is None or after[line.after - 1] == line.rule
