"""However many sessions and consents a tenant has, a page of them is read in the order of an index."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import product

import pytest

from server.kernel import database, ids
from server.kernel.database import Row
from server.kernel.paging import Paging, encode_cursor
from server.projections import AccessFilter, ConsentFilter, list_consents, list_sessions
from tests.issuing import NOW
from tests.support.statements import explaining, plan_in, settle

Show = Callable[[Paging], Awaitable[object]]

pytestmark = pytest.mark.usefixtures("storage")

ROWS = 100_000
TENANT, CLIENT = ids.uuid7(), ids.uuid7()
FILL = (
    """
    INSERT INTO browser_session (id, tenant_id, token_digest, user_id, auth_time, acr, amr, created_at, last_seen_at,
     expires_at, max_expires_at)
    SELECT gen_random_uuid(), $1, md5(n::text), gen_random_uuid(), n, '', '', n, n, $2::bigint, $2
    FROM generate_series($3::int, $3 + 9999) n
    """,
    """
    INSERT INTO consent (id, tenant_id, user_id, client_pk, redirect_origin, resource, scope, metadata_digest,
     created_at)
    SELECT gen_random_uuid(), $1, gen_random_uuid(), md5((n % 50)::text)::uuid, 'o', 'r' || n % 10, 's', 'd',
     n + 0 * $2::bigint
    FROM generate_series($3::int, $3 + 9999) n
    """,
)
COSTLY = ("Sort", "TEMP B-TREE", "Seq Scan on consent", "Seq Scan on browser_session")
SHOWN: dict[str, Show] = {
    "sessions": lambda paging: list_sessions(TENANT, AccessFilter(live_at=NOW, since=1), paging),
    "consents": lambda paging: list_consents(TENANT, ConsentFilter(since=1), paging),
    "consents of a client": lambda paging: list_consents(TENANT, ConsentFilter(client_pk=CLIENT), paging),
    "consents for a resource": lambda paging: list_consents(TENANT, ConsentFilter(resource="r1"), paging),
}
AFTER = {"sessions": (ids.uuid7(),)}


async def plan_of(monkeypatch: pytest.MonkeyPatch, show: Show, paging: Paging) -> str:
    """How the database would answer what a list asks."""
    found: list[str] = []

    async def explain(sql: str, *arguments: object) -> list[Row]:
        found.append(plan_in(await asked(explaining(sql), *arguments)))
        return []

    asked = database.rows
    with monkeypatch.context() as patched:
        patched.setattr(database, "rows", explain)
        await show(paging)
    return "\n".join(found)


async def test_a_page_is_read_in_the_order_of_an_index(monkeypatch: pytest.MonkeyPatch) -> None:
    if database.is_postgresql():
        for statement, first in product(FILL, range(1, ROWS, 10_000)):  # a statement may not take long
            await database.execute(statement, TENANT, NOW * 2, first)
        await settle("browser_session", "consent")
    for name, show in SHOWN.items():
        cursor = encode_cursor(AFTER.get(name, (NOW, ids.uuid7())))
        for paging in (Paging(), Paging(cursor=cursor)):
            plan = await plan_of(monkeypatch, show, paging)
            for costly in COSTLY:
                assert costly not in plan, (name, plan)
