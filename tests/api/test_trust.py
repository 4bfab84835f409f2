"""Trust over the wire: the policy and its versions, verdicts, the inbox, places and domains."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from server import trust, users
from server.administration import trust_replay
from server.kernel import clock, database
from server.kernel.clock import DAY
from server.trust import Outcome
from tests.api.conftest import Platform
from tests.support.trusting import HELD, audited, held, registered

TRUST = "/tenants/acme/trust"
DECIDER, READER = "tenant-admin", "auditor"
RULE = {
    "host": "*.ACME.test",
    "scheme": "https",
    "action": "trust",
    "note": "our own",
    "expires": "2099-06-30T00:00:00Z",
}


async def test_policy_is_saved_restored_and_told_apart(platform: Platform) -> None:
    empty = await platform.call("GET", f"{TRUST}/policy", caller=READER)
    assert (empty.json()["version"], empty.json()["hits"]) == (0, [])
    policy = {"thresholds": {"confirm": 20, "hold": 60}, "remember_confirmations": "30d", "rules": [RULE]}
    saved = await platform.call("PUT", f"{TRUST}/policy", policy, caller=DECIDER, if_match=empty.headers["etag"])
    assert (saved.status_code, saved.json()["version"]) == (200, 1)
    (rule,) = saved.json()["policy"]["rules"]
    assert (rule["host"], rule["expires"]) == ("*.acme.test", "2099-06-30T00:00:00.000000Z")
    again = await platform.call("PUT", f"{TRUST}/policy", policy, caller=DECIDER, if_match=empty.headers["etag"])
    assert (again.status_code, again.json()["current"]["version"]) == (412, 1)
    version = (await platform.call("GET", f"{TRUST}/policy/versions/1", caller=READER)).json()
    assert version["members"]["thresholds.hold"] == [70, 60]
    assert [(line["change"], line["after"]) for line in version["rules"]] == [("added", 1)]
    path = f"{TRUST}/policy/versions/0/restore"
    assert (await platform.call("POST", path, caller=DECIDER)).status_code == 428
    restored = await platform.call("POST", path, caller=DECIDER, if_match=saved.headers["etag"])
    assert (restored.json()["version"], restored.json()["policy"]["rules"]) == (2, [])
    listed = (await platform.call("GET", f"{TRUST}/policy/versions?limit=1")).json()
    rest = (await platform.call("GET", f"{TRUST}/policy/versions?cursor={listed['next']}")).json()
    assert [(item["version"], item["rules"]) for item in listed["items"] + rest["items"]] == [(2, 0), (1, 1)]
    for number in ("9", "x", "99999999999"):
        assert (await platform.call("GET", f"{TRUST}/policy/versions/{number}")).status_code == 404


async def test_policy_that_cannot_be_is_refused_with_the_number_of_its_rule(platform: Platform) -> None:
    bad = {"rules": [RULE, {"host": "*.github.io", "action": "trust"}]}
    refused = await platform.call("PUT", f"{TRUST}/policy", bad, caller=DECIDER, if_match="*")
    problem = refused.json()
    assert (refused.status_code, problem["type"]) == (422, "urn:latchkey:problem:invalid_policy")
    assert problem["detail"].startswith("rule 2: ")
    assert problem["errors"][0]["pointer"] == "/rules/1"
    assert (await platform.call("POST", f"{TRUST}/replays", bad)).json()["errors"] == problem["errors"]
    assert (await platform.call("GET", f"{TRUST}/policy")).json()["version"] == 0
    for rule in (RULE | {"expires": "9999-12-31T23:59:59-23:59"}, RULE | {"note": "x" * 501}):
        odd = await platform.call("PUT", f"{TRUST}/policy", {"rules": [rule]}, caller=DECIDER, if_match="*")
        assert odd.status_code == 422
        assert odd.json()["errors"][0]["pointer"].startswith("/rules/0")
    high = {"thresholds": {"confirm": 80, "hold": 20}}
    assert (await platform.call("PUT", f"{TRUST}/policy", high, if_match="*")).json()["detail"].startswith("thresholds")
    refused = await platform.call("PUT", f"{TRUST}/policy", {"rules": [{"action": "perhaps"}]}, if_match="*")
    assert refused.json()["errors"][0]["pointer"] == "/rules/0/action"


async def test_verdicts_are_given_found_and_taken_back(platform: Platform) -> None:
    new = {"verdict": "block", "host": "Evil.example", "note": "phishing", "expires": "2099-01-01T00:00:00+02:00"}
    made = await platform.call("POST", f"{TRUST}/verdicts", new, caller=DECIDER)
    verdict = made.json()["verdict"]
    assert (made.status_code, verdict["host"], made.json()["settled"]) == (201, "evil.example", 0)
    path = made.headers["location"].removeprefix("/api/v1")
    assert (await platform.call("GET", path, caller=READER)).json() == verdict
    of_client = {"verdict": "trust", "client_id": "webapp", "redirect_uri": "https://app.acme.test/callback"}
    await platform.call("POST", f"{TRUST}/verdicts", of_client, caller=DECIDER)
    listed = (await platform.call("GET", f"{TRUST}/verdicts")).json()["items"]
    assert [item["client_id"] for item in listed] == [None, "webapp"]
    question = {"redirect_uri": "https://evil.example/cb"}
    decision = (await platform.call("POST", f"{TRUST}/simulations", question, caller=READER)).json()
    assert (decision["action"], decision["reason"], decision["note"]) == ("block", "block_verdict", "phishing")
    assert (await platform.call("DELETE", path, caller=DECIDER)).status_code == 204
    assert (await platform.call("GET", path)).status_code == 404
    for wrong in (
        {"verdict": "trust"},
        {"verdict": "trust", "host": "a.test", "client_id": "webapp"},
        {"verdict": "trust", "host": "127.0.0.1"},
        {"verdict": "trust", "host": "a.test", "expires": "tomorrow"},
        {"verdict": "trust", "host": "a.test", "expires": "1969-01-01T00:00:00Z"},
        {"verdict": "trust", "host": "a.test", "expires": "2027-01-01T00:00:00"},
    ):
        assert (await platform.call("POST", f"{TRUST}/verdicts", wrong)).status_code == 422, wrong
    unknown = {"verdict": "trust", "client_id": "nobody", "redirect_uri": "https://a.test/"}
    assert (await platform.call("POST", f"{TRUST}/verdicts", unknown)).status_code == 404


async def test_inbox_is_read_and_answered(platform: Platform) -> None:
    hold = await held(platform.acme, await registered(platform.acme))
    (item,) = (await platform.call("GET", f"{TRUST}/inbox?host=app.github.io", caller=READER)).json()["items"]
    assert (item["id"], item["client_id"], item["state"]) == (str(hold.id), "dcr", "open")
    detail = (await platform.call("GET", f"{TRUST}/inbox/{hold.id}", caller=READER)).json()
    assert detail["hold"] == item
    assert [person["redirect_uri"] for person in detail["waiting"]] == [HELD]
    assert (detail["proposed_rule"]["host"], detail["proposed_rule"]["action"]) == ("app.github.io", "trust")
    answer: dict[str, Any] = {"holds": [str(hold.id)], "verdict": "trust", "note": "known"}
    answered = await platform.call("POST", f"{TRUST}/inbox/answers", answer, caller=DECIDER)
    assert answered.json() == {"holds": [str(hold.id)]}
    assert (await platform.call("POST", f"{TRUST}/inbox/answers", answer)).json() == {"holds": []}
    assert (await platform.call("GET", f"{TRUST}/inbox")).json()["items"] == []
    assert (await platform.call("GET", f"{TRUST}/inbox?state=approved")).json()["items"][0]["settled_by"]
    answer["holds"] = ["019aa000-0000-7000-8000-000000000000"]
    assert (await platform.call("POST", f"{TRUST}/inbox/answers", answer)).status_code == 404


async def test_what_became_of_people_is_shown_and_replayed(platform: Platform) -> None:
    tenant, now = platform.acme, clock.now()
    client = trust.client_facts(await registered(tenant))
    ada = await users.find(tenant.id, UUID((await platform.one("/tenants/acme/users", username="ada"))["id"]))
    assert ada is not None
    decision = await trust.decide(tenant.id, client, HELD, None, now)
    await trust.note_outcome(tenant.id, decision, ada, Outcome.ACCEPTED, now)
    row = trust.row_of_authorization(
        tenant.id, decision, client_pk=client.pk, person_id=ada.id, kept_until=now + DAY, now=now
    )
    await database.write(row)
    (origin,) = (await platform.call("GET", f"{TRUST}/origins?search=GITHUB", caller=READER)).json()["items"]
    assert origin["origin"] == "https://app.github.io"
    past = (await platform.call("GET", f"{TRUST}/origins/history?uri={HELD}", caller=READER)).json()
    assert (past["history"], past["clients"][0]["client_id"]) == (origin, "dcr")
    assert (await platform.call("GET", f"{TRUST}/origins/history?uri=nowhere")).status_code == 404
    body = {"rules": [{"host": "app.github.io", "action": "block"}], "days": 1}
    with trust_replay.one_at_a_time(tenant.id):  # by the console
        refused = await platform.call("POST", f"{TRUST}/replays", body, caller=READER)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:latchkey:problem:replay_running")
    replayed = (await platform.call("POST", f"{TRUST}/replays", body, caller=READER)).json()
    (moved,) = replayed["transitions"]
    assert (replayed["evaluated"], moved["before"], moved["after"], moved["people"]) == (1, "hold", "block", 1)
    assert moved["hosts"] == [{"name": "app.github.io", "authorizations": 1, "people": 1}]
    body["rules"] = [{"host": "*.github.io", "action": "trust"}]
    assert (await platform.call("POST", f"{TRUST}/replays", body, caller=READER)).status_code == 422
    assert (await platform.call("GET", f"{TRUST}/policy")).json()["version"] == 0


async def test_domains_are_claimed_vouched_for_and_given_up(platform: Platform) -> None:
    made = await platform.call("POST", f"{TRUST}/domains", {"domain": "acme.test"}, caller=DECIDER)
    domain, path = made.json(), made.headers["location"].removeprefix("/api/v1")
    assert (made.status_code, domain["record"], domain["verified_at"]) == (201, "_latchkey-challenge.acme.test", None)
    assert (await platform.call("POST", f"{TRUST}/domains", {"domain": "acme.test"})).status_code == 409
    assert (await platform.call("POST", f"{TRUST}/domains", {"domain": "github.io"})).status_code == 422
    assert (await platform.call("GET", path, caller=READER)).json() == domain
    assert (await platform.call("POST", f"{path}/vouch", caller="tenant-owner")).status_code == 403
    assert (await platform.call("POST", f"{path}/vouch")).json()["method"] == "administrator"
    assert (await platform.call("POST", f"{path}/check", caller=DECIDER)).json()["verified_at"] is not None
    assert [item["domain"] for item in (await platform.call("GET", f"{TRUST}/domains")).json()["items"]] == [
        "acme.test"
    ]
    assert (await platform.call("DELETE", path, caller=DECIDER)).status_code == 204
    assert (await platform.call("GET", path)).status_code == 404
    assert await audited(platform.acme, "trust_domain.verified") == [{"domain": "acme.test", "method": "administrator"}]
