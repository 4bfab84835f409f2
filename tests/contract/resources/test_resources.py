"""Resources as rows, in two tenants."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server import resources
from server.kernel import database, ids
from server.kernel.database import AlreadyExists
from server.protocol.errors import InvalidTarget
from server.resources import Resource, TokenFormat
from server.tenants import Origin
from tests.issuing import NOW

pytestmark = pytest.mark.usefixtures("storage")

ACME, OTHER = ids.uuid7(), ids.uuid7()


def notes(**fields: object) -> Resource:
    resource = Resource(
        ids.uuid7(), "https://notes.test/mcp", "Notes", ("notes:read", "notes:write"), TokenFormat.OPAQUE, ("batch",)
    )
    return replace(resource, **fields)  # type: ignore[arg-type] # fields by name


async def test_resource_comes_back_as_it_was_stored() -> None:
    resource = notes(origin=Origin.CONSOLE)
    await resources.create(ACME, resource, NOW)
    assert await resources.list_resources(ACME) == (resource,)
    assert await resources.list_resources(OTHER) == ()


@pytest.mark.rfc("8707", "2")
async def test_request_names_resources_of_its_tenant_only() -> None:
    resource = notes()
    await resources.create(ACME, resource, NOW)
    assert await resources.resolve(ACME, ("https://NOTES.test/mcp",)) == (resource,)
    assert await resources.resolve(ACME, ()) == ()
    with pytest.raises(InvalidTarget):
        await resources.resolve(OTHER, ("https://notes.test/mcp",))


async def test_identifier_is_taken_once_in_a_tenant() -> None:
    await resources.create(ACME, notes(), NOW)
    await resources.create(OTHER, notes(), NOW)
    with pytest.raises(AlreadyExists):
        await resources.create(ACME, notes(), NOW)


async def test_changes_touch_one_tenant_and_are_seen_at_once() -> None:
    first, second = notes(), notes()
    await resources.create(ACME, first, NOW)
    await resources.create(OTHER, second, NOW)
    await resources.list_resources(ACME)
    changed = replace(first, display_name="All notes", scopes=(), token_format=TokenFormat.JWT)
    await resources.update(ACME, first, changed, NOW + 1)
    assert await resources.list_resources(ACME) == (changed,)
    # With the other tenant's id nothing is found, and so nothing done.
    assert not await resources.delete(ACME, second.id)
    assert await resources.delete(OTHER, second.id)
    assert await resources.list_resources(OTHER) == ()


async def test_known_list_and_no_difference_ask_the_database_nothing() -> None:
    resource = notes()
    await resources.create(ACME, resource, NOW)
    await resources.list_resources(ACME)
    with database.query_count() as count:
        await resources.resolve(ACME, (resource.identifier,))
        await resources.update(ACME, resource, resource, NOW)
    assert count.total == 0
