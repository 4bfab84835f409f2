"""Policies as they are written: read strictly, refused with the number of the rule, written as they are read."""

from __future__ import annotations

import pytest

from server.kernel.clock import DAY, HOUR, SECOND
from server.kernel.json import JsonValue
from server.trust import (
    Action,
    InvalidPolicy,
    Rule,
    Signal,
    Source,
    Thresholds,
    TrustPolicy,
    format_instant,
    parse_instant,
    policy_from_json,
    policy_to_json,
)
from server.trust.documents import stored_policy

WRITTEN: JsonValue = {
    "thresholds": {"confirm": 20, "hold": 60},
    "remember_confirmations": "30d",
    "rules": [
        {"host": "*.acme.test", "action": "trust", "note": "our own applications"},
        {"host": "claude.ai", "scheme": "https", "action": "trust"},
        {"loopback": True, "client_source": ["admin", "metadata_document"], "action": "trust"},
        {"client_source": ["dynamic"], "min_risk": 40, "max_risk": 90, "action": "hold"},
        {"client_id_host": "app.example", "signal": "lookalike", "action": "block", "expires": "2027-06-30"},
    ],
}
LONG: JsonValue = {"rules": [{"action": "trust", "note": "x" * 501}]}
POLICY = TrustPolicy(
    Thresholds(20, 60),
    30 * DAY,
    (
        Rule(Action.TRUST, host="*.acme.test", note="our own applications"),
        Rule(Action.TRUST, host="claude.ai", scheme="https"),
        Rule(Action.TRUST, loopback=True, client_source=(Source.ADMIN, Source.METADATA_DOCUMENT)),
        Rule(Action.HOLD, client_source=(Source.DYNAMIC,), min_risk=40, max_risk=90),
        Rule(
            Action.BLOCK,
            client_id_host="app.example",
            signal=Signal.LOOKALIKE,
            expires_at=1_814_313_600 * SECOND,
        ),
    ),
)


def test_policy_is_read_and_written_alike() -> None:
    assert policy_from_json(WRITTEN) == POLICY
    assert policy_from_json(policy_to_json(POLICY)) == POLICY
    assert policy_to_json(policy_from_json(WRITTEN)) == policy_to_json(POLICY)


