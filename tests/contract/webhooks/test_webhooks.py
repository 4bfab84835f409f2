"""Webhooks: what is sealed is told to whoever wants it, signed, again and again until it is taken."""

from __future__ import annotations

import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

import pytest

from server import audit, webhooks
from server.administration import NotPermitted, Operator
from server.administration import webhooks as acts
from server.jobs import JobKind
from server.jobs.telling import tell_webhooks
from server.jobs.worker import work_on
from server.kernel import clock, database, encryption, ids, outbox
from server.kernel.clock import DAY, MINUTE
from server.tenants import Tenant, new_tenant
from server.webhooks import DELIVERY_JOB, DeliveryState, InvalidWebhook, Webhook, WebhookState, delivering, store
from tests.issuing import PUBLIC_URL

pytestmark = pytest.mark.usefixtures("storage")

OPERATOR = Operator.at_the_command_line("root")
URL = "https://hooks.acme.test/latchkey"


@dataclass
class Receiver:
    """Whoever is posted to: takes everything, or answers as told."""

    status: int = 204
    error: Exception | None = None
    messages: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)

    async def __call__(self, tenant_id: UUID, url: str, headers: Mapping[str, str], body: bytes) -> int:
        assert isinstance(tenant_id, UUID)
        self.messages.append((url, headers, body))
        if self.error:
            raise self.error
        return self.status


@pytest.fixture
def tenant() -> Tenant:
    return new_tenant("acme", "Acme", PUBLIC_URL, clock.now())


async def _create(tenant: Tenant, *events: str) -> tuple[Webhook, str]:
    webhook = webhooks.new_webhook(tenant.id, URL, events, clock.now())
    secret = await acts.create(OPERATOR, tenant, webhook, clock.now(), allow_http=False)
    return webhook, secret


async def _happen(tenant: Tenant, *happened: audit.Event) -> None:
    for event in happened:
        await audit.record(event, tenant_id=tenant.id, now=clock.now())
    await audit.seal_new(clock.now())
    await tell_webhooks(clock.now())


async def _work(receiver: Receiver) -> None:
    """Do every job of the outbox once, due or not."""

    async def run(job: outbox.Job) -> None:
        await webhooks.deliver(job, receiver)

    kind, late = JobKind(run), clock.now() + DAY
    for claim in await outbox.claim_due(DELIVERY_JOB, 100, now=late, leased_until=late + MINUTE):
        await work_on(kind, claim)


async def _state(webhook: Webhook) -> WebhookState:
    found = await store.find(webhook.tenant_id, webhook.id)
    assert found is not None
    return found.state


async def _log(tenant: Tenant, webhook: Webhook) -> list[webhooks.Delivery]:
    return await acts.list_deliveries(OPERATOR, tenant, webhook, None, 50)


async def test_an_event_is_told_signed_and_logged(tenant: Tenant) -> None:
    webhook, secret = await _create(tenant, "login.failed")
    await _happen(tenant, audit.LoginFailed(None), audit.SessionEnded(ids.uuid7(), ids.uuid7()))
    receiver = Receiver()
    await _work(receiver)
    ((url, headers, body),) = receiver.messages
    assert url == URL
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.digest(b64decode(secret.removeprefix("whsec_")), signed, "sha256")
    assert headers["webhook-signature"] == "v1," + b64encode(digest).decode()
    message = json.loads(body)
    assert (message["type"], message["data"]["event"], message["data"]["outcome"]) == (
        "login.failed",
        "login.failed",
        "failure",
    )
    (delivery,) = await _log(tenant, webhook)
    assert (str(delivery.id), delivery.state) == (headers["webhook-id"], DeliveryState.DELIVERED)
    assert [attempt.status for attempt in delivery.attempts] == [204]
    await _work(receiver)
    assert len(receiver.messages) == 1


async def test_what_was_before_is_not_told_and_every_kind_is_when_none_is_named(tenant: Tenant) -> None:
    await _happen(tenant, audit.LoginFailed(None))
    await _create(tenant)
    await _happen(tenant, audit.LoginFailed(None))
    receiver = Receiver()
    await _work(receiver)
    # That the webhook was made was not sealed when it was.
    told = [json.loads(body)["type"] for _, _, body in receiver.messages]
    assert sorted(told) == ["login.failed", "webhook.created"]


async def test_what_is_refused_is_tried_again_under_the_same_id(tenant: Tenant) -> None:
    webhook, _ = await _create(tenant, "login.*")
    await _happen(tenant, audit.LoginFailed(None))
    receiver = Receiver(status=500)
    await _work(receiver)
    receiver.error = TimeoutError()
    await _work(receiver)
    receiver.error, receiver.status = None, 200
    await _work(receiver)
    assert len({headers["webhook-id"] for _, headers, _ in receiver.messages}) == 1
    (delivery,) = await _log(tenant, webhook)
    attempts = [(attempt.status, attempt.error) for attempt in delivery.attempts]
    assert attempts == [(500, None), (None, "TimeoutError"), (200, None)]
    assert delivery.state is DeliveryState.DELIVERED


async def test_after_the_last_attempt_it_has_failed_and_leaves_no_dead_letter(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "MOST_ATTEMPTS", 2)
    webhook, _ = await _create(tenant, "login.*")
    await _happen(tenant, audit.LoginFailed(None))
    for _ in range(3):
        await _work(Receiver(status=500))
    (delivery,) = await _log(tenant, webhook)
    assert (delivery.state, len(delivery.attempts)) == (DeliveryState.FAILED, 2)
    assert await database.rows("SELECT id FROM outbox_job") == []


