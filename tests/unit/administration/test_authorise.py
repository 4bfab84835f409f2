"""What an operator's roles allow."""

from __future__ import annotations

import pytest

from server.administration import NotPermitted, Operator, Permission, check_permitted, is_permitted
from server.audit import Actor
from server.kernel import ids
from server.roles import AdminRole, Membership
from server.tenants import Origin

ACME, OTHER, ADA = ids.uuid7(), ids.uuid7(), ids.uuid7()


def administrator(role: AdminRole) -> Operator:
    scope = None if role is AdminRole.PLATFORM_OWNER else ACME
    return Operator.administrator(ADA, [Membership(ADA, role, scope)])


def allowed(role: AdminRole) -> set[Permission]:
    return {permission for permission in Permission if is_permitted(administrator(role), permission, ACME)}


def test_platform_owner_may_do_everything_everywhere() -> None:
    owner = administrator(AdminRole.PLATFORM_OWNER)
    assert all(is_permitted(owner, permission, tenant) for permission in Permission for tenant in (ACME, OTHER))


def test_nobody_else_makes_tenants() -> None:
    for role in AdminRole:
        assert (Permission.MANAGE_TENANTS in allowed(role)) == (role is AdminRole.PLATFORM_OWNER)


def test_roles_differ_in_what_they_allow() -> None:
    assert allowed(AdminRole.TENANT_OWNER) - allowed(AdminRole.TENANT_ADMIN) == {Permission.MANAGE_ADMINISTRATORS}
    assert allowed(AdminRole.CLIENT_MANAGER) == {Permission.READ, Permission.MANAGE_CLIENTS}
    assert allowed(AdminRole.USER_MANAGER) == {Permission.READ, Permission.MANAGE_USERS}
    assert allowed(AdminRole.AUDITOR) == {Permission.READ}


@pytest.mark.parametrize("role", [role for role in AdminRole if role is not AdminRole.PLATFORM_OWNER])
def test_role_in_one_tenant_means_nothing_in_another(role: AdminRole) -> None:
    for permission in Permission:
        assert not is_permitted(administrator(role), permission, OTHER)
        with pytest.raises(NotPermitted):
            check_permitted(administrator(role), permission, OTHER)


def test_person_without_memberships_may_nothing() -> None:
    nobody = Operator.administrator(ADA, ())
    assert not any(is_permitted(nobody, permission, ACME) for permission in Permission)


def test_whoever_runs_the_program_may_everything_and_is_named_in_the_audit() -> None:
    operator = Operator.at_the_command_line("root")
    check_permitted(operator, Permission.MANAGE_TENANTS, ACME)
    assert operator.actor == Actor.system("root")
    assert (operator.origin, Operator.latchkey().origin) == (Origin.CLI, Origin.BUILT_IN)
