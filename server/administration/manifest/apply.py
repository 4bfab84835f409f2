"""Applying a manifest: one transaction for a tenant, and its events in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

from server import audit
from server.administration import clients, groups, resources, roles, scopes, tenants, trust, trust_holds, users
from server.administration.finding import take_turn
from server.audit import administration_events as events
from server.kernel import database, passwords
from server.projections import HoldFilter
from server.tenants import find_by_slug
from server.users import identifier_key

from .changes import Change, Sign
from .plan import make_plan
from .state import load_state

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from _typeshed import DataclassInstance

    from server.administration.authorise import Operator
    from server.kernel.clock import Instant
    from server.tenants import Tenant
    from server.trust import Verdict

    from .plan import Options, Plan
    from .records import Manifest
    from .state import Person, RegisteredClient

T = TypeVar("T", bound="DataclassInstance")


async def plan_manifest(manifest: Manifest, options: Options, now: Instant) -> Plan:
    """What applying would do; raises ManifestError. Nothing is changed."""
    return make_plan(manifest, await load_state(manifest.slug, options.public_url), options, now)


async def apply_manifest(
    operator: Operator, manifest: Manifest, options: Options, hashes: Mapping[str, str], now: Instant
) -> Plan:
    """Bring a tenant to what its manifest says, all or nothing, and return what was done.

    `hashes` are those of `hash_passwords` for the plan that was made before: hashing takes too long for a transaction.
    Raises ManifestError, NotPermitted, and AlreadyExists for a name that something outside of manifests has.
    """
    async with database.transaction():
        if (known := await find_by_slug(manifest.slug, options.public_url)) is not None:
            await take_turn(known.id)
        # Made again: somebody may have been here since the plan was shown.
        plan = await plan_manifest(manifest, options, now)
        if not plan.is_done:
            await _carry_out(operator, plan, hashes, now)
            await _record(operator, manifest, plan, now)
    if plan.decides:
        await trust_holds.release(operator, plan.tenant, HoldFilter(), now)
    return plan


async def hash_passwords(plan: Plan, progress: Callable[[], None] = lambda: None) -> dict[str, str]:
    """The hashes of the passwords that a plan sets, by person; `progress` is called after each."""
    hashes: dict[str, str] = {}
    for change in plan.people:
        if change.after is not None and change.after.password is not None:
            hashes[change.name] = await passwords.hash_password(change.after.password)
            progress()
    return hashes


@dataclass(frozen=True, slots=True)
class Acts(Generic[T]):
    """What an operator does to things of one kind."""

    create: Callable[[Operator, Tenant, T, Instant], Awaitable[None]]
    remove: Callable[[Operator, Tenant, T, Instant], Awaitable[None]]
    update: Callable[[Operator, Tenant, T, T, Instant], Awaitable[None]] | None = None


async def _carry_out(operator: Operator, plan: Plan, hashes: Mapping[str, str], now: Instant) -> None:
    if plan.before is None:
        await tenants.create(operator, plan.tenant, now)
    elif plan.before != plan.tenant:
        await tenants.update(operator, plan.before, plan.tenant, now)
    run = partial(_run, operator, plan.tenant, now)
    await run(plan.scopes, Acts(scopes.create, scopes.remove, scopes.update))
    await run(plan.resources, Acts(resources.create, resources.remove, resources.update))
    await run(plan.roles, Acts(roles.create, roles.remove, roles.update))
    await run(plan.groups, Acts(groups.create, groups.remove, groups.update))
    await run(plan.clients, Acts(_create_client, _remove_client, _update_client))
    await run(plan.people, Acts(partial(_create_person, hashes), _remove_person, _update_person))
    for change in plan.policies:
        if change.after is not None and change.sign is not Sign.UNCHANGED:
            await trust.save_policy(operator, plan.tenant, change.after, after=plan.policy_version, now=now)
    await run(plan.verdicts, Acts(_set_verdict, trust.remove_verdict, _change_verdict))


async def _run(operator: Operator, tenant: Tenant, now: Instant, changes: tuple[Change[T], ...], acts: Acts[T]) -> None:
    # What goes goes first: its name may be wanted.
    for change in sorted(changes, key=lambda change: change.sign is not Sign.REMOVED):
        before, after = change.before, change.after
        if before is not None and after is None:
            await acts.remove(operator, tenant, before, now)
        elif after is not None and before is None:
            await acts.create(operator, tenant, after, now)
        elif before is not None and after is not None and change.sign is Sign.CHANGED and acts.update is not None:
            await acts.update(operator, tenant, before, after, now)


async def _create_client(operator: Operator, tenant: Tenant, made: RegisteredClient, now: Instant) -> None:
    await clients.create(operator, tenant, made.client, now)
    if made.client_secret is not None:
        await clients.replace_secrets(operator, tenant, made.client, made.client_secret, now)


async def _update_client(
    operator: Operator, tenant: Tenant, before: RegisteredClient, after: RegisteredClient, now: Instant
) -> None:
    if before.client != after.client:
        await clients.update(operator, tenant, before.client, after.client, now)
    if after.client_secret is not None:
        await clients.replace_secrets(operator, tenant, before.client, after.client_secret, now)


async def _remove_client(operator: Operator, tenant: Tenant, gone: RegisteredClient, now: Instant) -> None:
    await clients.remove(operator, tenant, gone.client, now)


async def _create_person(
    hashes: Mapping[str, str], operator: Operator, tenant: Tenant, made: Person, now: Instant
) -> None:
    password_hash = None
    if made.password is not None:
        password_hash = hashes.get(identifier_key(made.user.username)) or await passwords.hash_password(made.password)
    await users.create(operator, tenant, made.user, password_hash, now)
    if made.roles:
        await users.set_roles(operator, tenant, made.user.id, before=(), after=made.roles, now=now)
    if made.groups:
        await groups.set_groups(operator, tenant, made.user.id, made.groups, now)


async def _update_person(operator: Operator, tenant: Tenant, before: Person, after: Person, now: Instant) -> None:
    if before.user != after.user:
        await users.update(operator, tenant, before.user, after.user, now)
    if before.roles != after.roles:
        await users.set_roles(operator, tenant, before.user.id, before=before.roles, after=after.roles, now=now)
    if before.groups != after.groups:
        await groups.set_groups(operator, tenant, before.user.id, after.groups, now)


async def _remove_person(operator: Operator, tenant: Tenant, gone: Person, now: Instant) -> None:
    await users.remove(operator, tenant, gone.user, now)


async def _set_verdict(operator: Operator, tenant: Tenant, made: Verdict, now: Instant) -> None:
    await trust.set_verdict(operator, tenant, replace(made, author=operator.actor.id), now)


async def _change_verdict(operator: Operator, tenant: Tenant, _before: Verdict, after: Verdict, now: Instant) -> None:
    await _set_verdict(operator, tenant, after, now)


async def _record(operator: Operator, manifest: Manifest, plan: Plan, now: Instant) -> None:
    event = events.ManifestApplied(
        file=manifest.place.file,
        created=plan.count(Sign.CREATED),
        changed=plan.count(Sign.CHANGED),
        removed=plan.count(Sign.REMOVED),
    )
    await audit.record(event, tenant_id=plan.tenant.id, now=now, actor=operator.actor)
