"""Places in the console: the simulator, the past of an origin, verdicts, domains, the redirect URIs of a client."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from server import clients, trust
from server.administration import trust_origins, trust_policies
from server.kernel import database, ids, txt_records
from server.kernel.clock import DAY
from server.kernel.paging import Paging
from server.kernel.service import Service
from server.settings import Settings
from server.trust import Action, Outcome, Reputation, Rule, TrustPolicy
from server.trust.reputation import FAILURES_UNTIL_BREAK
from tests.admin.conftest import OPERATOR, Platform
from tests.issuing import NOW, make_client
from tests.support.name_server import name_server
from tests.support.reputation_host import ReputationHost, reputation_host
from tests.support.trusting import HELD, decided, held, registered

TRUST = "/admin/t/acme/trust"


async def test_simulator_says_what_would_happen_and_why(platform: Platform) -> None:
    await registered(platform.acme)
    policy = TrustPolicy(rules=(Rule(Action.BLOCK, host="evil.example", note="phishing"),))
    await trust_policies.save(OPERATOR, platform.acme, policy, after=0, now=NOW)
    auditor, path = await platform.signed_in("auditor"), f"{TRUST}/simulator"
    assert "Try a place" in (await auditor.get(path)).text
    held_there = (await auditor.get(path, redirect_uri=HELD, client_id="dcr")).text
    for shown in (
        "Nobody is sent there until an administrator decides.",
        "shared_hosting",
        "+50",
        "What people would see",
    ):
        assert shown in held_there
    blocked = (await auditor.get(path, redirect_uri="https://evil.example/cb")).text
    assert "It is rule 1:" in blocked
    assert "phishing" in blocked
    hard = (await auditor.get(path, redirect_uri="javascript:alert(1)")).text
    assert "It breaks a rule that no setting can lift." in hard
    nobody = await auditor.get(path, redirect_uri=HELD, client_id="nobody")
    assert nobody.status_code == 422
    assert "There is no such client." in nobody.text


async def test_whoever_may_only_read_leaves_the_service_for_reputations_as_it_was(
    platform: Platform, settings: Settings
) -> None:
    client = await registered(platform.acme)
    auditor = await platform.signed_in("auditor")
    async with reputation_host(ReputationHost(status="500 Internal Server Error")) as host:
        trust.open_reputation(replace(settings, reputation=Service(host.url, None, 60)))
        try:
            for number in range(2 * FAILURES_UNTIL_BREAK):
                shown = await auditor.get(f"{TRUST}/simulator", redirect_uri=f"https://a{number}.example/cb")
                assert shown.status_code == 200
            host.status, host.says = "200 OK", "malicious"
            assert (
                "reputation_malicious"
                in (await auditor.get(f"{TRUST}/simulator", redirect_uri="https://b.example/cb")).text
            )
            host.says = "unknown"
            uri, facts = "https://b.example/cb", trust.client_facts(client)
            decide_each = partial(trust.decide_each, platform.acme.id, facts, [uri], NOW)
            (decision,) = await decide_each(known_domains=frozenset())
            assert decision.facts.reputation is Reputation.UNKNOWN  # what who looked was told is not remembered
            host.says = "malicious"
            sent = await trust.decide(platform.acme.id, facts, uri, None, NOW)
            (decision,) = await decide_each(known_domains=frozenset())
            assert sent.facts.reputation is decision.facts.reputation is Reputation.MALICIOUS
        finally:
            trust.close_reputation()


@pytest.mark.usefixtures("warm_caches")
async def test_redirect_uris_of_a_client_show_each_decision_for_one_query(platform: Platform) -> None:
    uris = [f"https://app{number}.github.io/cb" for number in range(12)]
    client = await make_client(
        platform.acme, "many", redirect_uris=[*uris, "http://127.0.0.1/cb"], source=clients.ClientSource.DYNAMIC
    )
    auditor = await platform.signed_in("auditor")
    path = f"/admin/t/acme/clients/{ids.to_short(client.id)}/redirect-uris"
    page = (await auditor.get(path)).text
    assert page.count("Anybody can publish pages at this hosting service.") == len(uris)
    assert page.count("Any program on this device could answer") + page.count("where any program could answer.") == 1
    assert "No verdict and no rule matched, so the score decided." in page
    with database.query_count() as count:
        await auditor.get(path)
    assert count.total <= 6


async def test_origins_are_listed_and_have_a_past(platform: Platform) -> None:
    acme, other = platform.acme, platform.other
    client = await registered(acme)
    hold = await held(acme, client)
    decision = await decided(acme, client)
    await trust.note_outcome(acme.id, decision, _Person(), Outcome.DECLINED, NOW)
    auditor = await platform.signed_in("auditor")
    assert "https://app.github.io" in (await auditor.get(f"{TRUST}/origins")).text
    assert "Nothing found" in (await auditor.get(f"{TRUST}/origins", q="elsewhere")).text
    page = (await auditor.get(f"{TRUST}/origins/one", uri=HELD)).text
    assert "<dt>Cancelled</dt><dd>1</dd>" in page
    assert f"{TRUST}/inbox/{ids.to_short(hold.id)}" in page
    assert "Trust or block the host" not in page
    assert "Nobody was ever sent there." in (await auditor.get(f"{TRUST}/origins/one", uri="https://new.example/")).text
    assert (await auditor.get(f"{TRUST}/origins/one")).headers["location"] == f"{TRUST}/origins"
    assert (await auditor.get(f"{TRUST}/origins/one", uri="no uri")).status_code == 404
    assert (await trust_origins.page(OPERATOR, other, None, Paging(10))).items == ()


class _Person:
    created_at = NOW - 30 * DAY
    email_verified = True

    def __init__(self) -> None:
        self.id = ids.uuid7()


async def test_verdicts_are_given_and_taken_back(platform: Platform) -> None:
    acme, path = platform.acme, f"{TRUST}/origins/verdicts"
    await registered(acme)
    admin = await platform.signed_in("tenant-admin")
    assert 'value="evil.example"' in (await admin.get(path, host="evil.example")).text
    sent = {"judgement": "trust", "note": "partner"}
    for fields, why in (
        ({}, "Enter a host, or a client_id and a redirect URI."),
        ({"host": "a.example", "client_id": "dcr"}, "Enter a host, or a client_id and a redirect URI."),
        ({"client_id": "dcr"}, "Enter a host, or a client_id and a redirect URI."),
        ({"host": "https://a.example"}, "Enter a host name in ASCII"),
        ({"host": "127.0.0.1"}, "Loopback hosts cannot be trusted"),
        ({"host": "bit.ly"}, "A shortener or redirector cannot be trusted"),
        ({"client_id": "nobody", "redirect_uri": HELD}, "There is no such client."),
        ({"client_id": "dcr", "redirect_uri": "javascript:x"}, "This cannot be a redirect URI."),
        ({"host": "a.example", "note": ""}, "Say why."),
    ):
        refused = await admin.post(path, sent | fields)
        assert (refused.status_code, why in refused.text) == (422, True), fields
        assert all(f'value="{value}"' in refused.text for value in fields.values() if value)
    assert (await admin.post(path, sent | {"client_id": "dcr", "redirect_uri": HELD})).status_code == 303
    assert (await admin.post(path, sent | {"judgement": "block", "host": "Evil.example"})).status_code == 303
    page = (await admin.get(path)).text
    assert "trust_verdict.set block evil.example" in page
    given = await trust.list_verdicts(acme.id)
    assert [verdict.host for verdict in given] == [None, "evil.example"]
    for verdict in given:
        assert (await admin.post(f"{path}/{ids.to_short(verdict.id)}/remove")).status_code == 303
    assert "No verdict yet" in (await admin.get(path)).text
    origin = (await admin.get(f"{TRUST}/origins/one", uri=HELD)).text
    assert f"trust_verdict.removed trust dcr {HELD}" in origin
    assert "evil.example" not in origin
    assert (
        "trust_verdict.removed block evil.example"
        in (await admin.get(f"{TRUST}/origins/one", uri="https://evil.example/cb")).text
    )


async def test_domain_is_claimed_proved_and_given_up(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    path = f"{TRUST}/origins/domains"
    admin, owner = await platform.signed_in("tenant-admin"), await platform.signed_in("owner")
    for typed in ("", "https://acme.test", "com", "portal.acme.test"):
        refused = await admin.post(path, {"domain": typed})
        assert (refused.status_code, f'value="{typed}"' in refused.text) == (422, True)
    claimed = await admin.post(path, {"domain": "Acme.test"})
    one = claimed.headers["location"]
    assert one == f"{path}/acme.test"
    assert "This is taken already." in (await admin.post(path, {"domain": "acme.test"})).text
    (domain,) = await trust.list_domains(platform.acme.id)
    page = (await admin.get(one)).text
    assert "_latchkey-challenge.acme.test" in page
    assert domain.challenge in page
    assert "/vouch" not in page
    assert "/vouch" in (await owner.get(one)).text
    async with name_server() as names:
        monkeypatch.setattr(txt_records, "reader", partial(txt_records.reader, "127.0.0.1", names.port))
        assert "The DNS does not hold the record yet." in (await admin.post(f"{one}/check")).text
        names.refuses = True
        assert (await admin.post(f"{one}/check")).status_code == 503
        names.refuses = False
        names.records["_latchkey-challenge.acme.test"] = [f'"{domain.challenge}"']
        assert (await admin.post(f"{one}/check")).headers["location"] == one
    assert "by the DNS" in (await admin.get(path)).text
    assert "/vouch" not in (await owner.get(one)).text
    assert (await admin.post(f"{one}/remove", {"confirmation": "other.test"})).status_code == 422
    assert (await admin.post(f"{one}/remove", {"confirmation": "acme.test"})).headers["location"] == path
    assert (await owner.post(path, {"domain": "acme.test"})).status_code == 303
    assert (await owner.post(f"{one}/vouch")).status_code == 303
    page = (await admin.get(one)).text
    assert "an administrator answers for it" in page
    assert "trust_domain.verified acme.test administrator" in page
    assert "trust_domain.removed acme.test" in (await admin.get(path)).text
