"""Groups as rows, in two tenants: what they give, and who is in them."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from server import roles
from server.kernel import ids
from server.kernel.database import AlreadyExists
from server.roles import Affiliations, Group, Role, affiliation_store
from server.tenants import Origin
from tests.issuing import NOW

pytestmark = pytest.mark.usefixtures("storage")

ACME, OTHER, ADA, BOB = ids.uuid7(), ids.uuid7(), ids.uuid7(), ids.uuid7()


async def make_role(name: str, tenant_id: UUID = ACME) -> UUID:
    role = Role(ids.uuid7(), name, Origin.MANIFEST)
    await roles.create(tenant_id, role, NOW)
    return role.id


async def make(name: str, tenant_id: UUID = ACME, **given: UUID) -> Group:
    group = Group(ids.uuid7(), name, Origin.MANIFEST, roles=tuple(sorted(given)))
    await roles.create_group(tenant_id, group, given.values(), NOW)
    return group


async def test_groups_belong_to_one_tenant() -> None:
    staff = await make("Staff", editor=await make_role("editor"))
    other = await make("Staff", OTHER)
    assert await roles.list_groups(ACME) == (staff,)
    assert await roles.list_groups(OTHER) == (other,)
    assert await roles.find_group(ACME, staff.id) == staff
    assert await roles.find_group(OTHER, staff.id) is None
    assert await roles.roles_of_groups(ACME, [staff.id, other.id]) == {staff.id: ("editor",)}
    assert await roles.roles_of_groups(OTHER, [staff.id]) == {}
    with pytest.raises(AlreadyExists):
        await make("Staff")
    assert not await roles.delete_group(OTHER, staff.id)
    assert await roles.delete_group(ACME, staff.id)
    assert await roles.list_groups(ACME) == ()


async def test_group_gives_other_roles_and_keeps_its_people() -> None:
    editor, author = await make_role("editor"), await make_role("author")
    staff = await make("Staff", editor=editor)
    await roles.add_member(ACME, staff.id, ADA, NOW)
    renamed = replace(staff, name="Crew", description="Whoever is here", roles=("author",))
    await roles.update_group(OTHER, renamed, (), NOW)
    assert await roles.list_groups(ACME) == (staff,)
    await roles.update_group(ACME, renamed, (author,), NOW)
    assert (await roles.count_groups_giving(ACME), await roles.count_groups_giving(OTHER)) == ({author: 1}, {})
    assert await roles.list_groups(ACME) == (renamed,)
    assert await roles.affiliations_of(ACME, ADA) == Affiliations(("author",), ("Crew",))
    await make("Staff")
    with pytest.raises(AlreadyExists):
        await roles.update_group(ACME, replace(renamed, name="Staff"), (), NOW)


async def test_people_come_and_go() -> None:
    staff = await make("Staff", editor=await make_role("editor"))
    assert await roles.add_member(ACME, staff.id, ADA, NOW)
    assert not await roles.add_member(ACME, staff.id, ADA, NOW)
    await roles.add_member(ACME, staff.id, BOB, NOW)
    assert await roles.groups_of(ACME, ADA) == (staff,)
    assert await roles.list_groups_by_person(ACME) == {ADA: ("Staff",), BOB: ("Staff",)}
    assert await roles.members_among(ACME, staff.id, [ADA, ACME]) == {ADA}
    for nothing in (
        await roles.groups_of(OTHER, ADA),
        await roles.list_groups_by_person(OTHER),
        await roles.members_among(OTHER, staff.id, [ADA]),
    ):
        assert not nothing
    assert not await roles.remove_member(OTHER, staff.id, ADA)
    await roles.leave_groups(OTHER, BOB)
    assert await roles.remove_member(ACME, staff.id, ADA)
    assert not await roles.remove_member(ACME, staff.id, ADA)
    assert await roles.groups_of(ACME, BOB) == (staff,)
    await roles.leave_groups(ACME, BOB)
    assert await roles.list_groups_by_person(ACME) == {}


async def test_who_is_in_many_groups_takes_the_room_of_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """How many groups there are, a tenant decides; what a process remembers of all tenants is bounded."""
    monkeypatch.setattr(affiliation_store._cache, "_size", 4)
    for name in ("Staff", "Writers"):
        await roles.add_member(ACME, (await make(name)).id, ADA, NOW)
    for person, kept in ((ADA, 1), (BOB, 2), (ids.uuid7(), 2)):
        await roles.affiliations_of(ACME, person)
        assert len(affiliation_store._cache) == kept


async def test_affiliations_are_of_person_and_groups_and_never_stale() -> None:
    editor, author = await make_role("editor"), await make_role("author")
    staff = await make("Staff", editor=editor, author=author)
    assert await roles.affiliations_of(ACME, ADA) == Affiliations()
    await roles.assign(ACME, ADA, editor, NOW)
    assert await roles.affiliations_of(ACME, ADA) == Affiliations(("editor",))
    await roles.add_member(ACME, staff.id, ADA, NOW)
    assert await roles.affiliations_of(ACME, ADA) == Affiliations(("author", "editor"), ("Staff",))
    assert await roles.affiliations_of(OTHER, ADA) == Affiliations()
    await roles.unassign(ACME, ADA, editor)
    assert await roles.affiliations_of(ACME, ADA) == Affiliations(("author", "editor"), ("Staff",))
    await roles.delete(ACME, author)
    assert await roles.affiliations_of(ACME, ADA) == Affiliations(("editor",), ("Staff",))
    await roles.delete_group(ACME, staff.id)
    assert await roles.affiliations_of(ACME, ADA) == Affiliations()
