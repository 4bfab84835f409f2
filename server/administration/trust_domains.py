"""What an operator may do to the domains of a tenant: claim them, and prove that they are its own.

A verified domain lowers the risk of what is at or below it, is guarded against look-alikes, and may be taken into use
as the tenant's issuer by those who manage its settings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import audit, trust
from server.projections import HoldFilter

from . import trust_holds
from .act import act
from .authorise import Permission, check_permitted
from .finding import found, turn

if TYPE_CHECKING:
    from server.kernel.clock import Instant
    from server.kernel.txt_records import ReadTxt
    from server.tenants import Tenant
    from server.trust import VerifiedDomain

    from .authorise import Operator

LABEL = "_latchkey-challenge"
BY_DNS, BY_ADMINISTRATOR = "dns", "administrator"


class NotProven(Exception):
    """The DNS does not say what proves that the domain is the tenant's; the message says what it should."""


def record_name(domain: str) -> str:
    """The name whose TXT record holds the challenge; below the domain, so that it disturbs no other record there."""
    return f"{LABEL}.{domain}"


async def domains(operator: Operator, tenant: Tenant) -> tuple[VerifiedDomain, ...]:
    """Every domain of the tenant, verified or not, by name; raises NotPermitted."""
    check_permitted(operator, Permission.READ, tenant.id)
    return await trust.list_domains(tenant.id)


async def get(operator: Operator, tenant: Tenant, domain: str) -> VerifiedDomain:
    """One domain; raises NotPermitted, Unknown."""
    return found(next((one for one in await domains(operator, tenant) if one.domain == domain), None))


async def claim(operator: Operator, tenant: Tenant, domain: str, now: Instant) -> VerifiedDomain:
    """Say that a domain is the tenant's own, and learn the challenge that its TXT record must hold.

    Raises NotPermitted, InvalidDomain, AlreadyExists.
    """
    name = domain.lower()
    check_permitted(operator, Permission.MANAGE_SETTINGS, tenant.id)
    trust.check_registrable(name)
    async with act(operator, Permission.MANAGE_SETTINGS, tenant.id, audit.TrustDomainClaimed(name), now):
        await trust.add_domain(tenant.id, name, author=operator.actor.id, now=now)
        return await get(operator, tenant, name)


async def verify(operator: Operator, tenant: Tenant, domain: str, read_txt: ReadTxt, now: Instant) -> None:
    """Let a domain count whose TXT record holds the challenge; nothing happens when it counts already.

    Raises NotPermitted, Unknown, NotProven, and NamesUnavailable when no name server answers.
    """
    check_permitted(operator, Permission.MANAGE_SETTINGS, tenant.id)
    claimed = await get(operator, tenant, domain)
    if claimed.verified_at is not None:
        return
    if claimed.challenge not in await read_txt(record_name(domain)):
        raise NotProven(f"{record_name(domain)} has no TXT record {claimed.challenge}")
    await _let_count(operator, tenant, domain, BY_DNS, now)


async def vouch(operator: Operator, tenant: Tenant, domain: str, now: Instant) -> None:
    """Let a claimed domain count because whoever manages tenants answers for it; raises NotPermitted, Unknown."""
    check_permitted(operator, Permission.MANAGE_TENANTS, tenant.id)
    await get(operator, tenant, domain)
    await _let_count(operator, tenant, domain, BY_ADMINISTRATOR, now)


async def discard(operator: Operator, tenant: Tenant, domain: str, now: Instant) -> None:
    """Let a domain no longer count; raises NotPermitted, Unknown. A tenant that is at it stays there."""
    check_permitted(operator, Permission.MANAGE_SETTINGS, tenant.id)
    await get(operator, tenant, domain)
    async with act(operator, Permission.MANAGE_SETTINGS, tenant.id, audit.TrustDomainRemoved(domain), now):
        await trust.remove_domain(tenant.id, domain)


async def _let_count(operator: Operator, tenant: Tenant, domain: str, method: str, now: Instant) -> None:
    async with turn(tenant.id):
        if (await get(operator, tenant, domain)).verified_at is not None:
            return  # somebody else was quicker
        event = audit.TrustDomainVerified(domain, method)
        async with act(operator, Permission.MANAGE_SETTINGS, tenant.id, event, now):
            await trust.verify_domain(tenant.id, domain, method, now)
    await trust_holds.release(operator, tenant, HoldFilter(), now)
