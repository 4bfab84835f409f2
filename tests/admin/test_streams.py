"""Live pages and exports of the console: so many at a time, and none for who may not read any more."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from server.administration import administrator_tokens, streams
from server.hosting import Dispatcher
from server.kernel import clock
from server.kernel.clock import MINUTE
from tests.admin.conftest import OPERATOR, Platform
from tests.support.raw_asgi import RawRequest, send_raw
from tests.support.streams import LOSSES, interrupted, left_alone, lose, opened
from web.admin.audit import live

LOG = "/admin/t/acme/audit"
TAIL, EXPORT = f"{LOG}/tail", f"{LOG}/export"


@pytest.fixture
def stays(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever opens the tail stays, and is looked at all the time."""
    monkeypatch.setattr(live, "LONGEST", MINUTE)
    monkeypatch.setattr("server.audit.live_tail.LOOK_EVERY_SECONDS", 0.05)
    monkeypatch.setattr(streams, "LOOK_EVERY", 0)


@pytest.mark.usefixtures("stays")
async def test_one_auditor_does_not_take_every_place(platform: Platform) -> None:
    auditor, owner = await platform.signed_in("auditor"), await platform.signed_in("tenant-owner")
    token = await administrator_tokens.issue_token(OPERATOR, platform.system, "auditor", None, clock.now())
    async with opened(*(auditor.get(TAIL) for _ in range(streams.MOST_OF_OPERATOR))):
        # Three times as many as there may be, and then another surface: they are counted together.
        flood = await asyncio.gather(*(auditor.get(TAIL) for _ in range(3 * streams.MOST_OF_OPERATOR)))
        assert {answer.status_code for answer in flood} == {429}
        refused = await auditor.post(EXPORT, {"format": "csv"})
        assert (refused.status_code, int(refused.headers["retry-after"]) > 0) == (429, True)
        assert "As many live pages and exports as there may be are open." in refused.text
        by_api = await auditor.http.get(
            "/api/v1/tenants/acme/audit/export", headers={"authorization": f"Bearer {token}"}
        )
        assert by_api.status_code == 429
        assert (await auditor.get(LOG)).status_code == 200
        assert (await owner.post(EXPORT, {"format": "csv"})).status_code == 200
    assert (await auditor.post(EXPORT, {"format": "csv"})).status_code == 200


@pytest.mark.usefixtures("stays")
async def test_process_has_so_many_places(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MOST", 0)
    auditor = await platform.signed_in("auditor")
    refused = await auditor.get(TAIL)
    assert (refused.status_code, int(refused.headers["retry-after"]) > 0) == (503, True)


@pytest.mark.usefixtures("stays")
async def test_place_is_free_when_the_reader_goes_away(platform: Platform) -> None:
    auditor = await platform.signed_in("auditor")
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in auditor.http.cookies.jar)
    request = RawRequest(TAIL, headers=((b"cookie", cookies.encode()),), complete=False)
    await send_raw(left_alone(platform.app), request)
    assert streams.open_now() == 0


@pytest.mark.usefixtures("stays")
@pytest.mark.parametrize("loss", LOSSES)
async def test_tail_ends_with_the_right_to_it(platform: Platform, loss: str) -> None:
    auditor = await platform.signed_in("auditor")
    async with opened(auditor.get(TAIL)) as (following,):
        await lose(loss, platform.system, platform.acme)
        assert (await following).status_code == 200


@pytest.mark.usefixtures("stays")
async def test_tail_ends_when_the_process_is_told_to(platform: Platform, app: Dispatcher) -> None:
    auditor = await platform.signed_in("auditor")
    async with opened(auditor.get(TAIL)) as (following,):
        app.operations.stop()
        assert (await following).status_code == 200


@pytest.mark.usefixtures("stays")
async def test_export_breaks_off_with_the_right_to_it(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.audit.exporting.BATCH", 1)
    broken = interrupted(platform.app, lambda: lose("role", platform.system, platform.acme))
    auditor = await replace(platform, app=broken).signed_in("auditor")
    with pytest.raises(streams.StreamCut):
        await auditor.post(EXPORT, {"format": "jsonl"})
    assert streams.open_now() == 0
