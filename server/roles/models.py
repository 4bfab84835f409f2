"""Tables of roles, of groups and of administrators' memberships. Private to the stores."""

from tortoise import fields
from tortoise.models import Model


class RoleRow(Model):
    """A role that a tenant defines."""

    id = fields.UUIDField(primary_key=True)
    tenant_id = fields.UUIDField()
    name = fields.CharField(max_length=100)
    description = fields.CharField(max_length=500, db_default="")
    origin = fields.CharField(max_length=16)
    created_at = fields.BigIntField()

    class Meta:
        table = "role"
        unique_together = (("tenant_id", "name"),)


class RoleAssignmentRow(Model):
    """A role that a person has."""

    id = fields.UUIDField(primary_key=True)
    tenant_id = fields.UUIDField()
    user_id = fields.UUIDField()
    role_id = fields.UUIDField()
    created_at = fields.BigIntField()

    class Meta:
        table = "role_assignment"
        unique_together = (("tenant_id", "user_id", "role_id"),)
        indexes = (("tenant_id", "role_id"),)


class GroupRow(Model):
    """A group of a tenant's people."""

    id = fields.UUIDField(primary_key=True)
    tenant_id = fields.UUIDField()
    name = fields.CharField(max_length=100)
    description = fields.CharField(max_length=500, db_default="")
    origin = fields.CharField(max_length=16)
    created_at = fields.BigIntField()

    class Meta:
        table = "person_group"
        unique_together = (("tenant_id", "name"),)


class GroupRoleRow(Model):
    """A role that a group gives to whoever is in it."""

    id = fields.UUIDField(primary_key=True)
    tenant_id = fields.UUIDField()
    group_id = fields.UUIDField()
    role_id = fields.UUIDField()
    created_at = fields.BigIntField()

    class Meta:
        table = "group_role"
        unique_together = (("tenant_id", "group_id", "role_id"),)
        indexes = (("tenant_id", "role_id"),)


class GroupMemberRow(Model):
    """A person in a group."""

    id = fields.UUIDField(primary_key=True)
    tenant_id = fields.UUIDField()
    group_id = fields.UUIDField()
    user_id = fields.UUIDField()
    created_at = fields.BigIntField()

    class Meta:
        table = "group_member"
        unique_together = (("tenant_id", "group_id", "user_id"),)
        indexes = (("tenant_id", "user_id"),)


class MembershipRow(Model):
    """What an administrator (a user of the system tenant) may do, in one tenant or on the platform."""

    id = fields.UUIDField(primary_key=True)
    tenant_id = fields.UUIDField()  # of the administrator: always the system tenant
    user_id = fields.UUIDField()
    role = fields.CharField(max_length=32)
    # The tenant administered, as text; "*" is the platform. Text, since NULLs are never equal in a unique index.
    scope_tenant = fields.CharField(max_length=36)
    created_at = fields.BigIntField()

    class Meta:
        table = "membership"
        unique_together = (("tenant_id", "user_id", "scope_tenant", "role"),)
        indexes = (("tenant_id", "scope_tenant", "id"), ("tenant_id", "id"))
