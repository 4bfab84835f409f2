"""Searching, following and exporting the audit log."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from dataclasses import replace
from uuid import UUID

import pytest

from server import audit
from server.audit import ActorKind, AuditEntry, Filters, Format, Outcome, search_store
from server.kernel import clock, database, ids, logs
from server.kernel.clock import HOUR, SECOND
from tests.issuing import NOW
from tests.support.statements import plan_of, settle

pytestmark = pytest.mark.usefixtures("storage")

TENANT, OTHER, PERSON, CLIENT, ADMIN = (ids.uuid7() for _ in range(5))


@pytest.fixture(autouse=True)
async def _events(storage: None) -> None:
    logs.begin_request("one", "192.0.2.1", "Browser/1.0 " + "x" * 400)
    await audit.record(audit.LoginSucceeded(PERSON, ids.uuid7()), tenant_id=TENANT, now=NOW)
    logs.begin_request("two", "192.0.2.2", "\0")
    await audit.record(audit.LoginFailed(PERSON), tenant_id=TENANT, now=NOW)
    await audit.record(audit.TokenRevoked(CLIENT, "jti"), tenant_id=TENANT, now=NOW)
    created = audit.role_events.RoleCreated('=HYPERLINK("https://evil.test")')
    await audit.record(created, tenant_id=TENANT, now=NOW, actor=audit.Actor.administrator(ADMIN))
    await audit.record(audit.LoginFailed(PERSON), tenant_id=OTHER, now=NOW)


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        (Filters(), ["role.created", "token.revoked", "login.failed", "login.succeeded"]),
        (Filters(event="login.failed"), ["login.failed"]),
        (Filters(event="login.*"), ["login.failed", "login.succeeded"]),
        (Filters(event="token.*", client_pk=CLIENT), ["token.revoked"]),
        (Filters(event="login.*", outcome=Outcome.FAILURE, since=0), ["login.failed"]),
        (Filters(event="login.failed", outcome=Outcome.FAILURE), ["login.failed"]),
        (Filters(event="of.another_release", outcome=Outcome.SUCCESS), []),
        (Filters(outcome=Outcome.FAILURE), ["login.failed"]),
        (Filters(outcome=Outcome.SUCCESS, subject_id=PERSON), ["login.succeeded"]),
        (Filters(actor_id=str(ADMIN)), ["role.created"]),
        (Filters(client_pk=CLIENT), ["token.revoked"]),
        (Filters(subject_id=PERSON), ["login.failed", "login.succeeded"]),
        (Filters(correlation_id="one"), ["login.succeeded"]),
        (Filters(remote_address="192.0.2.2"), ["role.created", "token.revoked", "login.failed"]),
        (Filters(event="login.failed", remote_address="192.0.2.1"), []),
        (Filters(since=0), ["role.created", "token.revoked", "login.failed", "login.succeeded"]),
        (Filters(until=SECOND), []),
    ],
)
async def test_each_filter_finds_its_own_in_one_query(filters: Filters, names: list[str]) -> None:
    with database.query_count() as count:
        page = await audit.search(TENANT, filters)
    assert count.total == 1
    assert [entry.event for entry in page.entries] == names


async def test_pages_follow_one_another_without_gap_or_end() -> None:
    found: list[AuditEntry] = []
    cursor: UUID | None = None
    for _ in range(2):
        page = await audit.search(TENANT, Filters(), cursor, 2)
        found += page.entries
        cursor = page.cursor
    assert len({entry.id for entry in found}) == 4
    assert cursor is None


async def test_group_is_paged_in_the_order_of_all_its_events() -> None:
    for number in range(6):
        event = audit.LoginFailed(PERSON) if number % 2 else audit.LoginSucceeded(PERSON, ids.uuid7())
        await audit.record(event, tenant_id=TENANT, now=NOW)
    found: list[AuditEntry] = []
    cursor: UUID | None = None
    for _ in range(3):
        page = await audit.search(TENANT, Filters(event="login.*"), cursor, 3)
        found += page.entries
        cursor = page.cursor
    assert cursor is None
    assert [entry.id for entry in found] == sorted((entry.id for entry in found), reverse=True)
    assert len(found) == 8
    text = "".join([text async for _, text in audit.export(TENANT, Filters(event="login.*"), Format.JSONL)])
    assert [json.loads(line)["id"] for line in text.splitlines()] == [str(entry.id) for entry in reversed(found)]
    for nothing in (Filters(event="nothing.*"), Filters(event="login.failed", outcome=Outcome.SUCCESS)):
        assert (await audit.search(TENANT, nothing)).entries == ()


async def test_an_entry_tells_who_what_and_how() -> None:
    entry = (await audit.search(TENANT, Filters(event="login.succeeded"))).entries[0]
    assert (entry.actor.kind, entry.actor.id, entry.subject_id) == (ActorKind.USER, str(PERSON), PERSON)
    assert (entry.remote_address, entry.correlation_id, entry.occurred_at) == ("192.0.2.1", "one", NOW)
    assert entry.user_agent == ("Browser/1.0 " + "x" * 400)[:300]
    assert await audit.find(TENANT, entry.id) == entry
    assert await audit.find(OTHER, entry.id) is None


async def test_jsonl_is_one_event_a_line() -> None:
    lines = [json.loads(line) for line in (await _exported(Format.JSONL)).splitlines()]
    assert [line["event"] for line in lines] == ["login.succeeded", "login.failed", "token.revoked", "role.created"]
    assert lines[3]["actor"] == {"kind": "administrator", "id": str(ADMIN)}
    assert lines[0]["time"] == "2030-03-17T17:46:40.000Z"


async def test_csv_has_the_same_and_nothing_that_a_spreadsheet_would_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.audit.exporting.BATCH", 3)
    logs.begin_request("=1+1", "192.0.2.1", "@SUM(A1)")
    await audit.record(audit.LoginFailed(None), tenant_id=TENANT, now=NOW)
    rows = list(csv.DictReader(io.StringIO(await _exported(Format.CSV))))
    assert len(rows) == 5
    assert (rows[4]["correlation_id"], rows[4]["user_agent"]) == ("'=1+1", "'@SUM(A1)")
    assert rows[4]["subject_id"] == ""
    assert json.loads(rows[3]["details"])["name"].startswith("=HYPERLINK")


@pytest.mark.parametrize("first", "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
async def test_no_cell_of_csv_begins_a_formula(first: str) -> None:
    logs.begin_request("id", "192.0.2.1", f"{first}SUM(A1)")
    await audit.record(audit.LoginFailed(None), tenant_id=TENANT, now=NOW)
    *_, row = csv.DictReader(io.StringIO(await _exported(Format.CSV), newline=""))
    assert row["user_agent"] == f"'{first}SUM(A1)"


async def _exported(form: Format) -> str:
    return "".join([text async for _, text in audit.export(TENANT, Filters(), form)])


async def test_the_tail_tells_each_new_event_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.audit.live_tail.LOOK_EVERY_SECONDS", 0.01)
    told: list[str] = []
    async for entries in audit.tail(TENANT, Filters(), clock.now() + HOUR):
        told += [entry.event for entry in entries]
        if len(told) >= 3:
            break
        await audit.record(audit.LoginFailed(None), tenant_id=TENANT, now=NOW)
        await audit.record(audit.LoginFailed(None), tenant_id=OTHER, now=NOW)
        await asyncio.sleep(0)
    assert told == ["login.failed"] * 3


async def test_the_tail_ends() -> None:
    assert [entries async for entries in audit.tail(TENANT, Filters(), clock.now())] == []


FILTERS = {
    "all": Filters(),
    "event": Filters(event="login.failed"),
    "failure": Filters(outcome=Outcome.FAILURE),
    "actor": Filters(actor_id="somebody"),
    "client": Filters(client_pk=CLIENT),
    "person": Filters(subject_id=PERSON),
    "correlation": Filters(correlation_id="one"),
    "address": Filters(remote_address="192.0.2.1"),
}


# So many that an index is worth its while. Their ids stand in order, as those of the application do.
MANY = """
INSERT INTO audit_event (id, tenant_id, occurred_at, event, outcome, actor_kind, actor_id, subject_id, client_pk,
 remote_address, correlation_id, details)
