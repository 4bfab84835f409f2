"""The trust policy of a manifest: planned, applied, exported, and refused with the rule and the reason."""

from __future__ import annotations

from uuid import UUID

import pytest

from server import clients, trust
from server.administration import Operator
from server.administration.manifest import (
    ManifestError,
    Options,
    Plan,
    Sign,
    apply_manifest,
    export_tenant,
    parse_manifests,
    plan_manifest,
)
from server.kernel import database
from server.kernel.clock import DAY
from server.kernel.json import load_json
from server.tenants import Origin
from server.trust import Action, ClientFacts, Reason, Source, TrustPolicy
from tests.issuing import NOW, PUBLIC_URL

pytestmark = pytest.mark.usefixtures("storage")

OPERATOR = Operator.at_the_command_line("root", Origin.MANIFEST)
POLICY = """
tenant: acme
clients:
  - {client_id: partner, token_endpoint_auth_method: none, redirect_uris: ["https://partner.example/cb"]}
trust_policy:
  thresholds: {confirm: 20, hold: 60}
  remember_confirmations: 30d
  rules:
    - {host: "*.acme.test", action: trust, note: "our own applications"}
    - {host: claude.ai, scheme: https, action: trust}
    - {loopback: true, client_source: [admin, metadata_document], action: trust}
    - {client_source: [dynamic], min_risk: 40, action: hold, expires: 2035-03-17}
    - {signal: lookalike, action: block}
  verdicts:
    - {host: "evil.example", verdict: block, note: "phishing, ticket 4711"}
    - {client_id: partner, redirect_uri: "https://partner.example/cb", verdict: trust, expires: 2037-06-30}
"""
EVERYTHING = "~ trust policy (confirm, hold, remember_confirmations, rules)"
DCR = ClientFacts("dcr", Source.DYNAMIC, NOW, "d" * 64)


async def apply(text: str, *, prune: bool = False) -> Plan:
    (manifest,) = parse_manifests(text, "acme.yaml")
    return await apply_manifest(OPERATOR, manifest, Options(PUBLIC_URL, prune=prune), {}, NOW)


async def tenant_id() -> UUID:
    row = await database.row("SELECT id FROM tenant WHERE slug = 'acme'")
    assert row is not None
    return database.as_uuid(row["id"])


def lines(plan: Plan) -> list[str]:
    return [str(change) for change in plan.changes if change.noun in {"trust", "verdict"}]


async def test_policy_and_verdicts_are_in_force_once_applied() -> None:
    plan = await apply(POLICY)
    assert lines(plan) == [
        "+ trust policy",
        "+ verdict evil.example",
        "+ verdict partner https://partner.example/cb",
    ]
    acme = await tenant_id()
    decided = {
        uri: (decision.action, decision.reason, decision.rule)
        for uri in ("https://app.acme.test/", "https://evil.example/", "https://other.example/", "http://127.0.0.1/")
        for decision in [await trust.decide(acme, DCR, uri, None, NOW)]
    }
    assert decided == {
        "https://app.acme.test/": (Action.TRUST, Reason.RULE, 1),
        "https://evil.example/": (Action.BLOCK, Reason.BLOCK_VERDICT, None),
        "https://other.example/": (Action.HOLD, Reason.RULE, 4),
        "http://127.0.0.1/": (Action.HOLD, Reason.RULE, 4),
    }
    client = await clients.find(acme, "partner")
    assert client is not None
    partner = await trust.decide(acme, trust.client_facts(client), "https://partner.example/cb", None, NOW)
    assert partner.reason is Reason.CLIENT_VERDICT
    assert (await trust.get_standing(acme)).policy.remember_confirmations == 30 * DAY


async def test_second_time_changes_nothing_and_an_export_is_the_same() -> None:
    await apply(POLICY)
    again = await apply(POLICY)
    assert again.is_done
    assert lines(again)[0] == "= trust policy"
    exported = await export_tenant("acme", PUBLIC_URL)
    assert (await apply(exported)).is_done
    assert [kept.version for kept in await trust.list_policy_versions(await tenant_id())] == [1]


async def test_what_changes_is_told_and_audited() -> None:
    await apply(POLICY)
    changed = POLICY.replace("hold: 60", "hold: 80").replace("verdict: block, note", "verdict: trust, note")
    plan = await apply(changed)
    assert lines(plan)[:2] == ["~ trust policy (hold)", "~ verdict evil.example (judgement)"]
    rows = await database.rows("SELECT event, details FROM audit_event WHERE event LIKE 'trust%' ORDER BY id")
    saved, verdict = "trust_policy.saved", "trust_verdict.set"
    assert [row["event"] for row in rows] == [saved, verdict, verdict, saved, verdict]
    details = load_json(str(rows[3]["details"]))
    assert isinstance(details, dict)
    assert details["version"] == 2


