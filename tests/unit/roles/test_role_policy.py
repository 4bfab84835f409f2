"""Names of roles and groups, and where administrators' roles fit."""

from __future__ import annotations

import pytest

from server.kernel import ids
from server.roles import (
    AdminRole,
    Group,
    InvalidGroup,
    InvalidRole,
    Membership,
    check_group,
    check_membership,
    check_role_name,
)
from server.tenants import Origin


@pytest.mark.parametrize("name", ["editor", "a", "Team:Lead", "x" * 100])
def test_good_names(name: str) -> None:
    check_role_name(name)


@pytest.mark.parametrize("name", ["", "two words", "-editor", "editor-", "x" * 101, "édito"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(InvalidRole):
        check_role_name(name)


@pytest.mark.parametrize("name", ["Staff", "Ärzte & Pflege / Berlin", "100 %", "x" * 100])
def test_group_is_named_as_people_write(name: str) -> None:
    check_group(Group(ids.uuid7(), name, Origin.CONSOLE, "x" * 500))


@pytest.mark.parametrize(
    ("name", "description"),
    [
        ("", ""),
        (" a", ""),
        ("a  b", ""),
        ("a\nb", ""),
        ("a\u202eb", ""),
        ("x" * 101, ""),
        ("a", "x" * 501),
        ("a", "b\nc"),
    ],
)
def test_group_that_could_be_taken_for_another_is_refused(name: str, description: str) -> None:
    with pytest.raises(InvalidGroup):
        check_group(Group(ids.uuid7(), name, Origin.CONSOLE, description))


def test_platform_owner_owns_no_single_tenant_and_nobody_else_the_platform() -> None:
    check_membership(Membership(ids.uuid7(), AdminRole.PLATFORM_OWNER, None))
    check_membership(Membership(ids.uuid7(), AdminRole.AUDITOR, ids.uuid7()))
    for role, tenant in ((AdminRole.PLATFORM_OWNER, ids.uuid7()), (AdminRole.TENANT_OWNER, None)):
        with pytest.raises(InvalidRole):
            check_membership(Membership(ids.uuid7(), role, tenant))
