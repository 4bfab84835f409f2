"""Roles: what a tenant's people are to its applications, and what administrators may do (memberships)."""

from .policy import InvalidRole, check_membership, check_role_name
from .records import AdminRole, Membership, Role
from .store import (
    add_membership,
    assign,
    create,
    delete,
    list_assignments,
    list_roles,
    memberships_of,
    remove_membership,
    remove_memberships_in,
    remove_memberships_of,
    roles_of,
    set_roles,
    unassign,
    unassign_all,
)

__all__ = [
    "AdminRole",
    "InvalidRole",
    "Membership",
    "Role",
    "add_membership",
    "assign",
    "check_membership",
    "check_role_name",
    "create",
    "delete",
    "list_assignments",
    "list_roles",
    "memberships_of",
    "remove_membership",
    "remove_memberships_in",
    "remove_memberships_of",
    "roles_of",
    "set_roles",
    "unassign",
    "unassign_all",
]
