"""What an operator may do to the trust policy of a tenant and its verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import audit, trust
from server.protocol import redirect_uris

from .act import act
from .authorise import Permission

if TYPE_CHECKING:
    from server.kernel.clock import Instant
    from server.tenants import Tenant
    from server.trust import TrustPolicy, Verdict

    from .authorise import Operator


async def save_policy(operator: Operator, tenant: Tenant, policy: TrustPolicy, *, after: int, now: Instant) -> int:
    """Put a policy in force and return its version; raises InvalidPolicy, and then the old one stays.

    Raises AlreadyExists when the version in force is no longer `after`, the one that the operator saw.
    """
    event = audit.TrustPolicySaved(after + 1, trust.policy_to_json(policy))
    async with act(operator, Permission.MANAGE_SETTINGS, tenant.id, event, now):
        return await trust.save_policy(tenant.id, policy, after=after, author=operator.actor.id, now=now)


async def set_verdict(operator: Operator, tenant: Tenant, verdict: Verdict, now: Instant) -> None:
    """Trust or block a host, or a client at one redirect URI, instead of what was said before.

    Raises InvalidVerdict.
    """
    trust.check_verdict(verdict)
    event = audit.TrustVerdictSet(
        judgement=verdict.judgement.value,
        host=verdict.host,
        client_id=verdict.client_id,
        redirect_uri=verdict.redirect_uri,
        origin=_origin_of(verdict),
        note=verdict.note,
        expires_at=verdict.expires_at,
    )
    async with act(operator, Permission.MANAGE_SETTINGS, tenant.id, event, now):
        await trust.set_verdict(tenant.id, verdict)


async def remove_verdict(operator: Operator, tenant: Tenant, verdict: Verdict, now: Instant) -> None:
    """Take a verdict back."""
    event = audit.TrustVerdictRemoved(
        judgement=verdict.judgement.value,
        host=verdict.host,
        client_id=verdict.client_id,
        redirect_uri=verdict.redirect_uri,
        origin=_origin_of(verdict),
    )
    async with act(operator, Permission.MANAGE_SETTINGS, tenant.id, event, now):
        await trust.remove_verdict(tenant.id, verdict.subject)


def _origin_of(verdict: Verdict) -> str:
    """Where people are let go or not: a verdict on a host is about https alone."""
    return redirect_uris.origin_of(verdict.redirect_uri or f"https://{verdict.host}")
