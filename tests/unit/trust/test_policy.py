"""Precedence, rules, thresholds, and the bounds of what a crowd can do to a score."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kernel.clock import DAY
from server.kernel.json import JsonValue
from server.trust import (
    DEFINITIONS,
    Action,
    ClientFacts,
    Judgement,
    OriginFacts,
    Reason,
    Reputation,
    Rule,
    Signal,
    SignalHit,
    Source,
    Target,
    TargetKind,
    Thresholds,
    TrustPolicy,
    UnknownFacts,
    evaluate,
)
from server.trust.facts import Facts
from server.trust.policy import action_of, score_of
from server.trust.rules import matches_host
from tests.unit.trust.places import ADMIN, CIMD, CLIENTS, DCR, ESTABLISHED, HISTORIES, NOW, facts, standing, verdict

URI = "https://app.example/cb"
HOST_TRUST = verdict(Judgement.TRUST, host="app.example", note="host")
HOST_BLOCK = verdict(Judgement.BLOCK, host="app.example", note="host")
CLIENT_TRUST = verdict(Judgement.TRUST, client_id="dcr", redirect_uri=URI, note="client")
CLIENT_BLOCK = verdict(Judgement.BLOCK, client_id="dcr", redirect_uri=URI, note="client")
OTHER_TRUST = verdict(Judgement.TRUST, client_id="other", redirect_uri=URI)
ALL = TrustPolicy(rules=(Rule(Action.HOLD, note="all"),))


@pytest.mark.parametrize(
    ("verdicts", "reputation", "policy", "action", "reason", "note"),
    [
        ((HOST_BLOCK, CLIENT_TRUST), "unknown", ALL, "block", "block_verdict", "host"),
        ((CLIENT_BLOCK, HOST_TRUST), "unknown", ALL, "block", "block_verdict", "client"),
        ((CLIENT_BLOCK, HOST_BLOCK), "malicious", ALL, "block", "block_verdict", "client"),
        ((CLIENT_TRUST, HOST_TRUST), "malicious", ALL, "block", "malicious", None),
        ((CLIENT_TRUST, HOST_TRUST), "unknown", ALL, "trust", "client_verdict", "client"),
        ((CLIENT_TRUST,), "suspicious", ALL, "trust", "client_verdict", "client"),
        ((HOST_TRUST,), "unknown", ALL, "trust", "host_verdict", "host"),
        ((OTHER_TRUST,), "unknown", ALL, "hold", "rule", "all"),
        ((), "malicious", TrustPolicy(rules=(Rule(Action.TRUST),)), "block", "malicious", None),
        ((), "suspicious", ALL, "hold", "rule", "all"),
        ((), "suspicious", TrustPolicy(), "hold", "score", None),
        ((), "unknown", TrustPolicy(), "confirm", "score", None),
    ],
)
def test_precedence(
    *,
    verdicts: tuple[object, ...],
    reputation: str,
    policy: TrustPolicy,
    action: str,
    reason: str,
    note: str | None,
) -> None:
    gathered = facts(URI, standing=standing(*verdicts), reputation=Reputation(reputation))  # type: ignore[arg-type] # verdicts
    decision = evaluate(gathered, policy, 1, NOW)
    assert (decision.action.value, decision.reason.value, decision.note) == (action, reason, note)
    assert decision.score > 0  # told all the same


def test_hard_rule_comes_before_everything() -> None:
    gathered = replace(facts(URI, standing=standing(CLIENT_TRUST)), broken_rule="is relative")
    decision = evaluate(gathered, TrustPolicy(rules=(Rule(Action.TRUST),)), 1, NOW)
    assert (decision.action, decision.reason, decision.note) == (Action.BLOCK, Reason.HARD_RULE, "is relative")
    assert not decision.may_redirect


@pytest.mark.parametrize("judgement", Judgement)
@pytest.mark.parametrize("uri", ["http://127.0.0.1/cb", "com.example.app:/cb", "https://sub.app.example/cb"])
def test_host_verdict_is_about_one_exact_host_over_https(judgement: Judgement, uri: str) -> None:
    hosts = ("app.example", "127.0.0.1", "example.app")
    given_ = standing(*(verdict(judgement, host=host) for host in hosts))
    assert evaluate(facts(uri, standing=given_), TrustPolicy(), 1, NOW).reason is Reason.SCORE


def test_host_verdict_ignores_port_and_case() -> None:
    for uri in ("https://APP.example/cb", "https://app.example:8443/other"):
        assert evaluate(facts(uri, standing=standing(HOST_TRUST)), ALL, 1, NOW).reason is Reason.HOST_VERDICT


@pytest.mark.parametrize(
    ("presented", "matches"),
    [
        ("http://127.0.0.1:5000/cb", True),
        ("http://127.0.0.1/cb", True),
        ("http://127.0.0.1:5000/cb?x", False),
        ("http://localhost:5000/cb", False),
        ("https://127.0.0.1:5000/cb", False),
    ],
)
def test_client_verdict_uses_the_one_matcher(presented: str, matches: bool) -> None:
    block = verdict(Judgement.BLOCK, client_id="dcr", redirect_uri="http://127.0.0.1:4000/cb")
    reason = evaluate(facts(presented, standing=standing(block)), TrustPolicy(), 1, NOW).reason
    assert (reason is Reason.BLOCK_VERDICT) is matches


@pytest.mark.parametrize(
    ("members", "counts"),
    [
        ({}, True),
        ({"expires_at": NOW + 1}, True),
        ({"expires_at": NOW}, False),
        ({"metadata_digest": DCR.metadata_digest}, True),
        ({"metadata_digest": "other"}, False),
        ({"metadata_digest": "other", "judgement": Judgement.BLOCK}, True),
        ({"judgement": Judgement.BLOCK, "expires_at": NOW}, False),
    ],
)
def test_trust_lapses_with_the_metadata_and_every_verdict_when_it_expires(
    members: dict[str, object], counts: bool
) -> None:
    given_ = replace(CLIENT_TRUST, **members)  # type: ignore[arg-type] # members by name
    decision = evaluate(facts(URI, standing=standing(given_)), TrustPolicy(), 1, NOW)
    assert (decision.reason is not Reason.SCORE) is counts


# ------------------------------------------------------------------------------------------------------------- rules


@pytest.mark.parametrize(
    ("pattern", "host", "matches"),
    [
        ("app.example", "app.example", True),
        ("app.example", "www.app.example", False),
        ("app.example", "xapp.example", False),
        ("*.app.example", "www.app.example", True),
        ("*.app.example", "a.b.app.example", True),
        ("*.app.example", "app.example", False),
        ("*.app.example", "evilapp.example", False),
        ("*.app.example", "app.example.evil.test", False),
        ("*.app.example", "www.app.example.evil.test", False),
        ("*.example", "app.example", True),
        ("127.0.0.1", "127.0.0.1", True),
        ("app.example", None, False),
        ("*.app.example", None, False),
    ],
)
def test_host_pattern_works_by_labels(pattern: str, host: str | None, matches: bool) -> None:
    assert matches_host(pattern, host) is matches


@given(st.lists(st.sampled_from(["a", "b", "app", "xapp", "example"]), min_size=1, max_size=5))
def test_wildcard_is_never_a_string_prefix(labels: list[str]) -> None:
    expected = len(labels) > 2 and labels[-2:] == ["app", "example"]
    assert matches_host("*.app.example", ".".join(labels)) is expected


LOOPBACK = "http://127.0.0.1:9/cb"


@pytest.mark.parametrize(
    ("conditions", "uri", "client", "matches"),
    [
        ({}, URI, "dcr", True),
        ({"host": "app.example"}, URI, "dcr", True),
        ({"host": "app.example"}, "https://APP.example:8443/x", "dcr", True),
        ({"host": "*.example"}, URI, "dcr", True),
        ({"host": "*.app.example"}, URI, "dcr", False),
        ({"host": "app"}, "app:/cb", "dcr", False),
        ({"host": "127.0.0.1"}, LOOPBACK, "dcr", True),
        ({"scheme": "https"}, URI, "dcr", True),
        ({"scheme": "https"}, LOOPBACK, "dcr", False),
        ({"scheme": "com.example.app"}, "com.example.app:/cb", "dcr", True),
        ({"loopback": True}, LOOPBACK, "dcr", True),
        ({"loopback": True}, URI, "dcr", False),
        ({"loopback": False}, URI, "dcr", True),
        ({"loopback": False}, LOOPBACK, "dcr", False),
        ({"client_source": (Source.DYNAMIC,)}, URI, "dcr", True),
        ({"client_source": (Source.DYNAMIC,)}, URI, "promoted", False),
        ({"client_source": (Source.ADMIN,)}, URI, "promoted", True),
        ({"client_source": (Source.ADMIN, Source.METADATA_DOCUMENT)}, URI, "cimd", True),
        ({"client_source": (Source.ADMIN, Source.METADATA_DOCUMENT)}, URI, "dcr", False),
        ({"client_id_host": "app.example"}, LOOPBACK, "cimd", True),
        ({"client_id_host": "*.example"}, LOOPBACK, "cimd", True),
        ({"client_id_host": "app.example"}, URI, "dcr", False),
        ({"signal": Signal.LOOPBACK}, LOOPBACK, "dcr", True),
        ({"signal": Signal.LOOPBACK}, URI, "dcr", False),
        ({"min_risk": 55}, URI, "dcr", True),
        ({"min_risk": 56}, URI, "dcr", False),
        ({"max_risk": 55}, URI, "dcr", True),
        ({"max_risk": 54}, URI, "dcr", False),
        ({"expires_at": NOW + 1}, URI, "dcr", True),
        ({"expires_at": NOW}, URI, "dcr", False),
        ({"host": "app.example", "scheme": "http"}, URI, "dcr", False),
        ({"host": "app.example", "scheme": "https", "loopback": False, "min_risk": 1}, URI, "dcr", True),
    ],
)
def test_rule_matches_when_every_condition_holds(
    conditions: dict[str, object], uri: str, client: str, matches: bool
) -> None:
    rule = Rule(Action.BLOCK, **conditions)  # type: ignore[arg-type] # conditions by name
    decision = evaluate(facts(uri, CLIENTS[client]), TrustPolicy(rules=(rule,)), 1, NOW)
    assert (decision.action is Action.BLOCK) is matches
    assert decision.rule == (1 if matches else None)


def test_the_first_rule_that_matches_decides() -> None:
    never, hold, trust = Rule(Action.BLOCK, host="other.example"), Rule(Action.HOLD), Rule(Action.TRUST)
    assert _decided(never, hold, trust) == (Action.HOLD, 2)
    assert _decided(trust, hold, never) == (Action.TRUST, 1)
    assert _decided(never) == (Action.CONFIRM, None)


def _decided(*rules: Rule) -> tuple[Action, int | None]:
    decision = evaluate(facts(URI), TrustPolicy(rules=rules), 1, NOW)
    return decision.action, decision.rule


# ------------------------------------------------------------------------------------------------------------- scores


@pytest.mark.parametrize(
    ("score", "action"), [(0, "trust"), (29, "trust"), (30, "confirm"), (69, "confirm"), (70, "hold"), (100, "hold")]
)
def test_thresholds_are_where_an_action_begins(score: int, action: str) -> None:
    assert action_of(score, Thresholds()).value == action
    assert action_of(50, Thresholds(confirm=50, hold=50)) is Action.HOLD


hits = st.sets(st.sampled_from(Signal)).map(
    lambda signals: tuple(SignalHit(signal, DEFINITIONS[signal].weight) for signal in signals)
)
levels = st.tuples(st.integers(1, 100), st.integers(1, 100)).map(lambda pair: Thresholds(min(pair), max(pair)))
CROWD = {Signal.ESTABLISHED, Signal.REPORTED, Signal.OFTEN_DECLINED}


@given(hits, levels)
def test_score_is_within_bounds_and_a_crowd_neither_holds_nor_trusts_cheaply(
    raised: tuple[SignalHit, ...], thresholds: Thresholds
) -> None:
    score = score_of(raised, thresholds)
    own = score_of(tuple(hit for hit in raised if hit.signal not in CROWD), thresholds)
    complaints = score_of(tuple(hit for hit in raised if hit.signal is not Signal.ESTABLISHED), thresholds)
    assert 0 <= score <= 100
    assert complaints < thresholds.hold or complaints == own
    assert score >= min(complaints, thresholds.confirm - 1)


def test_no_number_of_people_lowers_below_just_under_confirm() -> None:
    established = evaluate(facts("https://a.b.c.d.app.example:8443/", origin=ESTABLISHED), TrustPolicy(), 1, NOW)
    assert established.score == 29
    assert evaluate(facts(URI, CIMD, ESTABLISHED), TrustPolicy(), 1, NOW).score == 10


@pytest.mark.parametrize("history", ["reported", "declined", "both"])
def test_complaints_lead_to_a_question_and_never_to_a_hold(history: str) -> None:
    decision = evaluate(facts("https://a.b.c.d.app.example:8443/", origin=HISTORIES[history]), TrustPolicy(), 1, NOW)
    assert decision.action is Action.CONFIRM


@pytest.mark.parametrize(
    ("origin", "signals"),
    [
        (OriginFacts(NOW - 8 * DAY, voices=4, declines=4, reports=4), set()),
        (OriginFacts(NOW - 8 * DAY, voices=5, declines=1, reports=0), set()),
        (OriginFacts(NOW - 8 * DAY, voices=5, declines=2, reports=0), {Signal.OFTEN_DECLINED}),
        (OriginFacts(NOW - 8 * DAY, voices=10, declines=0, reports=1), {Signal.REPORTED}),
        (OriginFacts(NOW - 8 * DAY, voices=11, declines=3, reports=1), set()),
    ],
)
def test_complaints_are_shares_among_at_least_five(origin: OriginFacts, signals: set[Signal]) -> None:
    decision = evaluate(facts(URI, origin=origin), TrustPolicy(), 1, NOW)
    assert {hit.signal for hit in decision.signals} & {Signal.REPORTED, Signal.OFTEN_DECLINED} == signals


# --------------------------------------------------------------------------------------- signals that no URI shows


@pytest.mark.parametrize(
    ("client", "uri", "signal", "is_raised"),
    [
        (replace(CIMD, loopback_only=True), LOOPBACK, Signal.LOOPBACK_ONLY_SELF_DECLARED, True),
        (replace(DCR, loopback_only=True), LOOPBACK, Signal.LOOPBACK_ONLY_SELF_DECLARED, True),
        (replace(ADMIN, loopback_only=True), LOOPBACK, Signal.LOOPBACK_ONLY_SELF_DECLARED, False),
        (CIMD, LOOPBACK, Signal.LOOPBACK_ONLY_SELF_DECLARED, False),
        (DCR, URI, Signal.METADATA_CHANGED, False),
        (replace(DCR, client_uri_host="www.app.example"), URI, Signal.HOST_DIFFERS_FROM_CLIENT, False),
        (replace(DCR, client_uri_host="app.example"), LOOPBACK, Signal.HOST_DIFFERS_FROM_CLIENT, False),
        (replace(DCR, client_uri_host="other.example"), URI, Signal.HOST_DIFFERS_FROM_CLIENT, True),
        (replace(CIMD, client_uri_host="other.example"), URI, Signal.HOST_DIFFERS_FROM_CLIENT, False),
    ],
)
def test_signal_of_the_client(client: ClientFacts, uri: str, signal: Signal, is_raised: bool) -> None:
    decision = evaluate(facts(uri, client), TrustPolicy(), 1, NOW)
    assert (signal in {hit.signal for hit in decision.signals}) is is_raised
    assert decision.action is not Action.HOLD


def test_loopback_of_a_changed_client_is_still_only_asked_about() -> None:
    changed = replace(facts("http://localhost/cb", replace(DCR, loopback_only=True)), metadata_changed=True)
    decision = evaluate(changed, TrustPolicy(), 1, NOW)
    assert decision.action is Action.CONFIRM
    assert Signal.METADATA_CHANGED in {hit.signal for hit in decision.signals}


@pytest.mark.parametrize("client", [CIMD, DCR])
def test_a_verified_domain_is_trusted_below_too(client: ClientFacts) -> None:
    own = standing(domains=frozenset({"app.example"}))
    for uri in (URI, "https://www.app.example/cb"):
        decision = evaluate(facts(uri, client, standing=own), TrustPolicy(), 1, NOW)
        assert (decision.action, decision.score) == (Action.TRUST, decision.score)
        assert Signal.VERIFIED_DOMAIN in {hit.signal for hit in decision.signals}
    assert evaluate(facts("https://app.example.test/", client, standing=own), TrustPolicy(), 1, NOW).score >= 30


def test_every_signal_has_a_weight() -> None:
    assert set(DEFINITIONS) == set(Signal)
    lowering = {signal for signal, row in DEFINITIONS.items() if row.weight < 0}
    assert lowering == {Signal.REGISTERED_BY_ADMIN, Signal.VERIFIED_DOMAIN, Signal.ESTABLISHED}


# -------------------------------------------------------------------------------------------------------------- facts


@pytest.mark.parametrize("uri", [URI, LOOPBACK, "com.example.app:/cb", "https://xn--pple-43d.com:8443/"])
@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("given_", [(), (CLIENT_BLOCK,), (HOST_TRUST,)])
def test_facts_are_kept_and_read_as_they_were(uri: str, client: str, given_: tuple[object, ...]) -> None:
    gathered = replace(
        facts(
            uri,
            replace(CLIENTS[client], loopback_only=True),
            HISTORIES["both"],
            standing=standing(*given_),  # type: ignore[arg-type] # verdicts
            reputation=Reputation.SUSPICIOUS,
        ),
        metadata_changed=True,
    )
    again = Facts.from_json(gathered.to_json())
    assert again == gathered
    assert evaluate(again, ALL, 1, NOW) == evaluate(gathered, ALL, 1, NOW)


def test_facts_of_a_broken_uri_are_kept_too() -> None:
    gathered = Facts(NOW, "x", "dcr", Source.DYNAMIC, Target(TargetKind.NONE), broken_rule="is relative")
    assert Facts.from_json(gathered.to_json()) == gathered


@pytest.mark.parametrize("kept", [None, [], {}, {"v": 2}])
def test_facts_of_another_release_are_not_guessed_at(kept: JsonValue) -> None:
    with pytest.raises(UnknownFacts):
        Facts.from_json(kept)


@pytest.mark.parametrize(
    ("action", "confirmed", "needs_confirmation", "may_redirect"),
    [
        (Action.TRUST, False, False, True),
        (Action.CONFIRM, False, True, False),
        (Action.CONFIRM, True, False, True),
        (Action.HOLD, True, False, False),
        (Action.BLOCK, True, False, False),
    ],
)
def test_only_trust_or_a_confirmation_that_still_counts_sends_anybody_away(
    action: Action, *, confirmed: bool, needs_confirmation: bool, may_redirect: bool
) -> None:
    decision = replace(evaluate(facts(URI), TrustPolicy(), 1, NOW), action=action, confirmed=confirmed)
    assert (decision.needs_confirmation, decision.may_redirect) == (needs_confirmation, may_redirect)
