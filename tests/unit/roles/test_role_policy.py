"""Names of roles, and where administrators' roles fit."""

from __future__ import annotations

import pytest

from server.kernel import ids
from server.roles import AdminRole, InvalidRole, Membership, check_membership, check_role_name


@pytest.mark.parametrize("name", ["editor", "a", "Team:Lead", "x" * 100])
def test_good_names(name: str) -> None:
    check_role_name(name)


@pytest.mark.parametrize("name", ["", "two words", "-editor", "editor-", "x" * 101, "édito"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(InvalidRole):
        check_role_name(name)


def test_platform_owner_owns_no_single_tenant_and_nobody_else_the_platform() -> None:
    check_membership(Membership(ids.uuid7(), AdminRole.PLATFORM_OWNER, None))
    check_membership(Membership(ids.uuid7(), AdminRole.AUDITOR, ids.uuid7()))
    for role, tenant in ((AdminRole.PLATFORM_OWNER, ids.uuid7()), (AdminRole.TENANT_OWNER, None)):
        with pytest.raises(InvalidRole):
            check_membership(Membership(ids.uuid7(), role, tenant))
