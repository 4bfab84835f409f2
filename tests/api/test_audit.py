"""The audit log over the wire: searched, exported, followed; what was refused stands in it once."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Awaitable, Callable

from server import audit
from server.administration import streams
from server.kernel import clock, outbox
from server.kernel.clock import MINUTE
from server.kernel.json import load_json
from tests.api.conftest import Platform
from tests.support.raw_asgi import RawRequest, send_raw
from tests.support.trusting import audited

AUDIT, READER = "/tenants/acme/audit", "auditor"


async def happen(platform: Platform, *happened: audit.Event) -> None:
    """These things happen in `acme`."""
    for event in happened:
        await audit.record(event, tenant_id=platform.acme.id, now=clock.now())


async def test_events_are_searched_and_paged(platform: Platform) -> None:
    await happen(platform, *[audit.LoginFailed(None)] * 3)
    first = (await platform.call("GET", f"{AUDIT}/events?event=login.failed&limit=2", caller=READER)).json()
    rest = (
        await platform.call("GET", f"{AUDIT}/events?event=login.failed&limit=2&cursor={first['next']}", caller=READER)
    ).json()
    assert ([len(first["items"]), len(rest["items"])], rest["next"]) == ([2, 1], None)
    (last, *_) = rest["items"]
    assert (await platform.call("GET", f"{AUDIT}/events/{last['id']}", caller=READER)).json() == last
    assert (last["outcome"], last["actor"]) == ("failure", {"kind": "system", "id": None})
    for query, found in (
        (f"since={last['time']}", True),
        (f"until={last['time']}&event=login.failed", False),
        ("outcome=success&event=login.failed", False),
        ("since=2099-01-01T00:00:00Z", False),
    ):
        items = (await platform.call("GET", f"{AUDIT}/events?{query}", caller=READER)).json()["items"]
        assert bool(items) is found, query
    for when in ("yesterday", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00%2B23:59"):
        assert (await platform.call("GET", f"{AUDIT}/events?since={when}")).status_code == 422
    assert (await platform.call("GET", f"{AUDIT}/events/019aa000-0000-7000-8000-000000000000")).status_code == 404


async def test_log_is_taken_along_in_two_forms(platform: Platform) -> None:
    await happen(platform, audit.LoginFailed(None))
    lines = await platform.call("GET", f"{AUDIT}/export?event=login.failed", caller=READER)
    assert (lines.status_code, lines.headers["content-type"]) == (200, "application/jsonl; charset=utf-8")
    (line,) = lines.text.splitlines()
    event = load_json(line)
    assert isinstance(event, dict)
    assert event["event"] == "login.failed"
    table = await platform.call("GET", f"{AUDIT}/export?format=csv&event=login.failed", caller=READER)
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert [row["event"] for row in csv.DictReader(table.text.splitlines())] == ["login.failed"]
    assert [taken["format"] for taken in await audited(platform.acme, "audit.exported")] == ["jsonl", "csv"]
    head = await platform.call("HEAD", f"{AUDIT}/export")
    assert (head.status_code, head.content) == (200, b"")
    assert (await platform.call("GET", f"{AUDIT}/export?format=xml")).status_code == 422


async def test_chain_is_looked_at_and_signed(platform: Platform) -> None:
    before = (await platform.call("GET", f"{AUDIT}/chain", caller=READER)).json()
    assert (before["seals"], before["last_checkpoint_at"]) == (0, None)
    assert before["unsealed"] > 0
    signed = await platform.call("POST", f"{AUDIT}/checkpoints", caller=READER)
    assert (signed.status_code, signed.json()["checkpoint"].count(".")) == (201, 2)
    after = (await platform.call("GET", f"{AUDIT}/chain", caller=READER)).json()
    assert (after["events"], after["unsealed"]) == (before["unsealed"], 0)
    assert after["checkpoint"] == after["seals"] > 0
    assert (await audit.verify(platform.acme.id, signed.json()["checkpoint"])).events == after["events"]


async def test_tail_tells_of_what_happens(platform: Platform) -> None:
    following = asyncio.create_task(platform.call("GET", f"{AUDIT}/tail?seconds=1&event=login.failed", caller=READER))
    while streams.open_now() == 0:  # noqa: ASYNC110 - in a moment, and nothing tells when
        await asyncio.sleep(0.01)
    await happen(platform, audit.LoginFailed(None), audit.KeyRotated("kid", "ES256", "active"))
    told = await following
    assert told.headers["content-type"] == "text/event-stream; charset=utf-8"
    events = [message for message in told.text.split("\n\n") if message.startswith("id: ")]
    assert [message.splitlines()[1] for message in events] == ["event: login.failed"]
    assert streams.open_now() == 0


async def test_tail_ends_when_its_reader_goes_away(platform: Platform, app: Callable[..., Awaitable[None]]) -> None:
    token = (b"authorization", f"Bearer {platform.tokens[READER]}".encode())
    gone = await send_raw(app, RawRequest(f"/api/v1{AUDIT}/tail", headers=(token,), complete=False))
    assert (gone.status, streams.open_now()) == (200, 0)


async def test_what_was_refused_is_told_once(platform: Platform) -> None:
    for _ in range(3):
        for path in ("/users", "/roles"):
            refused = await platform.call("POST", f"/tenants/acme{path}", {}, caller=READER)
            assert refused.status_code == 403
    await platform.call("GET", "/administrators", caller=READER)
    assert await audited(platform.acme, "permission.refused") == [{"permission": "manage_users"}]
    assert await audited(platform.system, "permission.refused") == [{"permission": "read"}]
    page = await platform.call("GET", f"{AUDIT}/events?event=permission.refused", caller=READER)
    (event,) = page.json()["items"]
    auditor = await platform.one("/tenants/acme/administrators", username="auditor")
    assert (event["actor"], event["outcome"]) == ({"kind": "administrator", "id": auditor["user_id"]}, "failure")


async def test_job_that_was_given_up_is_tried_again(platform: Platform) -> None:
    now = clock.now()
    job_id = await outbox.enqueue("mail", {}, tenant_id=platform.acme.id, now=now)
    (claim,) = await outbox.claim_due("mail", 1, now=now, leased_until=now + MINUTE)
    await outbox.give_up(claim, error="LookupError", now=now)
    for caller in ("tenant-owner", READER):
        assert (await platform.call("GET", "/system/jobs/dead", caller=caller)).status_code == 403
    (job,) = (await platform.call("GET", "/system/jobs/dead")).json()["items"]
    assert (job["id"], job["kind"], job["error"], job["attempts"]) == (str(job_id), "mail", "LookupError", 1)
    assert (await platform.call("POST", f"/system/jobs/dead/{job_id}/retry")).status_code == 204
    assert (await platform.call("POST", f"/system/jobs/dead/{job_id}/retry")).status_code == 404
    assert (await platform.call("GET", "/system/jobs/dead")).json()["items"] == []
    assert len(await outbox.claim_due("mail", 1, now=clock.now(), leased_until=now + MINUTE)) == 1
    (revived,) = await audited(platform.system, "job.revived")
    assert revived == {"job_id": str(job_id), "kind": "mail", "tenant_id": str(platform.acme.id)}
