"""Trust in the console: the inbox and its answers, the editor of the policy, its versions, and replay."""

from __future__ import annotations

import asyncio
import re

from server import trust
from server.administration import trust_policies
from server.kernel import clock, database, ids
from server.kernel.clock import DAY
from server.trust import Action, HoldState
from tests.admin.conftest import OPERATOR, Administrator, Platform
from tests.issuing import NOW
from tests.support.forms import read_document
from tests.support.trusting import HELD, held, registered

TRUST = "/admin/t/acme/trust"


async def send(
    administrator: Administrator, path: str, fields: dict[str, str | list[str]], do: str, *, page: str | None = None
) -> tuple[int, str]:
    """Fill in the first form of a page and press a button; status, and where it leads or what it shows."""
    text = page or (await administrator.get(path)).text
    form = next(form for form in read_document(text).forms if "draft" in form.names())
    pairs = form.filled(fields, button=("do", do))
    values = {name: [value for known, value in pairs if known == name] for name, _ in pairs}
    answer = await administrator.post(path, values, csrf="".join(values.pop("csrf")))
    return answer.status_code, answer.headers.get("location") or answer.text


async def test_inbox_says_why_and_is_answered_with_a_reason(platform: Platform) -> None:
    acme = platform.acme
    client = await registered(acme)
    hold = await held(acme, client)
    await held(acme, client, person_id=ids.uuid7())
    other = await held(
        acme, await registered(acme, "second", "https://second.github.io/cb"), "https://second.github.io/cb"
    )
    admin = await platform.signed_in("tenant-admin")
    assert f"{TRUST}/inbox" in (await admin.get("/admin/t/acme")).text
    page = (await admin.get(f"{TRUST}/inbox")).text
    for shown in ("app.github.io", "Anybody can publish pages at this hosting service.", "Registered itself", ">2<"):
        assert shown in page
    found = (await admin.get(f"{TRUST}/inbox", q="second")).text
    assert "second.github.io" in found
    assert "app.github.io" not in found
    one = (await admin.get(f"{TRUST}/inbox/{ids.to_short(hold.id)}")).text
    assert "No verdict and no rule matched, so the score decided." in one
    assert "host: app.github.io · scheme: https · client_source: dynamic" in one
    both = [ids.to_short(hold.id), ids.to_short(other.id)]
    preview = await admin.post(f"{TRUST}/inbox/preview", {"act": "trust", "selected": both})
    assert "This would happen to 2." in preview.text
    assert (await trust.find_hold(acme.id, hold.id)).state is HoldState.OPEN  # type: ignore[union-attr]  # it is there
    sent = {"act": "trust", "selected": both, "expires": "never"}
    refused = await admin.post(f"{TRUST}/inbox/answer", sent)
    assert refused.status_code == 422
    assert "Say why." in refused.text
    assert 'value="never"' in refused.text
    answered = await admin.post(f"{TRUST}/inbox/answer", sent | {"note": "ticket 4711", "expires": "2099-01-01"})
    assert answered.headers["location"] == f"{TRUST}/inbox"
    assert {one.state for one in await trust.list_holds(acme.id, HoldState.APPROVED)} == {HoldState.APPROVED}
    assert [verdict.note for verdict in await trust.list_verdicts(acme.id)] == ["ticket 4711"] * 2
    again = await admin.post(f"{TRUST}/inbox/preview", {"act": "block", "selected": both})
    assert "somebody settled it already" in again.text
    assert "Nobody waits" in (await admin.get(f"{TRUST}/inbox")).text
    assert "app.github.io" in (await admin.get(f"{TRUST}/inbox", state="approved")).text
    settled = (await admin.get(f"{TRUST}/inbox/{ids.to_short(hold.id)}")).text
    assert "trust_hold.settled approved dcr" in settled
    assert f"trust_verdict.set trust dcr {HELD}" in settled
    assert "second" not in settled
    for nonsense in ({"act": "praise", "selected": both}, {"act": "trust", "selected": "nonsense"}):
        assert (await admin.post(f"{TRUST}/inbox/preview", nonsense)).status_code == 404


