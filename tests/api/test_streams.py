"""Streams of the API: so many at a time for everybody, and none for who may not read any more."""

from __future__ import annotations

from dataclasses import replace

import httpx2
import pytest

from server import audit
from server.administration import streams
from server.hosting import Dispatcher
from server.kernel import clock
from tests.api.conftest import Platform
from tests.conftest import PUBLIC_URL
from tests.support.streams import LOSSES, interrupted, lose, opened

TAIL, EXPORT, READER = "/tenants/acme/audit/tail", "/tenants/acme/audit/export", "auditor"


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Events and rights are looked at all the time."""
    monkeypatch.setattr("server.audit.live_tail.LOOK_EVERY_SECONDS", 0.05)
    monkeypatch.setattr(streams, "LOOK_EVERY", 0)


async def test_nobody_takes_the_places_of_others(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    held = [platform.call("GET", TAIL, caller=READER) for _ in range(streams.MOST_OF_OPERATOR)]
    async with opened(*held):
        for path in (TAIL, EXPORT):
            refused = await platform.call("GET", path, caller=READER)
            assert (refused.status_code, refused.json()["type"]) == (429, "urn:latchkey:problem:too_many_streams")
            assert int(refused.headers["retry-after"]) > 0
        assert (await platform.call("GET", f"{TAIL}?seconds=0", caller="tenant-owner")).status_code == 200
        monkeypatch.setattr(streams, "MOST_OF_TENANT", streams.MOST_OF_OPERATOR)
        assert (await platform.call("GET", EXPORT, caller="tenant-owner")).status_code == 429
        elsewhere = "/tenants/other/audit/export"
        assert (await platform.call("GET", elsewhere, caller="stranger")).status_code == 200
        monkeypatch.setattr(streams, "MOST", streams.MOST_OF_OPERATOR)
        refused = await platform.call("GET", elsewhere, caller="stranger")
        assert (refused.status_code, refused.headers["content-type"]) == (503, "application/problem+json")
    assert (await platform.call("GET", EXPORT, caller=READER)).status_code == 200


@pytest.mark.parametrize("loss", LOSSES)
async def test_tail_ends_with_the_right_to_it(platform: Platform, loss: str) -> None:
    async with opened(platform.call("GET", f"{TAIL}?event=login.failed", caller=READER)) as (following,):
        await lose(loss, platform.system, platform.acme)
        told = await following
        await audit.record(audit.LoginFailed(None), tenant_id=platform.acme.id, now=clock.now())
    assert (told.status_code, "login.failed" in told.text) == (200, False)


async def test_export_breaks_off_with_the_right_to_it(
    platform: Platform, app: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.audit.exporting.BATCH", 1)
    broken = interrupted(app, lambda: lose("role", platform.system, platform.acme))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(broken), base_url=PUBLIC_URL) as http:
        with pytest.raises(streams.StreamCut):
            await replace(platform, http=http).call("GET", EXPORT, caller=READER)
    assert streams.open_now() == 0


async def test_tail_ends_when_the_process_is_told_to(platform: Platform, app: Dispatcher) -> None:
    async with opened(platform.call("GET", TAIL, caller=READER)) as (following,):
        app.operations.stop()
        assert (await following).status_code == 200
