"""Roles, assignments and memberships as rows, in two tenants."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from server import roles
from server.kernel import ids
from server.kernel.database import AlreadyExists
from server.roles import AdminRole, Membership, Role
from server.tenants import Origin
from tests.issuing import NOW

pytestmark = pytest.mark.usefixtures("storage")

ACME, OTHER, ADA, BOB = ids.uuid7(), ids.uuid7(), ids.uuid7(), ids.uuid7()


async def make(name: str, tenant_id: UUID = ACME) -> Role:
    role = Role(ids.uuid7(), name, Origin.MANIFEST)
    await roles.create(tenant_id, role, NOW)
    return role


async def test_roles_belong_to_one_tenant() -> None:
    editor = await make("editor")
    other = await make("editor", OTHER)
    assert await roles.list_roles(ACME) == (editor,)
    assert await roles.list_roles(OTHER) == (other,)
    with pytest.raises(AlreadyExists):
        await make("editor")
    assert not await roles.delete(OTHER, editor.id)


async def test_person_has_the_roles_that_they_were_given() -> None:
    editor, author = await make("editor"), await make("author")
    assert await roles.assign(ACME, ADA, editor.id, NOW)
    assert not await roles.assign(ACME, ADA, editor.id, NOW)
    await roles.assign(ACME, ADA, author.id, NOW)
    await roles.assign(ACME, BOB, author.id, NOW)
    assert await roles.roles_of(ACME, ADA) == ("author", "editor")
    assert await roles.roles_of(OTHER, ADA) == ()
    assert await roles.list_assignments(ACME) == {ADA: ("author", "editor"), BOB: ("author",)}


async def test_role_is_renamed_and_described_for_those_who_have_it() -> None:
    editor, other = await make("editor"), await make("editor", OTHER)
    for person in (ADA, BOB):
        await roles.assign(ACME, person, editor.id, NOW)
    renamed = replace(editor, name="redactor", description="Changes every text")
    await roles.update(OTHER, renamed)
    await roles.update(ACME, renamed)
    assert await roles.list_roles(ACME) == (renamed,)
    assert await roles.list_roles(OTHER) == (other,)
    assert await roles.roles_of(ACME, ADA) == ("redactor",)
    assert await roles.count_holders(ACME) == {editor.id: 2}
    assert await roles.count_holders(OTHER) == {}
    assert await roles.holders_among(ACME, editor.id, [ADA, ACME]) == {ADA}
    assert await roles.holders_among(OTHER, editor.id, [ADA]) == frozenset()
    await make("author")
    with pytest.raises(AlreadyExists):
        await roles.update(ACME, replace(renamed, name="author"))


async def test_role_is_taken_from_one_person_or_from_everybody() -> None:
    editor = await make("editor")
    for person in (ADA, BOB):
        await roles.assign(ACME, person, editor.id, NOW)
    await roles.unassign_all(OTHER, ADA)
    assert await roles.roles_of(ACME, ADA) == ("editor",)
    await roles.unassign_all(ACME, ADA)
    assert await roles.roles_of(ACME, ADA) == ()
    assert await roles.roles_of(ACME, BOB) == ("editor",)
    assert await roles.delete(ACME, editor.id)
    assert await roles.roles_of(ACME, BOB) == ()


async def test_set_roles_leaves_exactly_these() -> None:
    editor, author = await make("editor"), await make("author")
    await roles.set_roles(ACME, ADA, [editor.id], NOW)
    await roles.set_roles(ACME, ADA, [author.id], NOW)
    assert await roles.roles_of(ACME, ADA) == ("author",)


async def test_memberships_say_who_administers_what() -> None:
    owner = Membership(ADA, AdminRole.PLATFORM_OWNER, None)
    auditor = Membership(BOB, AdminRole.AUDITOR, OTHER)
    assert await roles.add_membership(ACME, owner, NOW)
    assert not await roles.add_membership(ACME, owner, NOW)
    await roles.add_membership(ACME, auditor, NOW)
    assert await roles.memberships_of(ACME, ADA) == (owner,)
    assert await roles.memberships_of(ACME, BOB) == (auditor,)
    assert await roles.memberships_of(OTHER, ADA) == ()