SELECT CAST('01900000-0000-7000-8000-' || lpad(to_hex(i), 12, '0') AS uuid), $1, i, 'event.' || i % 50, 'success',
 'user', i, gen_random_uuid(), gen_random_uuid(), i, i, '{}' FROM generate_series(1, 5000) AS i
"""


@pytest.mark.parametrize("cursor", [None, ids.uuid7()])
async def test_each_filter_has_an_index_that_gives_the_order_too(cursor: UUID | None) -> None:
    if database.is_postgresql():
        await database.execute(MANY, TENANT)
        await settle("audit_event")
    for name, filters in FILTERS.items():
        plan = await _plan(replace(filters, since=0) if cursor else filters, cursor)
        primary = "audit_event_before_pkey" if database.is_postgresql() else "audit_event_all"
        assert (primary if name == "all" else f"_{name} ") in plan
        assert "SCAN" not in plan
        assert "TEMP B-TREE" not in plan
        assert "Seq Scan on audit_event_before" not in plan
        # A handful of rows may be sorted; all of a tenant's may not.
        assert name != "all" or "->  Sort" not in plan


async def _plan(filters: Filters, cursor: UUID | None) -> str:
    query = search_store._filtered(TENANT, filters)
    if cursor:
        query.add("id < {}", cursor)
    return await plan_of(query.ending("ORDER BY id DESC", 51), *query.arguments)
