"""What happened on each day is known without counting millions, and to the event."""

from __future__ import annotations

import asyncio

import pytest

from server import audit, projections
from server.audit import sealing
from server.kernel import database, ids
from server.kernel.clock import DAY
from tests.issuing import NOW

pytestmark = pytest.mark.usefixtures("storage")

TENANT, OTHER = ids.uuid7(), ids.uuid7()
TODAY = NOW - NOW % DAY


async def _record(event: audit.Event, amount: int, *, day: int = 0, tenant_id: object = TENANT) -> None:
    for _ in range(amount):
        await audit.record(event, tenant_id=tenant_id, now=TODAY + day * DAY)  # type: ignore[arg-type]  # a UUID


async def _counted() -> dict[str, tuple[int, ...]]:
    return dict(await projections.count_by_day(TENANT, TODAY - DAY, 3))


async def test_what_is_sealed_and_what_is_not_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "PATIENCE", -4_000 * DAY)
    failed, slowed = audit.LoginFailed(None), audit.LoginSucceeded(ids.uuid7(), ids.uuid7())
    await _record(failed, 3)
    await _record(failed, 2, day=-1)
    await _record(slowed, 1, day=1)
    await _record(failed, 5, day=-2)
    await _record(failed, 7, tenant_id=OTHER)
    wanted = {"login.failed": (2, 3, 0), "login.succeeded": (0, 0, 1)}
    assert await _counted() == wanted
    await asyncio.gather(audit.seal_new(NOW), audit.seal_new(NOW))
    await audit.seal_new(NOW)
    assert await database.rows("SELECT id FROM audit_unsealed") == []
    assert await _counted() == wanted
    await _record(failed, 1)
    assert (await _counted())["login.failed"] == (2, 4, 0)
    await audit.seal_new(NOW)
    assert (await _counted())["login.failed"] == (2, 4, 0)


async def test_days_go_with_their_events(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "PATIENCE", -4_000 * DAY)
    for tenant_id in (TENANT, OTHER):
        await _record(audit.LoginFailed(None), 1, day=-1, tenant_id=tenant_id)
    await audit.seal_new(NOW)
    await audit.trim({TENANT: DAY, OTHER: 4_000 * DAY}, TODAY + 2 * DAY)
    rows = await database.rows("SELECT tenant_id, day FROM audit_day")
    assert [(database.as_uuid(row["tenant_id"]), row["day"]) for row in rows] == [(OTHER, TODAY - DAY)]
