"""However many clients registered themselves, whatever concerns one of them is found by an index."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from server.clients import life_store, store
from server.grants import consent_store
from server.grants import store as grants_store
from server.initial_access_tokens import store as tokens_store
from server.interactions import store as interactions_store
from server.kernel import database, id_lists, ids
from server.kernel.clock import DAY
from tests.issuing import NOW
from tests.support import registrations

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.usefixtures("storage")

TENANT, OTHER, USER = ids.uuid7(), ids.uuid7(), ids.uuid7()
CLIENTS, IN_USE = 8000, 4000
PK = registrations.pk_of(7)


def some() -> object:
    """Keys as an argument; few, since some hundred of these few thousand are read sooner by reading them all."""
    return id_lists.as_argument([registrations.pk_of(number) for number in range(1, 9)])


def among(sql: str, column: str) -> str:
    return sql + id_lists.is_among(column, "$2")


# What registration, /authorize and the reaper ask, with arguments.
QUERIES: dict[str, Callable[[], tuple[str, tuple[object, ...]]]] = {
    "register: the same client": lambda: (store.FIND_BY_FINGERPRINT, (TENANT, "fingerprint-7")),
    "register: how many": lambda: (life_store._COUNT, (OTHER, 10_000)),
    "register: keep": lambda: (life_store._KEEP, (TENANT, PK, NOW)),
    "register: initial access token": lambda: (tokens_store._FIND_BY_DIGEST, (TENANT, "x")),
    "register: spend": lambda: (tokens_store._SPEND, (TENANT, PK, NOW)),
    "authorize: client": lambda: (store._FIND, (TENANT, "client-7")),
    "authorize: client by key": lambda: (store._FIND_BY_PK, (TENANT, PK)),
    "authorize: secrets": lambda: (store._SECRETS, (TENANT, PK)),
    "authorize: consent": lambda: (consent_store._FIND, (TENANT, USER, PK, "http://127.0.0.1", "d")),
    "authorize: interaction": lambda: (interactions_store._FIND, (TENANT, "handle", "digest", NOW)),
    "token: use": lambda: (life_store._USED, (TENANT, PK, NOW, NOW)),
    "configuration: delete": lambda: (store._DELETE, (TENANT, PK)),
    "configuration: grants": lambda: (grants_store._REVOKE_FOR_CLIENT, (TENANT, PK, NOW)),
    "configuration: consents": lambda: (consent_store._FORGET_FOR_CLIENT, (TENANT, PK)),
    "reaper: idle": lambda: (life_store._IDLE, (NOW, 100)),
    "reaper: adopt": lambda: (life_store._ADOPT, (NOW, 100)),
    "reaper: in use": lambda: (
        grants_store._CLIENTS_IN_USE.format(is_among=id_lists.is_among("client_pk", "$2")),
        (TENANT, some(), NOW),
    ),
    "reaper: put off": lambda: (among(life_store._PUT_OFF, "id"), (TENANT, some(), NOW)),
    "reaper: delete": lambda: (among(life_store._DELETE, "id"), (TENANT, some(), NOW)),
    "reaper: secrets": lambda: (among(life_store._DELETE_SECRETS, "client_pk"), (TENANT, some())),
}
# A scan of the list that came as an argument is none of a table.
_SCAN_ON_SQLITE = re.compile(rf"SCAN ({'|'.join(registrations.TABLES)})\b(?! USING (COVERING )?INDEX)")


@pytest.fixture
async def filled(storage: None) -> None:
    """Some thousand clients and what belongs to them, enough for the planner to care."""
    await registrations.fill(TENANT, USER, clients=CLIENTS, in_use=IN_USE, now=NOW)
    pk, numbers = registrations.pk_expression("n"), registrations.NUMBERS.format(last=CLIENTS)
    for table, columns, values in (
        ("client_secret", "client_pk, digest, created_at", f"{pk}, 'd' || n, n"),
        ("consent", "user_id, client_pk, redirect_origin, resource, scope, metadata_digest, created_at",
         f"{pk}, {pk}, 'o', 'r' || n, 's', 'd', n"),
        ("interaction", "handle, browser_digest, client_pk, request, created_at, expires_at",
         f"'h' || n, 'b' || n, {pk}, '', n, {NOW + DAY} + n"),
        ("initial_access_token", "digest, name, template, max_uses, uses, created_at, valid_until",
         f"'d' || n, 'n', '', 9, 0, n, {NOW + DAY}"),
    ):  # fmt: skip
        sql = f"INSERT INTO {table} (id, tenant_id, {columns}) SELECT {pk}, $1, {values} FROM ({numbers}) AS numbered"  # noqa: S608 - constants only
        await database.execute(sql, TENANT)
    await registrations.analyze()


async def test_no_query_reads_a_table_from_end_to_end(filled: None) -> None:
    scanning = {}
    for name, made in QUERIES.items():
        sql, arguments = made()
        plan = await _plan(sql, *arguments)
        if "Seq Scan" in plan or _SCAN_ON_SQLITE.search(plan):
            scanning[name] = plan
    assert scanning == {}


async def _plan(sql: str, *arguments: object) -> str:
    way, name = ("EXPLAIN", "QUERY PLAN") if database.is_postgresql() else ("EXPLAIN QUERY PLAN", "detail")
    return "\n".join(str(row[name]) for row in await database.rows(f"{way} {sql}", *arguments))
