"""What has expired goes, over all tenants, a small batch at a time; what lives stays."""

from __future__ import annotations

import pytest
from tortoise import Tortoise, fields
from tortoise.models import Model

from server.jobs import sweeping
from server.jobs.sweeping import SWEEPS, sweep_expired
from server.kernel import database, expiry, ids
from server.kernel.clock import DAY, SECOND
from tests.support.statements import plan_of, settle

pytestmark = pytest.mark.usefixtures("storage")

NOW = 1_900_000_000 * SECOND
TABLES = (
    "access_grant",
    "browser_session",
    "interaction",
    "opaque_token",
    "revoked_token",
    "trust_authorization",
    "trust_confirmation",
    "webhook_delivery",
)


async def _fill(table: str, *expiries: int) -> None:
    """Rows of which only the end matters, each of a tenant of its own."""
    model = _model(table)
    await model.bulk_create([model(**_values(model, expires_at)) for expires_at in expiries])


def _model(table: str) -> type[Model]:
    listed: list[type[Model]] = list((Tortoise.apps or {})["latchkey"].values())
    return next(model for model in listed if model._meta.db_table == table)


def _values(model: type[Model], expires_at: int) -> dict[str, object]:
    values: dict[str, object] = {}
    for name, field in model._meta.fields_map.items():
        if isinstance(field, fields.UUIDField):
            values[name] = ids.uuid7()
        elif isinstance(field, fields.CharField):
            values[name] = ids.uuid7().hex[: field.max_length]
        elif isinstance(field, fields.TextField):
            values[name] = ""
        elif isinstance(field, fields.BooleanField):
            values[name] = False
        else:
            values[name] = 0
    return {**values, "expires_at": expires_at}


async def _total(table: str) -> int:
    (row,) = await database.rows(f"SELECT COUNT(*) AS total FROM {table}")  # noqa: S608 - one of ours
    return database.as_int(row["total"])


@pytest.mark.parametrize("table", TABLES)
async def test_expired_rows_of_every_tenant_go_in_batches(table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "BATCH", 3)
    monkeypatch.setattr(sweeping, "PAUSE_SECONDS", 0)
    ago = NOW - 2 * DAY
    await _fill(table, *range(ago, ago + 10), NOW + 1)
    with database.query_count() as count:
        assert await sweep_expired(NOW) == 10
    # Four batches and, as for every other table, one that finds nothing; the two kinds of token go together.
    others = len(TABLES) - 1
    assert count.total <= 2 * 5 + others
    assert await _total(table) == 1


async def test_ten_thousand_tenants_cost_no_more_than_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with database.query_count() as count:
        await sweep_expired(NOW)
    assert count.total == len(TABLES)


async def test_a_late_replay_is_recognized_for_a_day_and_interactions_go_at_once() -> None:
    for table in TABLES:
        await _fill(table, NOW - 1)
    await sweep_expired(NOW)
    assert [await _total(table) for table in TABLES] == [1, 1, 0, 1, 1, 0, 0, 0]
    await sweep_expired(NOW + DAY)
    assert [await _total(table) for table in TABLES] == [0] * len(TABLES)


@pytest.mark.parametrize("table", TABLES)
async def test_the_oldest_go_first_and_what_expires_just_now_stays(table: str) -> None:
    await _fill(table, NOW, NOW - 1, NOW - 3, NOW - 2)
    assert await expiry.delete_expired(table, NOW, 2) == 2
    left = await database.rows(f"SELECT expires_at FROM {table} ORDER BY expires_at")  # noqa: S608 - one of ours
    assert [row["expires_at"] for row in left] == [NOW - 1, NOW]


@pytest.mark.parametrize("table", TABLES)
async def test_a_batch_finds_its_way_by_an_index(table: str) -> None:
    await _fill(table, *range(NOW, NOW + 3000))
    await settle(table)
    plan = await plan_of(expiry.statement(table), NOW + 20, 10)
    # By its name, of which SQLite and PostgreSQL show more or less.
    assert f"idx_{table[:11]}_expires" in plan
    assert "Seq Scan" not in plan
    assert "SCAN" not in plan.replace("SCAN due", "")


def test_every_table_that_expires_is_swept() -> None:
    listed = (Tortoise.apps or {})["latchkey"].values()
    expiring = {model._meta.db_table for model in listed if "expires_at" in model._meta.fields_map}
    # A client's secret goes when the next one comes, a verdict when somebody removes it; shared state has a sweep of
    # its own.
    assert expiring - {"client_secret", "shared_state", "trust_verdict"} == set(TABLES)
    assert len(SWEEPS) == len(TABLES) - 1
