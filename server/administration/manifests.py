"""Manifests in an operator's hands: a tenant as a file, and a file as tenants."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from server.tenants import Origin

from . import manifest
from .authorise import Permission, check_permitted
from .finding import check_not_system

if TYPE_CHECKING:
    from server.kernel.clock import Instant
    from server.tenants import Tenant

    from .authorise import Operator
    from .manifest import Manifest, Options, Plan


async def export(operator: Operator, tenant: Tenant, public_url: str) -> str:
    """A tenant as YAML, without secrets; raises NotPermitted, Reserved."""
    check_permitted(operator, Permission.READ, tenant.id)
    check_not_system(tenant)
    return await manifest.export_tenant(tenant.slug, public_url)


async def plan(
    operator: Operator, system: Tenant, described: tuple[Manifest, ...], options: Options, now: Instant
) -> tuple[Plan, ...]:
    """What applying manifests would do, one plan for each; raises NotPermitted, ManifestError. Nothing is changed."""
    check_permitted(operator, Permission.MANAGE_TENANTS, system.id)
    return tuple([await manifest.plan_manifest(one, options, now) for one in described])


async def carry_out(operator: Operator, system: Tenant, described: Manifest, options: Options, now: Instant) -> Plan:
    """Bring a tenant to what its manifest says, all or nothing, and return what was done.

    Raises NotPermitted, ManifestError, and AlreadyExists for a name that something outside of manifests has.
    """
    check_permitted(operator, Permission.MANAGE_TENANTS, system.id)
    hashes = await manifest.hash_passwords(await manifest.plan_manifest(described, options, now))
    # What a manifest made, a later one may take away.
    by_manifest = replace(operator, origin=Origin.MANIFEST)
    return await manifest.apply_manifest(by_manifest, described, options, hashes, now)
