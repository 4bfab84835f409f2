"""However many people a tenant has: those of a small role or group are found from it, those of a large one in order."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product
from uuid import UUID

import pytest

from server import users
from server.kernel import database, ids
from server.kernel.paging import Paging
from server.projections import PersonFilter, PersonOrder, list_people, people
from server.tenants import Origin
from tests.issuing import NOW
from tests.support.statements import Recorder, settle

pytestmark = pytest.mark.usefixtures("storage")

TENANT, GROUP, ROLE = ids.uuid7(), ids.uuid7(), ids.uuid7()
FILL = """
INSERT INTO person (id, tenant_id, sub, username, username_key, email_verified, claims, enabled, origin, created_at,
 updated_at)
SELECT gen_random_uuid(), $1, n, n, n, false, '{}', true, 'console', 1, 1 FROM generate_series(1, 10000) n
"""
# Groups and roles of everybody, beside those of the few.
OTHERS = (
    """
    INSERT INTO group_member (id, tenant_id, group_id, user_id, created_at)
    SELECT gen_random_uuid(), $1, md5('g')::uuid, id, 1 FROM person WHERE tenant_id = $1
    """,
    """
    INSERT INTO role_assignment (id, tenant_id, role_id, user_id, created_at)
    SELECT gen_random_uuid(), $1, md5('r')::uuid, id, 1 FROM person WHERE tenant_id = $1
    """,
)
ENTER = (
    "INSERT INTO group_member (id, tenant_id, group_id, user_id, created_at) VALUES ($1, $2, $3, $4, 1)",
    "INSERT INTO role_assignment (id, tenant_id, role_id, user_id, created_at) VALUES ($1, $2, $3, $4, 1)",
)
# PostgreSQL says it of the index scan below it; SQLite of the table, by the name that the statement gives it.
BY_ID = re.compile(r"on person p .*\n\s+Index Cond: .*\bid = |SEARCH p USING .*\(tenant_id=\? AND id=\?\)")


async def add_people(*names: str) -> list[UUID]:
    """People who have the role and are in the group."""
    made = [users.new_user(TENANT, name, origin=Origin.CONSOLE, now=NOW) for name in names]
    for user in made:
        await users.create(TENANT, user)
        for enter, circle in zip(ENTER, (GROUP, ROLE), strict=True):
            await database.execute(enter, ids.uuid7(), TENANT, circle, user.id)
    return [user.id for user in made]


async def test_few_are_looked_up_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    await add_people("ada", "bob", "carol", "dan", "eve")
    if database.is_postgresql():
        for statement in (FILL, *OTHERS):
            await database.execute(statement, TENANT)
        await settle("person", "group_member", "role_assignment")
    for shown in (PersonFilter(group_id=GROUP), PersonFilter(role_id=ROLE), PersonFilter(search="a", group_id=GROUP)):
        recorder = Recorder(monkeypatch)
        first = await list_people(TENANT, shown, Paging(2))
        await list_people(TENANT, shown, Paging(2, first.next_cursor))
        plans = {sql: plan for sql, plan in (await recorder.plans()).items() if "person" in sql}
        assert len(plans) == 2
        for plan in plans.values():
            assert BY_ID.search(plan), plan


@pytest.mark.parametrize("most", [0, 20_000], ids=["many", "few"])
async def test_those_of_it_are_shown_page_by_page(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(people, "MOST_SORTED", most)
    ada, bob, carol = await add_people("ada", "Bob", "carol")
    await users.create(TENANT, users.new_user(TENANT, "alone", origin=Origin.CONSOLE, now=NOW))
    wanted = {PersonOrder.USERNAME: [ada, bob, carol], PersonOrder.NEWEST: [carol, bob, ada]}
    circles = (PersonFilter(group_id=GROUP), PersonFilter(role_id=ROLE), PersonFilter(group_id=GROUP, role_id=ROLE))
    for order, circle in product(PersonOrder, circles):
        shown, found, cursor = replace(circle, order=order), [], None
        for _ in range(3):
            page = await list_people(TENANT, shown, Paging(1, cursor))
            found += [line.id for line in page.items]
            cursor = page.next_cursor
        assert (found, cursor) == (wanted[order], None), (order, circle)
        assert not (await list_people(ids.uuid7(), shown, Paging())).items
