"""Scopes as rows, in two tenants."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server import scopes
from server.kernel import database, ids
from server.kernel.database import AlreadyExists
from server.protocol.scopes import IDENTITY_SCOPES
from server.scopes import Scope
from server.tenants import Origin
from tests.issuing import NOW

pytestmark = pytest.mark.usefixtures("storage")

ACME, OTHER = ids.uuid7(), ids.uuid7()
READ = Scope("notes:read", "Read your notes", optional=True, origin=Origin.MANIFEST)
PURGE = Scope("notes:purge", "Delete", sensitive=True, dynamic=False, origin=Origin.CONSOLE)


async def test_every_tenant_knows_the_scopes_of_openid_connect() -> None:
    listed = await scopes.list_scopes(ACME)
    assert tuple(listed) == IDENTITY_SCOPES
    assert all(scope.is_identity and scope.dynamic for scope in listed.values())


async def test_scopes_belong_to_one_tenant() -> None:
    await scopes.create(ACME, READ, NOW)
    await scopes.create(ACME, PURGE, NOW + 1)
    await scopes.create(OTHER, replace(READ, description="Other notes"), NOW)
    acme, other = await scopes.list_scopes(ACME), await scopes.list_scopes(OTHER)
    assert (acme["notes:read"], acme["notes:purge"]) == (READ, PURGE)
    assert other["notes:read"].description == "Other notes"
    assert "notes:purge" not in other


async def test_name_is_taken_once_in_a_tenant() -> None:
    await scopes.create(ACME, READ, NOW)
    with pytest.raises(AlreadyExists):
        await scopes.create(ACME, READ, NOW)


async def test_changes_touch_one_tenant_and_are_seen_at_once() -> None:
    for tenant in (ACME, OTHER):
        await scopes.create(tenant, READ, NOW)
        await scopes.list_scopes(tenant)
    changed = replace(READ, description="Read all your notes", dynamic=False)
    await scopes.update(ACME, READ, changed, NOW + 1)
    assert (await scopes.list_scopes(ACME))["notes:read"] == changed
    assert (await scopes.list_scopes(OTHER))["notes:read"] == READ
    assert await scopes.delete(OTHER, "notes:read")
    assert not await scopes.delete(OTHER, "notes:read")
    assert "notes:read" not in await scopes.list_scopes(OTHER)
    assert "notes:read" in await scopes.list_scopes(ACME)


async def test_new_scope_is_seen_where_the_list_was_known() -> None:
    await scopes.list_scopes(ACME)
    await scopes.create(ACME, READ, NOW)
    assert "notes:read" in await scopes.list_scopes(ACME)


async def test_known_list_and_no_difference_ask_the_database_nothing() -> None:
    await scopes.create(ACME, READ, NOW)
    await scopes.list_scopes(ACME)
    with database.query_count() as count:
        await scopes.list_scopes(ACME)
        await scopes.update(ACME, READ, READ, NOW)
    assert count.total == 0