async def test_verdict_of_a_changed_client_is_renewed_by_its_manifest() -> None:
    await apply(POLICY)
    acme = await tenant_id()
    await apply(POLICY.replace("client_id: partner, token", "client_id: partner, client_name: New, token"))
    client = await clients.find(acme, "partner")
    assert client is not None
    decision = await trust.decide(acme, trust.client_facts(client), "https://partner.example/cb", None, NOW)
    assert decision.reason is Reason.CLIENT_VERDICT


async def test_missing_section_is_left_alone_and_an_empty_one_is_the_empty_policy() -> None:
    await apply(POLICY)
    acme = await tenant_id()
    assert lines(await apply("tenant: acme")) == []
    assert lines(await apply("tenant: acme\ntrust_policy: {}")) == [EVERYTHING]
    assert (await trust.get_standing(acme)).policy == TrustPolicy()
    assert len(await trust.list_verdicts(acme)) == 2
    assert lines(await apply("tenant: acme\ntrust_policy: {verdicts: []}")) == ["= trust policy"]
    plan = await apply("tenant: acme\ntrust_policy: {verdicts: []}", prune=True)
    assert [change.sign for change in plan.changes if change.noun == "verdict"] == [Sign.REMOVED] * 2
    assert await trust.list_verdicts(acme) == ()


async def test_new_tenant_with_an_empty_policy_has_nothing_to_save() -> None:
    assert lines(await apply("tenant: acme\ntrust_policy: {}")) == []
    assert await trust.list_policy_versions(await tenant_id()) == ()
    assert "trust_policy: {}" in await export_tenant("acme", PUBLIC_URL)


BROKEN = "tenant: acme\ntrust_policy:\n  rules:\n    - {action: trust}\n    - {action: hold, %s}\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BROKEN % "hots: a", "acme.yaml:5: rules: rule 2: hots is not known"),
        (BROKEN % "host: '*'", "acme.yaml:5: rules: rule 2: host must be a host name"),
        (BROKEN % "min_risk: 101", "acme.yaml:5: rules: rule 2: min_risk must be a whole number"),
        ("tenant: acme\ntrust_policy: {rules: [{}]}", "acme.yaml:2: rules: rule 1: action is missing"),
        ("tenant: acme\ntrust_policy: {treshold: 1}", "acme.yaml:2: treshold: unknown key"),
        (
            "tenant: acme\ntrust_policy: {thresholds: {hold: 101}}",
            "acme.yaml:2: trust_policy: thresholds: hold",
        ),
        ("tenant: acme\ntrust_policy: {verdicts: [{verdict: block}]}", "acme.yaml:2: verdicts: a verdict is about"),
        ("tenant: acme\ntrust_policy: {verdicts: [{host: a.test}]}", "acme.yaml:2: verdicts: verdict is missing"),
        (
            "tenant: acme\ntrust_policy: {verdicts: [{host: github.io, verdict: trust}]}",
            "acme.yaml:2: verdicts: a suffix below which",
        ),
        (
            "tenant: acme\ntrust_policy: {verdicts: [{host: a.test, verdict: block, expires: soon}]}",
            "acme.yaml:2: verdicts: expires must be an ISO date",
        ),
        (
            "tenant: acme\ntrust_policy: {verdicts: [{client_id: x, redirect_uri: 'https://a.test/', verdict: block}]}",
            "acme.yaml:2: verdicts: client x is not one",
        ),
        (
            "tenant: acme\ntrust_policy: {verdicts: [{host: a.test, verdict: block}, {host: A.test, verdict: trust}]}",
            "acme.yaml:2: verdicts: has two verdicts on the same",
        ),
    ],
)
async def test_a_broken_policy_is_refused_with_its_place_and_the_old_one_stays(text: str, message: str) -> None:
    await apply(POLICY)
    with pytest.raises(ManifestError) as refusal:
        await apply(text)
    assert str(refusal.value).startswith(message)
    standing = await trust.get_standing(await tenant_id())
    assert (standing.version, len(standing.policy.rules), len(standing.verdicts)) == (1, 5, 2)


async def test_planning_saves_nothing() -> None:
    (manifest,) = parse_manifests(POLICY, "acme.yaml")
    await apply("tenant: acme")
    plan = await plan_manifest(manifest, Options(PUBLIC_URL), NOW)
    assert lines(plan)[0] == EVERYTHING
    assert (await trust.get_standing(await tenant_id())).version == 0