async def test_policy_is_edited_a_button_at_a_time(platform: Platform) -> None:
    acme, path = platform.acme, f"{TRUST}/policy/edit"
    hold = await held(acme, await registered(acme))
    admin = await platform.signed_in("tenant-admin")
    assert "No rule yet" in (await admin.get(f"{TRUST}/policy")).text
    proposed = (await admin.get(path, hold=ids.to_short(hold.id), action="block")).text
    status, page = await send(admin, path, {"note": "phishing"}, "last", page=proposed)
    assert (status, "host: app.github.io" in page) == (200, True)
    status, page = await send(
        admin, path, {"action": "hold", "host": "https://x", "min_risk": "40"}, "first", page=page
    )
    assert status == 422
    assert "Enter a host name in ASCII" in page
    assert 'value="https://x"' in page
    status, page = await send(admin, path, {"host": "*.Acme.test", "loopback": "no"}, "first", page=page)
    assert re.findall(r"host: ([^ <]+)", page)[:2] == ["*.acme.test", "app.github.io"]
    _, page = await send(admin, path, {}, "down:1", page=page)
    assert re.findall(r"host: ([^ <]+)", page)[:2] == ["app.github.io", "*.acme.test"]
    assert re.findall(r'value="([a-z]+:\d)"[^>]* autofocus', page) == ["up:2"]
    _, page = await send(admin, path, {}, "up:2", page=page)
    _, page = await send(admin, path, {}, "change:1", page=page)
    assert 'name="host" type="text" value="*.acme.test"' in page
    status, page = await send(admin, path, {"action": "trust", "confirm": "80"}, "save", page=page)
    assert (status, "Confirm must be above 0" in page) == (422, True)
    assert (await trust_policies.in_force(OPERATOR, acme)).version == 0
    status, location = await send(admin, path, {"confirm": "20"}, "save", page=page)
    assert (status, location) == (303, f"{TRUST}/policy")
    saved = await trust_policies.in_force(OPERATOR, acme)
    assert saved.policy.thresholds.confirm == 20
    assert [(rule.action, rule.host, rule.loopback, rule.note) for rule in saved.policy.rules] == [
        (Action.TRUST, "*.acme.test", False, None),
        (Action.BLOCK, "app.github.io", None, "phishing"),
    ]
    assert (await trust.find_hold(acme.id, hold.id)).state is HoldState.BLOCKED  # type: ignore[union-attr]  # it is there
    shown = (await admin.get(f"{TRUST}/policy")).text
    assert "phishing" in shown
    assert "Version 1" in shown
    status, page = await send(admin, path, {}, "remove:2")
    assert "What would change" in page
    assert (await admin.post(path, {"do": "up:9", "draft": "[]"})).status_code == 404
    assert (await admin.post(path, {"do": "keep", "draft": "{"})).status_code == 422


async def test_rules_go_to_the_positions_that_are_typed(platform: Platform) -> None:
    admin, path = await platform.signed_in("tenant-admin"), f"{TRUST}/policy/edit"
    text = "rules:\n" + "".join(f"  - {{host: {letter}.example, action: block}}\n" for letter in "abcd")
    assert (await admin.post(f"{TRUST}/policy/text", {"version": "0", "text": text})).status_code == 303
    drawn = (await admin.get(path)).text
    draft = dict(next(form for form in read_document(drawn).forms if "draft" in form.names()).filled())
    for typed, do, order in (
        (["4", "2", "3", "4"], "keep", "bcda"),  # as by the Enter key
        (["1", "2", "3", "1"], "keep", "dabc"),
        (["2", "1", "3", "4"], "keep", "bacd"),
        (["1", "0", "x", "99"], "keep", "bacd"),
        (["3", "", "", ""], "up:1", "bacd"),  # where it was typed to, and then one up
        (["1", "2", "3", "3"], "remove:1", "bdc"),
    ):
        page = (await admin.post(path, draft | {"position": typed, "do": do})).text
        assert re.findall(r"host: ([a-d])\.example", page.partition("What would change")[0]) == list(order), (typed, do)
    moved = await admin.post(path, draft | {"position": ["4", "2", "3", "4"], "do": "keep"})
    assert re.findall(r'name="position" value="(\d)"[^>]* autofocus', moved.text) == ["4"]
    # The rule that is being changed is still that one where it went to.
    changed = await admin.post(path, draft | {"number": "1", "position": ["3"], "host": "e.example", "action": "trust"})
    assert 'name="number" value="3"' in changed.text
    saved = await admin.post(path, draft | {"position": ["4"], "do": "save"})
    assert saved.status_code == 303
    rules = (await trust_policies.in_force(OPERATOR, platform.acme)).policy.rules
    assert "".join(str(rule.host)[0] for rule in rules) == "bcda"