async def test_what_happens_while_it_is_paused_is_told_when_it_goes_on(tenant: Tenant) -> None:
    webhook, _ = await _create(tenant, "login.*")
    await _happen(tenant, audit.LoginFailed(None))
    paused = replace(webhook, state=WebhookState.PAUSED)
    await acts.update(OPERATOR, tenant, webhook, paused, clock.now(), allow_http=False)
    receiver = Receiver()
    await _work(receiver)
    await _happen(tenant, audit.LoginFailed(None))
    await _work(receiver)
    assert receiver.messages == []
    assert [delivery.state for delivery in await _log(tenant, webhook)] == [DeliveryState.HELD]
    await acts.update(OPERATOR, tenant, paused, webhook, clock.now(), allow_http=False)
    await tell_webhooks(clock.now())
    await _work(receiver)
    assert len(receiver.messages) == 2


async def test_one_that_fails_for_days_is_paused_and_that_is_audited(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook, _ = await _create(tenant, "login.*")
    await _happen(tenant, audit.LoginFailed(None))
    await _work(Receiver(status=410))
    await _work(Receiver(status=410))
    assert await _state(webhook) is WebhookState.ACTIVE
    days_later = clock.now() + 3 * DAY
    monkeypatch.setattr(clock, "now", lambda: days_later)
    await _work(Receiver(status=410))
    assert await _state(webhook) is WebhookState.FAILING
    page = await audit.search(tenant.id, audit.Filters(event="webhook.paused"))
    assert len(page.entries) == 1


async def test_two_secrets_live_while_one_is_replaced(tenant: Tenant) -> None:
    webhook, first = await _create(tenant, "login.*")
    second = await acts.rotate_secret(OPERATOR, tenant, webhook, clock.now())
    await _happen(tenant, audit.LoginFailed(None))
    receiver = Receiver()
    await _work(receiver)
    (_, headers, body) = receiver.messages[0]
    both = [
        webhooks.sign(secret, headers["webhook-id"], int(headers["webhook-timestamp"]), body)
        for secret in (second, first)
    ]
    assert headers["webhook-signature"].split(" ") == both
    await acts.rotate_secret(OPERATOR, tenant, webhook, clock.now())
    assert len(await webhooks.secrets_of(tenant.id, webhook.id)) == 2
    await acts.retire_secret(OPERATOR, tenant, webhook, clock.now())
    assert len(await webhooks.secrets_of(tenant.id, webhook.id)) == 1


async def test_secrets_come_under_a_new_master_secret(tenant: Tenant) -> None:
    webhook, secret = await _create(tenant)
    await audit.seal_new(clock.now())
    encryption.open_master_secrets("another master secret for these tests", "a master secret that only tests know")
    assert await webhooks.rewrap() == 1
    assert await audit.rewrap() == 1
    encryption.open_master_secrets("another master secret for these tests")
    assert await webhooks.secrets_of(tenant.id, webhook.id) == (secret,)
    assert (await audit.verify(tenant.id)).events == 1


async def test_one_that_is_removed_is_told_nothing(tenant: Tenant) -> None:
    webhook, _ = await _create(tenant)
    await _happen(tenant, audit.LoginFailed(None))
    await acts.remove(OPERATOR, tenant, webhook, clock.now())
    receiver = Receiver()
    await _work(receiver)
    assert receiver.messages == []
    assert await acts.list_webhooks(OPERATOR, tenant) == []


async def test_many_tenants_without_webhooks_cost_one_query(tenant: Tenant) -> None:
    for _ in range(20):
        await audit.record(audit.LoginFailed(None), tenant_id=ids.uuid7(), now=clock.now())
    await audit.seal_new(clock.now())
    with database.query_count() as count:
        await tell_webhooks(clock.now())
    assert count.total == 1


async def test_only_who_may_change_settings_makes_webhooks(tenant: Tenant) -> None:
    with pytest.raises(NotPermitted):
        await acts.list_webhooks(Operator.administrator(ids.uuid7(), ()), tenant)


async def test_a_tenant_has_so_many_webhooks_at_most(tenant: Tenant) -> None:
    for _ in range(20):
        await _create(tenant)
    with pytest.raises(InvalidWebhook, match="20"):
        await _create(tenant)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.test/",
        "https://",
        "https://user@hooks.test/",
        "ftp://hooks.test",
        "https://hooks.test/#x",
        "https://[",
        "https://x y",
    ],
)
def test_an_address_is_https_and_nothing_else(url: str, tenant: Tenant) -> None:
    with pytest.raises(InvalidWebhook):
        webhooks.check_webhook(webhooks.new_webhook(tenant.id, url, (), 0), allow_http=False)


def test_events_are_named_as_they_are(tenant: Tenant) -> None:
    good = webhooks.new_webhook(tenant.id, URL, ("login.failed", "client.*"), 0)
    webhooks.check_webhook(good, allow_http=False)
    assert [good.wants(name) for name in ("login.failed", "login.succeeded", "client.created")] == [True, False, True]
    with pytest.raises(InvalidWebhook):
        webhooks.check_webhook(replace(good, events=("everything",)), allow_http=False)
