"""What an operator may do to the trust policy: versions, what differs between them, and how often rules decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import trust
from server.kernel.clock import DAY
from server.kernel.paging import Page, decode_cursor, encode_cursor
from server.projections import HoldFilter
from server.trust import PolicyVersion, TrustPolicy

from . import trust as acts
from . import trust_holds
from .authorise import Permission, check_permitted
from .finding import Conflict, found, turn
from .trust_differences import difference, same_rule

if TYPE_CHECKING:
    from server.kernel.clock import Instant
    from server.kernel.paging import Paging
    from server.tenants import Tenant
    from server.trust import Rule

    from .authorise import Operator
    from .trust_differences import PolicyDifference

HITS_OF = 30 * DAY
MOST_LISTED = 100


async def in_force(operator: Operator, tenant: Tenant) -> PolicyVersion:
    """The policy that decides now; raises NotPermitted."""
    check_permitted(operator, Permission.READ, tenant.id)
    return await _newest(tenant)


async def versions(operator: Operator, tenant: Tenant, limit: int = MOST_LISTED) -> tuple[PolicyVersion, ...]:
    """The newest versions, the one in force first; raises NotPermitted."""
    check_permitted(operator, Permission.READ, tenant.id)
    return await trust.list_policy_versions(tenant.id, limit) or (_empty(tenant),)


async def page(operator: Operator, tenant: Tenant, paging: Paging) -> Page[PolicyVersion]:
    """A page of the versions that were saved, the one in force first; raises NotPermitted, BadCursor."""
    check_permitted(operator, Permission.READ, tenant.id)
    before = None if paging.cursor is None else int(decode_cursor(paging.cursor, (int,))[0])
    found = await trust.list_policy_versions(tenant.id, paging.limit + 1, before=before)
    shown = found[: paging.limit]
    return Page(shown, encode_cursor((shown[-1].version,)) if len(found) > len(shown) else None)


async def get(operator: Operator, tenant: Tenant, version: int) -> PolicyVersion:
    """One version, in force or not; raises NotPermitted, Unknown."""
    check_permitted(operator, Permission.READ, tenant.id)
    return _empty(tenant) if version == 0 else found(await trust.find_policy_version(tenant.id, version))


async def compare(operator: Operator, tenant: Tenant, before: int, after: int) -> PolicyDifference:
    """What differs between two versions; raises NotPermitted, Unknown."""
    older, newer = await get(operator, tenant, before), await get(operator, tenant, after)
    return difference(older.policy, newer.policy)


async def save(operator: Operator, tenant: Tenant, policy: TrustPolicy, *, after: int, now: Instant) -> PolicyVersion:
    """Put a policy in force as a new version, and let go what need not be held any more.

    Nothing happens when it says what the one in force says. Raises NotPermitted, InvalidPolicy, and Conflict when the
    version in force is no longer `after`, the one that the operator saw; then the old one stays in force.
    """
    check_permitted(operator, Permission.MANAGE_SETTINGS, tenant.id)
    trust.check_policy(policy)
    async with turn(tenant.id):
        current = await _newest(tenant)
        if current.version != after:
            raise Conflict(current)
        if current.policy == policy:
            return current
        await acts.save_policy(operator, tenant, policy, after=after, now=now)
        saved = await _newest(tenant)
    await trust_holds.release(operator, tenant, HoldFilter(), now)
    return saved


async def restore(operator: Operator, tenant: Tenant, version: int, *, after: int, now: Instant) -> PolicyVersion:
    """Put what an earlier version said in force again, as a new version; raises as `get` and `save` do."""
    kept = await get(operator, tenant, version)
    return await save(operator, tenant, kept.policy, after=after, now=now)


async def add_rule(
    operator: Operator, tenant: Tenant, rule: Rule, *, after: int, number: int = 1, now: Instant
) -> PolicyVersion:
    """Put one more rule into the policy in force, as this number; raises as `save` does."""
    current = await in_force(operator, tenant)
    rules = list(current.policy.rules)
    rules.insert(number - 1, rule)
    policy = TrustPolicy(current.policy.thresholds, current.policy.remember_confirmations, tuple(rules))
    return await save(operator, tenant, policy, after=after, now=now)


async def rule_hits(operator: Operator, tenant: Tenant, now: Instant) -> tuple[int, ...]:
    """How often each rule of the policy in force decided in the last 30 days, in the order of the rules.

    Also under earlier versions, for as long as it decided alike, at whatever number it stood. Raises NotPermitted.
    """
    rules = (await in_force(operator, tenant)).policy.rules
    hits = [0] * len(rules)
    counted = await trust.count_rule_hits(tenant.id, now - HITS_OF)
    deciding = await trust.find_policy_versions(tenant.id, {version for version, _ in counted})
    for (version, number), count in counted.items():
        decided = _rule_of(deciding.get(version), number)
        for place, rule in enumerate(rules):
            if decided is not None and same_rule(rule, decided):
                hits[place] += count
                break
    return tuple(hits)


def _rule_of(version: PolicyVersion | None, number: int) -> Rule | None:
    return version.policy.rules[number - 1] if version and number <= len(version.policy.rules) else None


async def _newest(tenant: Tenant) -> PolicyVersion:
    newest = await trust.list_policy_versions(tenant.id, 1)
    return newest[0] if newest else _empty(tenant)


def _empty(tenant: Tenant) -> PolicyVersion:
    """What every tenant begins with."""
    return PolicyVersion(0, TrustPolicy(), None, tenant.created_at)