async def test_two_administrators_and_a_restore(platform: Platform) -> None:
    acme, path = platform.acme, f"{TRUST}/policy/text"
    one, two = await platform.signed_in("tenant-admin"), await platform.signed_in("tenant-owner")
    text = "rules:\n  - {host: app.example, action: trust, expires: 2099-06-30}\n"
    assert (await one.post(path, {"version": "0", "text": text})).status_code == 303
    mine = {"version": "0", "text": "thresholds: {confirm: 40}"}
    conflict = await two.post(path, mine)
    assert conflict.status_code == 409
    assert "1. trust · host: app.example" in conflict.text
    assert (await two.post(path, {**mine, "version": "1"})).status_code == 303
    broken = "rules:\n  - {action: trust}\n  - {action: pray}\n"
    for refused, why in (
        (broken, "Rule 2: action must be one of trust, confirm, hold, block"),
        ("a: [", "line 1:"),
        ("a: &a [*a]", "aliases of YAML"),
        ("--- {}\n--- {}", "more than one document"),
    ):
        answer = await one.post(path, {"version": "2", "text": refused})
        assert (answer.status_code, why in answer.text) == (422, True), answer.text
        assert refused.split("\n")[0] in answer.text.replace("&amp;", "&")
    versions = (await one.get(f"{TRUST}/policy/versions")).text
    assert re.findall(r"<td><bdi>([a-z-]+)</bdi>", versions) == ["tenant-owner", "tenant-admin"]
    page = (await one.get(f"{TRUST}/policy/versions/1", **{"with": "2"})).text
    assert "From version 1 to 2" in page
    assert "<del>30</del>" in page
    restore = f"{TRUST}/policy/versions/1/restore"
    assert (await one.post(restore, {"version": "1"})).status_code == 409
    assert (await one.post(restore, {"version": "2"})).status_code == 303
    assert (await trust_policies.in_force(OPERATOR, acme)).policy.rules[0].host == "app.example"
    for nothing in ("99", "first", "-1", "9" * 30):
        assert (await one.get(f"{TRUST}/policy/versions/{nothing}")).status_code == 404


async def test_replay_runs_on_a_page_that_loads_itself_again(platform: Platform) -> None:
    acme = platform.acme
    client = await registered(acme)
    decision = await trust.decide(acme.id, trust.client_facts(client), HELD, None, NOW)
    admin = await platform.signed_in("auditor")
    assert (await admin.post(f"{TRUST}/replay", {"text": "rules: {}", "days": "30"})).status_code == 422
    text = "rules: [{host: app.github.io, action: block}]"
    begun = await admin.post(f"{TRUST}/replay", {"text": text, "days": "30", "after": "0"})
    page = await finished(admin, begun.headers["location"])
    assert "0 of 0 authorizations" in page
    assert "host: app.github.io" in page
    assert "Edit this draft" not in page
    assert (
        await admin.post(f"{TRUST}/replay", {"text": f"rules: [{{note: {'x' * 501}, action: block}}]"})
    ).status_code == 422
    again = await admin.post(f"{TRUST}/replay", {"text": text, "days": "30", "after": "0"})
    await finished(admin, again.headers["location"])
    assert (await admin.get(begun.headers["location"])).status_code == 404  # one of an operator is kept
    now = clock.now()
    await database.write(
        trust.row_of_authorization(
            acme.id, decision, client_pk=client.id, person_id=ids.uuid7(), kept_until=now + DAY, now=now
        )
    )
    owner = await platform.signed_in("tenant-owner")
    status, location = await send(owner, f"{TRUST}/policy/edit", {"action": "block", "host": "app.github.io"}, "replay")
    assert status == 303
    page = await finished(owner, location)
    assert "1 of 1 authorizations" in page
    (edit,) = re.findall(r'href="([^"]+\?draft=[^"]+)"', page)
    assert "host: app.github.io" in (await owner.get(edit)).text
    assert (await owner.get(f"{TRUST}/replay/runs/nonsense")).status_code == 404


async def finished(admin: Administrator, path: str) -> str:
    """The page of a replay that is done."""
    async with asyncio.timeout(60):
        while True:
            answer = await admin.get(path)
            if "refresh" not in answer.headers:
                return answer.text
            assert "<progress" in answer.text
            await asyncio.sleep(0.01)
