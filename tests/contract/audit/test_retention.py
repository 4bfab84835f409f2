"""Retention: what need not be kept goes, and the chain holds on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest

from server import audit
from server.audit import partitions, retention, sealing
from server.kernel import clock, database, ids, postgresql_partitions
from server.kernel.clock import DAY, HOUR
from tests.issuing import NOW

pytestmark = pytest.mark.usefixtures("storage")

TENANT, OTHER = ids.uuid7(), ids.uuid7()


async def _record(tenant_id: UUID, age: int) -> None:
    """An event that was recorded some time ago."""
    await audit.record(audit.LoginFailed(None), tenant_id=tenant_id, now=NOW)
    row = await database.row("SELECT MAX(CAST(id AS text)) AS id FROM audit_unsealed WHERE tenant_id = $1", tenant_id)
    assert row is not None
    young = UUID(str(row["id"]))
    old = UUID(int=young.int - (age // 1000 << 80))
    await database.execute("UPDATE audit_event SET id = $1 WHERE id = $2", old, young)
    await database.execute("DELETE FROM audit_unsealed WHERE id = $1", young)
    # Into another partition it came by the door of new ones, and waits already.
    waiting = "INSERT INTO audit_unsealed (id, tenant_id) VALUES ($1, $2) ON CONFLICT DO NOTHING"
    await database.execute(waiting, old, tenant_id)


async def _seal_at(instant: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: instant)
        patch.setattr(sealing, "PATIENCE", -4_000 * DAY)
        await audit.seal_new(instant)


async def _total(tenant_id: UUID) -> int:
    rows = await database.rows("SELECT id FROM audit_event WHERE tenant_id = $1", tenant_id)
    return len(rows)


@pytest.fixture
async def _history(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two tenants with events of forty days, each day sealed then, every second day with a checkpoint."""
    now = clock.now()
    monkeypatch.setattr(retention, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(retention, "BATCH", 7)
    monkeypatch.setattr(sealing, "SEGMENT_TIME", 2 * DAY - HOUR)
    for day in range(40, 0, -1):
        for tenant_id in (TENANT, OTHER):
            await _record(tenant_id, day * DAY)
        await _seal_at(now - day * DAY, monkeypatch)


@pytest.mark.usefixtures("_history")
async def test_what_is_too_old_goes_and_the_chain_holds() -> None:
    assert (await audit.verify(TENANT)).events == 40
    await audit.trim({TENANT: 10 * DAY, OTHER: 365 * DAY}, clock.now())
    assert await _total(TENANT) in {9, 10, 11}
    assert await _total(OTHER) == 40
    verified = await audit.verify(TENANT)
    assert verified.events == await _total(TENANT)
    assert verified.first_number > 20
    assert verified.trimmed_before is not None
    assert (await audit.verify(OTHER)).events == 40


@pytest.mark.usefixtures("_history")
async def test_every_checkpoint_stays_and_one_from_before_still_counts() -> None:
    before = await database.rows("SELECT number FROM audit_checkpoint WHERE tenant_id = $1", TENANT)
    exported = await audit.checkpoint_now(TENANT, clock.now())
    await audit.trim({TENANT: 10 * DAY, OTHER: 365 * DAY}, clock.now())
    after = await database.rows("SELECT number FROM audit_checkpoint WHERE tenant_id = $1", TENANT)
    assert len(after) == len(before) + 1
    await audit.verify(TENANT, exported)


@pytest.mark.usefixtures("_history")
async def test_what_retention_left_is_missed_like_anything_else() -> None:
    await audit.trim({TENANT: 10 * DAY, OTHER: 365 * DAY}, clock.now())
    rows = await database.rows("SELECT id FROM audit_event WHERE tenant_id = $1 ORDER BY id", TENANT)
    await database.execute("DELETE FROM audit_event WHERE id = $1", database.as_uuid(rows[0]["id"]))
    with pytest.raises(audit.BrokenChain, match="removed"):
        await audit.verify(TENANT)


async def test_what_is_not_sealed_stays() -> None:
    await _record(TENANT, 40 * DAY)
    await audit.trim({TENANT: 10 * DAY, OTHER: 365 * DAY}, clock.now())
    assert await _total(TENANT) == 1


async def test_nothing_to_keep_is_nothing_to_do() -> None:
    with database.query_count() as count:
        await audit.trim({}, clock.now())
    assert count.total == 0


async def test_whole_months_are_dropped_on_postgresql(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A month long past, of a partition that the test makes and attaches in place of a part of the first one."""
    if not database.is_postgresql():
        pytest.skip("SQLite has one table")
    there = await postgresql_partitions.upper_bounds(partitions.TABLE)
    month = partitions.month_of(ids.made_at(UUID(max(bound for bound in there.values() if bound))))
    await postgresql_partitions.add(partitions.statements_for(month))
    name, bound = partitions.name_of(month), partitions.bound_of(partitions.month_after(month))
    await _record(TENANT, -(ids.made_at(bound) - clock.now()) + DAY)
    await _record(TENANT, 0)
    await _seal_at(clock.now(), monkeypatch)
    # Nothing else is to go: the others hold what the tests after this one need.
    monkeypatch.setattr(postgresql_partitions, "upper_bounds", _only(name, str(bound)))
    await audit.trim({TENANT: 10 * DAY}, ids.made_at(bound) + 9 * DAY)
    assert await _total(TENANT) == 2
    await audit.trim({TENANT: 10 * DAY}, ids.made_at(bound) + 11 * DAY)
    monkeypatch.undo()
    assert name not in await postgresql_partitions.upper_bounds(partitions.TABLE)
    assert await _total(TENANT) == 1
    verified = await audit.verify(TENANT)
    assert verified.trimmed_before == bound


def _only(name: str, bound: str) -> Callable[[str], Awaitable[dict[str, str | None]]]:
    async def upper_bounds(_: str) -> dict[str, str | None]:
        return {name: bound, "audit_event_other": None}

    return upper_bounds


async def test_months_to_come_have_their_partitions() -> None:
    await audit.add_partitions(NOW)
    assert await audit.add_partitions(NOW) == 0
    if database.is_postgresql():
        name = partitions.name_of(partitions.month_of(clock.now() + 92 * DAY))
        assert name in await postgresql_partitions.upper_bounds(partitions.TABLE)


def test_a_year_has_twelve_months() -> None:
    assert partitions.month_after((2026, 12)) == (2027, 1)
    assert partitions.month_after((2026, 1)) == (2026, 2)
    assert partitions.name_of((2026, 2)) == "audit_event_2026_02"
    start = partitions.start_of((2026, 2))
    assert partitions.month_of(start) == (2026, 2)
    assert partitions.month_of(start - 1) == (2026, 1)
