"""Webhooks in the console: made, changed, paused, tested, looked after and removed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from uuid import UUID

from server import audit, webhooks
from server.jobs.telling import tell_webhooks
from server.kernel import clock
from server.webhooks import DELIVERY_JOB, DeliveryState
from tests.admin.conftest import Platform, do_jobs
from tests.admin.test_clients import fields_of

LIST = "/admin/t/acme/webhooks"


async def answer(status: int) -> None:
    """Deliver what is to be delivered to a receiver that always answers this."""

    async def send(tenant_id: UUID, url: str, headers: Mapping[str, str], body: bytes) -> int:
        del tenant_id, url, headers, body
        return status

    await do_jobs(DELIVERY_JOB, partial(webhooks.deliver, send=send))


async def the_webhook(platform: Platform) -> tuple[webhooks.Webhook, str]:
    """The one of the platform, and its page."""
    (found,) = await webhooks.list_webhooks(platform.acme.id)
    page = await (await platform.signed_in("tenant-admin")).get(LIST)
    (uri,) = set(re.findall(rf'href="({LIST}/[\w-]+)" translate', page.text))
    return found, uri


async def test_secret_of_a_new_webhook_is_shown_once(platform: Platform) -> None:
    admin = await platform.signed_in("tenant-admin")
    typed = {"url": "ftp://nowhere", "events": "login.failed\nlogin.everything"}
    refused = await admin.post(f"{LIST}/new", typed)
    assert refused.status_code == 422
    assert "One of the lines names no event" in refused.text
    assert "login.everything</textarea>" in refused.text
    refused = await admin.post(f"{LIST}/new", typed | {"events": "login.*"})
    assert "Enter the full address of a host" in refused.text
    made = await admin.post(f"{LIST}/new", {"url": "https://new.acme.test/x", "events": "login.*"})
    page = await admin.get(made.headers["location"])
    assert re.findall(r'data-copy="whsec_[^"]+"', page.text)
    assert "whsec_" not in (await admin.get(made.headers["location"])).text
    for number in range(18):
        await admin.post(f"{LIST}/new", {"url": f"https://h{number}.acme.test/"})
    full = await admin.post(f"{LIST}/new", {"url": "https://more.acme.test/"})
    assert (full.status_code, "at most 20 webhooks" in full.text) == (422, True)


async def test_conflict_shows_both_versions_and_being_told_is_none(platform: Platform) -> None:
    admin, owner = await platform.signed_in("tenant-admin"), await platform.signed_in("owner")
    hook, uri = await the_webhook(platform)
    typed = fields_of(await admin.get(uri), uri)
    # Being told of something moves it on, and changes nothing that anybody typed.
    await audit.seal_new(clock.now())
    await tell_webhooks(clock.now())
    theirs = typed | {"url": "https://theirs.acme.test/", "csrf": owner.csrf}
    assert (await owner.post(uri, theirs)).status_code == 303
    conflict = await admin.post(uri, typed | {"url": "https://mine.acme.test/"})
    assert (conflict.status_code, "https://theirs.acme.test/" in conflict.text) == (409, True)
    assert "<del>https://hooks.acme.test/latchkey</del>" in (await admin.get(uri)).text
    secrets = f"{uri}/secrets"
    rotated = await admin.post(secrets)
    assert "Two secrets count" in (await admin.get(rotated.headers["location"])).text
    assert (await admin.post(f"{secrets}/retire")).status_code == 303
    assert len(await webhooks.secrets_of(platform.acme.id, hook.id)) == 1
    assert (await admin.post(f"{uri}/remove", {"confirmation": "hooks.acme.test"})).status_code == 422
    assert (await admin.post(f"{uri}/remove", {"confirmation": "theirs.acme.test"})).status_code == 303
    assert "Nobody is told yet" in (await admin.get(LIST)).text


async def test_failing_webhook_says_what_to_do_and_is_sent_again(platform: Platform) -> None:
    admin = await platform.signed_in("tenant-admin")
    hook, uri = await the_webhook(platform)
    assert (await admin.post(f"{uri}/test")).status_code == 303
    await answer(404)
    page = (await admin.get(f"{uri}/deliveries")).text
    for text in ("webhook.tested", "Nothing is at this address.", "It does not take what it is sent."):
        assert text in page
    assert f"{uri}/deliveries" in (await admin.get("/admin/t/acme")).text
    await admin.post(f"{uri}/active")
    await answer(200)
    held = (await admin.get(f"{uri}/deliveries")).text
    assert ">held</span>" in held
    assert "/retry" not in held
    await admin.post(f"{uri}/active", {"active": "y"})
    await answer(200)
    assert ">delivered</span>" in (await admin.get(f"{uri}/deliveries")).text
    # What was given up can be sent again by hand, and what was held though the webhook is active.
    (delivery,) = await webhooks.list_deliveries(platform.acme.id, hook.id, UUID(int=(1 << 128) - 1), 10)
    for state, action in ((DeliveryState.FAILED, ""), (DeliveryState.HELD, "held")):
        await webhooks.store.settle(platform.acme.id, delivery, state, delivery.attempts)
        page = (await admin.get(f"{uri}/deliveries")).text
        actions = re.findall(rf'action="({uri}/deliveries/[^"]+)"', page)
        (chosen,) = [found for found in actions if found.endswith(action or "/retry")]
        assert "Begun." in (await admin.get((await admin.post(chosen)).headers["location"])).text
        assert "Nothing was changed." in (await admin.get((await admin.post(chosen)).headers["location"])).text
        await answer(200)
    # What is sealed of the test is not told a second time.
    await audit.seal_new(clock.now())
    await tell_webhooks(clock.now())
    assert len(await webhooks.list_deliveries(platform.acme.id, hook.id, UUID(int=(1 << 128) - 1), 10)) == 1