def test_an_empty_policy_is_the_default() -> None:
    assert policy_from_json({}) == TrustPolicy()
    assert policy_from_json({"thresholds": None, "rules": None, "remember_confirmations": None}) == TrustPolicy()
    assert policy_from_json({"thresholds": {"hold": 50}}).thresholds == Thresholds(30, 50)
    assert policy_from_json(
        {"rules": [{"action": "hold", "client_source": "dynamic", "host": "APP.Example"}]}
    ).rules == (Rule(Action.HOLD, client_source=(Source.DYNAMIC,), host="app.example"),)


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ([], "a policy must be a mapping"),
        ({"rule": []}, "a policy: rule is not known"),
        ({"rules": {}}, "rules must be a list"),
        ({"rules": ["x"]}, "rule 1: a rule must be a mapping"),
        ({"rules": [{"action": "hold"}, {"host": "a.test"}]}, "rule 2: action is missing"),
        ({"rules": [{"action": "allow"}]}, "rule 1: action must be one of trust, confirm, hold, block"),
        ({"rules": [{"action": "hold", "hosts": "a.test"}]}, "rule 1: hosts is not known"),
        ({"rules": [{"action": "hold", "host": 7}]}, "rule 1: host must be one line of printable text"),
        ({"rules": [{"action": "hold", "host": ""}]}, "rule 1: host must be a host name"),
        ({"rules": [{"action": "hold", "host": "*"}]}, "rule 1: host must be a host name"),
        ({"rules": [{"action": "hold", "host": "*.*.a.test"}]}, "rule 1: host must be a host name"),
        ({"rules": [{"action": "hold", "host": "a.*.test"}]}, "rule 1: host must be a host name"),
        ({"rules": [{"action": "hold", "host": "a.test:8443"}]}, "rule 1: host must be a host name"),
        ({"rules": [{"action": "hold", "host": "https://a.test"}]}, "rule 1: host must be a host name"),
        ({"rules": [{"action": "hold", "host": "b\u00fccher.test"}]}, "rule 1: host must be a host name in ASCII"),
        ({"rules": [{"action": "hold", "client_id_host": "*a.test"}]}, "rule 1: client_id_host must be a host name"),
        ({"rules": [{"action": "trust", "host": "*.com"}]}, "rule 1: host names all below a suffix"),
        ({"rules": [{"action": "trust", "host": "*.github.io"}]}, "rule 1: host names all below a suffix"),
        ({"rules": [{"action": "hold", "scheme": "HTTPS:"}]}, "rule 1: scheme is not a URI scheme"),
        ({"rules": [{"action": "hold", "loopback": "yes"}]}, "rule 1: loopback must be true or false"),
        ({"rules": [{"action": "hold", "client_source": ["cimd"]}]}, "rule 1: client_source must be one of admin"),
        ({"rules": [{"action": "hold", "signal": "phishing"}]}, "rule 1: signal must be one of"),
        ({"rules": [{"action": "hold", "min_risk": 101}]}, "rule 1: min_risk must be a whole number"),
        ({"rules": [{"action": "hold", "max_risk": True}]}, "rule 1: max_risk must be a whole number"),
        ({"rules": [{"action": "hold", "max_risk": "9"}]}, "rule 1: max_risk must be a whole number"),
        ({"rules": [{"action": "hold", "min_risk": 50, "max_risk": 40}]}, "rule 1: min_risk is above max_risk"),
        ({"rules": [{"action": "hold", "note": "a\nb"}]}, "rule 1: note must be one line"),
        ({"rules": [{"action": "hold", "expires": "soon"}]}, "rule 1: expires must be an ISO date"),
        ({"rules": [{"action": "hold", "expires": 20270630}]}, "rule 1: expires must be one line"),
        ({"rules": [{"action": "hold"}] * 201}, "there may be 200 rules at most"),
        ({"thresholds": []}, "thresholds must be a mapping"),
        ({"thresholds": {"trust": 1}}, "thresholds: trust is not known"),
        ({"thresholds": {"confirm": 71}}, "thresholds: confirm must be above 0 and not above hold"),
        ({"thresholds": {"confirm": 0}}, "thresholds: confirm must be above 0"),
        ({"thresholds": {"hold": -1}}, "thresholds: hold must be a whole number"),
        ({"remember_confirmations": "90"}, "remember_confirmations: a duration is"),
        ({"remember_confirmations": "400d"}, "remember_confirmations must not be longer than 365d"),
    ],
)
def test_a_broken_policy_is_refused_with_rule_number_and_reason(document: JsonValue, why: str) -> None:
    with pytest.raises(InvalidPolicy) as refusal:
        policy_from_json(document)
    assert str(refusal.value).startswith(why)


def test_a_policy_that_cannot_be_read_is_not_written() -> None:
    with pytest.raises(InvalidPolicy):
        policy_to_json(TrustPolicy(Thresholds(0, 70)))


@pytest.mark.parametrize(
    ("text", "instant", "again"),
    [
        ("1970-01-02", DAY, "1970-01-02"),
        ("1970-01-01T01:00:00", HOUR, "1970-01-01T01:00:00Z"),
        ("1970-01-01T01:00:00Z", HOUR, "1970-01-01T01:00:00Z"),
        ("1970-01-01T02:00:00+02:00", 0, "1970-01-01"),
    ],
)
def test_instants_are_dates_or_times_in_utc(text: str, instant: int, again: str) -> None:
    assert parse_instant(text) == instant
    assert format_instant(instant) == again
    assert parse_instant(again) == instant


def test_notes_are_bounded_and_those_of_a_former_release_are_cut() -> None:
    with pytest.raises(InvalidPolicy, match="note must have 500 characters at most"):
        policy_from_json(LONG)
    (rule,) = stored_policy(LONG).rules
    assert rule.note == "x" * 500


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "1969-12-31"])
def test_instants_that_could_not_be_written_again_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="from 1970 to 9999"):
        parse_instant(text)
