"""Pure rules of roles and groups."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .records import AdminRole

if TYPE_CHECKING:
    from .records import Group, Membership, Role

LONGEST_GROUP_NAME = 100
LONGEST_DESCRIPTION = 500

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.:-]{0,98}[A-Za-z0-9])?")


class InvalidRole(ValueError):
    """A role cannot be defined or given like this; the message says why, in one line."""


class InvalidGroup(ValueError):
    """A group cannot be described like this; the message says why, in one line."""


def check_role_name(name: str) -> None:
    """Raise InvalidRole unless the name can stand in a claim and in a list."""
    if not _NAME.fullmatch(name):
        raise InvalidRole("a role is named by 1 to 100 letters, digits and inner _ . : -")


def check_definition(role: Role) -> None:
    """Raise InvalidRole unless the role can be defined like this."""
    check_role_name(role.name)
    if len(role.description) > LONGEST_DESCRIPTION or not role.description.isprintable():
        raise InvalidRole(f"a role is described by one line of at most {LONGEST_DESCRIPTION} characters")


def check_group(group: Group) -> None:
    """Raise InvalidGroup unless there can be a group like this: its name is told to applications as it is."""
    name = group.name
    if not name or len(name) > LONGEST_GROUP_NAME or not name.isprintable() or name != " ".join(name.split()):
        raise InvalidGroup(
            f"a group is named by 1 to {LONGEST_GROUP_NAME} printable characters, with single blanks between"
        )
    if len(group.description) > LONGEST_DESCRIPTION or not group.description.isprintable():
        raise InvalidGroup(f"a group is described by one line of at most {LONGEST_DESCRIPTION} characters")


def check_membership(membership: Membership) -> None:
    """Raise InvalidRole unless the role fits where it is given: platform owners own no single tenant."""
    if (membership.role is AdminRole.PLATFORM_OWNER) != (membership.scope_tenant is None):
        raise InvalidRole("platform-owner is for the whole platform, every other role for one tenant")
