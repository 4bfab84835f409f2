"""What applying a manifest would change. Pure: manifest and state in, plan out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from server.protocol.scopes import IDENTITY_SCOPES
from server.tenants import Origin

from . import trust, wishes
from .changes import Change, Sign, difference, names_after

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from _typeshed import DataclassInstance

    from server.clients import Client
    from server.kernel.clock import Instant
    from server.resources import Resource
    from server.roles import Group, Role
    from server.scopes import Scope
    from server.tenants import Tenant
    from server.trust import TrustPolicy, Verdict
    from server.users import User

    from .records import Manifest
    from .state import Person, RegisteredClient, State

    Made = Scope | Resource | Role | Group | Client | User | Verdict


@dataclass(frozen=True, slots=True)
class Options:
    """How manifests are applied. With `prune`, what a manifest made and none of its sections names any more goes."""

    public_url: str
    prune: bool = False
    set_secrets: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """Every change, in the order in which it is printed; and what the operator should know."""

    before: Tenant | None
    tenant: Tenant  # as it will be
    scopes: tuple[Change[Scope], ...]
    resources: tuple[Change[Resource], ...]
    roles: tuple[Change[Role], ...]
    groups: tuple[Change[Group], ...]
    clients: tuple[Change[RegisteredClient], ...]
    people: tuple[Change[Person], ...]
    policies: tuple[Change[TrustPolicy], ...]  # one, or none where nothing is said of it
    verdicts: tuple[Change[Verdict], ...]
    policy_version: int  # the one in force
    warnings: tuple[str, ...] = ()

    @property
    def changes(self) -> tuple[Change[DataclassInstance], ...]:
        """All of them."""
        tenant = Change("tenant", self.tenant.slug, self.before, self.tenant)
        return (
            tenant, *self.scopes, *self.resources, *self.roles, *self.groups, *self.clients, *self.people,
            *self.policies, *self.verdicts,
        )  # fmt: skip

    @property
    def is_done(self) -> bool:
        """Whether everything is already as the manifest says."""
        return all(change.sign is Sign.UNCHANGED for change in self.changes)

    @property
    def decides(self) -> bool:
        """Whether anything changes by which places are trusted: what is held may be decided on then."""
        deciding: tuple[Change[DataclassInstance], ...]
        deciding = (*self.policies, *self.verdicts, *self.clients, *self.resources)
        return self.before is not None and any(change.sign is not Sign.UNCHANGED for change in deciding)

    def count(self, sign: Sign) -> int:
        """How many changes have this sign."""
        return sum(change.sign is sign for change in self.changes)


def make_plan(manifest: Manifest, state: State, options: Options, now: Instant) -> Plan:
    """Compare a manifest with a tenant; raises ManifestError for what must not be."""

    def goes(made: Made) -> bool:
        return options.prune and made.origin is Origin.MANIFEST

    tenant = wishes.wished_tenant(manifest, state, options.public_url, now)
    scopes = difference("scope", state.scopes, wishes.wished_scopes(manifest, state), goes)
    scope_names = names_after(state.scopes, scopes) | set(IDENTITY_SCOPES)
    wanted = wishes.wished_resources(manifest, state, tenant, scope_names)
    registered = wishes.wished_clients(manifest, state, tenant, scope_names, set_secrets=options.set_secrets, now=now)
    clients = difference("client", state.clients, registered, lambda made: goes(made.client))
    known = {**state.clients, **{change.name: change.after for change in clients}}
    roles, groups, people = _people_changes(manifest, state, tenant, goes, now)
    plan = Plan(
        before=state.tenant,
        tenant=tenant,
        scopes=scopes,
        resources=difference("resource", state.resources, wanted, goes),
        roles=roles,
        groups=groups,
        clients=clients,
        people=people,
        policies=trust.policy_changes(manifest, state),
        verdicts=difference("verdict", state.verdicts, trust.wished_verdicts(manifest, state, known, now), goes),
        policy_version=state.policy_version,
    )
    return replace(plan, warnings=tuple(_warnings(plan, state)))


def _people_changes(
    manifest: Manifest, state: State, tenant: Tenant, goes: Callable[[Made], bool], now: Instant
) -> tuple[tuple[Change[Role], ...], tuple[Change[Group], ...], tuple[Change[Person], ...]]:
    """The roles there are to give, the groups that give them, and the people who have and are in them."""
    roles = difference("role", state.roles, wishes.wished_roles(manifest, state), goes)
    role_names = names_after(state.roles, roles)
    groups = difference("group", state.groups, wishes.wished_groups(manifest, state, role_names), goes)
    group_names = names_after(state.groups, groups)
    people = wishes.wished_people(manifest, state, tenant, role_names=role_names, group_names=group_names, now=now)
    return roles, groups, difference("user", state.people, people, lambda made: goes(made.user))


def _warnings(plan: Plan, state: State) -> Iterator[str]:
    if plan.before and plan.before.issuer != plan.tenant.issuer:
        yield f"the issuer becomes {plan.tenant.issuer}: every client must register again, every person sign in again"
    for change in plan.clients:
        if change.after is not None:
            yield from _client_warnings(change.after)
    known = names_after(state.clients, plan.clients)
    for resource in filter(None, (change.after for change in plan.resources)):
        for client_id in resource.introspection_clients:
            if client_id not in known:
                yield f"resource {resource.identifier} names {client_id} in introspection_clients: no such client"


def _client_warnings(registered: RegisteredClient) -> Iterator[str]:
    client = registered.client
    if not client.require_pkce:
        yield f"client {client.client_id} may leave out PKCE: only its nonce then guards a stolen code"
    if client.has_secret_method and not client.secrets and registered.client_secret is None:
        yield f"client {client.client_id} has no secret yet, and cannot authenticate"
