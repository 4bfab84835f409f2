"""Webhooks over the wire: made, changed, paused, given secrets, and told once more."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from server import audit, webhooks
from server.jobs.telling import tell_webhooks
from server.kernel import clock, outbox
from server.kernel.clock import DAY, MINUTE
from server.webhooks import DELIVERY_JOB
from tests.api.conftest import Platform
from tests.support.trusting import audited

HOOKS, MANAGER, READER = "/tenants/acme/webhooks", "tenant-admin", "auditor"
NEW = {"url": "https://hooks.acme.test/latchkey", "events": ["login.*"]}


async def refuse(tenant_id: UUID, url: str, headers: Mapping[str, str], body: bytes) -> int:
    """Whoever takes nothing."""
    del tenant_id, url, headers, body
    return 500


async def work() -> None:
    """Do every delivery of the outbox once, as if it were the last time."""
    late = clock.now() + DAY
    for claim in await outbox.claim_due(DELIVERY_JOB, 100, now=late, leased_until=late + MINUTE):
        job = outbox.read_job(claim)
        await webhooks.deliver(outbox.Job(job.id, job.tenant_id, job.kind, job.payload, 100), refuse)
        await outbox.complete(claim)


async def test_webhook_lives_and_goes(platform: Platform) -> None:
    made = await platform.call("POST", HOOKS, NEW, caller=MANAGER, idempotency_key="one")
    hook, path = made.json()["webhook"], made.headers["location"].removeprefix("/api/v1")
    assert (made.status_code, hook["state"]) == (201, "active")
    assert (await platform.call("POST", HOOKS, NEW, caller=MANAGER, idempotency_key="one")).json() == made.json()
    seen = await platform.call("GET", path, caller=READER)
    assert (seen.json(), seen.headers["etag"]) == (hook, made.headers["etag"])
    assert made.json()["secret"] not in (await platform.call("GET", HOOKS)).text
    change = NEW | {"state": "paused"}
    paused = await platform.call("PUT", path, change, caller=MANAGER, if_match=seen.headers["etag"])
    assert paused.json()["state"] == "paused"
    lost = await platform.call("PUT", path, change | {"events": []}, caller=MANAGER, if_match=seen.headers["etag"])
    assert (lost.status_code, lost.json()["current"]) == (412, paused.json())
    failing = await platform.call("PUT", path, change | {"state": "failing"}, if_match="*")
    assert failing.json()["errors"][0]["pointer"] == "/state"
    second = (await platform.call("POST", f"{path}/secrets", caller=MANAGER)).json()["secret"]
    assert second != made.json()["secret"]
    assert len(await webhooks.secrets_of(platform.acme.id, UUID(hook["id"]))) == 2
    assert (await platform.call("DELETE", f"{path}/secrets/former", caller=MANAGER)).status_code == 204
    assert await webhooks.secrets_of(platform.acme.id, UUID(hook["id"])) == (second,)
    assert (await platform.call("DELETE", path, caller=MANAGER, if_match=seen.headers["etag"])).status_code == 412
    assert (await platform.call("DELETE", path, caller=MANAGER, if_match="*")).status_code == 204
    assert (await platform.call("GET", path)).status_code == 404
    for wrong in ({"url": "http://hooks.acme.test/"}, NEW | {"events": ["everything"]}, {"url": "nowhere"}):
        assert (await platform.call("POST", HOOKS, wrong)).status_code == 422


async def test_delivery_that_failed_is_sent_once_more(platform: Platform) -> None:
    made = await platform.call("POST", HOOKS, NEW, caller=MANAGER)
    path = made.headers["location"].removeprefix("/api/v1")
    for _ in range(2):
        await audit.record(audit.LoginFailed(None), tenant_id=platform.acme.id, now=clock.now())
    await audit.seal_new(clock.now())
    await tell_webhooks(clock.now())
    await work()
    first = (await platform.call("GET", f"{path}/deliveries?limit=1", caller=READER)).json()
    rest = (await platform.call("GET", f"{path}/deliveries?limit=1&cursor={first['next']}", caller=READER)).json()
    (delivery, other) = first["items"] + rest["items"]
    assert (delivery["state"], delivery["attempts"][0]["status"]) == ("failed", 500)
    retry = f"{path}/deliveries/{delivery['id']}/retry"
    assert (await platform.call("POST", retry, caller=READER)).status_code == 403
    assert (await platform.call("POST", retry, caller=MANAGER)).status_code == 204
    again = await platform.call("POST", retry, caller=MANAGER)
    assert (again.status_code, again.json()["type"]) == (409, "urn:latchkey:problem:nothing_to_retry")
    states = {item["id"]: item["state"] for item in (await platform.call("GET", f"{path}/deliveries")).json()["items"]}
    assert states == {delivery["id"]: "waiting", other["id"]: "failed"}
    await work()
    item = (await platform.call("GET", f"{path}/deliveries?limit=1")).json()["items"][0]
    assert (item["state"], len(item["attempts"])) == ("failed", 2)
    assert len(await audited(platform.acme, "webhook_deliveries.retried")) == 1
    elsewhere = path.replace("acme", "other")
    assert (await platform.call("GET", elsewhere, caller="stranger")).status_code == 404
    assert not await webhooks.retry(platform.other.id, UUID(made.json()["webhook"]["id"]), UUID(delivery["id"]))
