"""The consent step: what is shown, and what a person's answer does.

The answer counts only for the person, the client and the permissions that were shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import audit, scopes, sessions, trust
from server.kernel import database, digests
from server.protocol.client_documents import host_of_client
from server.protocol.errors import AccessDenied
from server.protocol.scopes import OFFLINE_ACCESS
from server.trust import Outcome

from . import completion, leaving, policy, store
from .authorization import asked_of, get_client, get_open
from .destinations import destination_of, host_of_link
from .logos import find_logo_uri
from .logout import end_session
from .people import find_signed_in
from .records import (
    Agreed,
    ConsentView,
    InteractionGone,
    PersonChanged,
    Refusal,
    ResourceView,
    ScopeView,
    SendTo,
    TrustedRedirect,
)
from .steps import get_step

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet
    from uuid import UUID

    from server.scopes import Scope

    from .authorization import Asked
    from .records import Refusal, SendTo, Visit
    from .steps import Step


async def show(step: Step, asked: Asked) -> ConsentView:
    """Ask the person; the answer will be held to what is shown here."""
    await store.note_shown(step.visit.tenant.id, step.interaction.id, _fingerprint(step, asked))
    return await _consent_view(step, asked)


def find_allowed(step: Step, asked: Asked) -> completion.Allowed | None:
    """What is settled about access; None while the person has to be asked.

    What they agreed to earlier in this interaction counts as long as they would be shown the same again.
    """
    agreed = step.interaction.agreed
    if agreed is not None and agreed.shown == _fingerprint(step, asked):
        return _allowed(step, asked, agreed.scope)
    if asked.needs_consent:
        return None
    request = step.interaction.request
    return completion.Allowed(step.client, request, step.signed_in, request.scope, step.interaction)


async def decide(
    visit: Visit, handle: str, *, person_id: UUID, allow: bool, ticked: AbstractSet[str]
) -> SendTo | Refusal | None:
    """Carry out the person's answer; `ticked` are the optional scopes that they left on. None: a step is left.

    Raises InteractionGone, and PersonChanged when what was shown is no longer what would be shown.
    """
    step = await get_step(visit, handle)
    asked = await asked_of(visit.tenant.id, step.client, step.interaction.request, step.signed_in)
    fingerprint = _fingerprint(step, asked)
    if step.signed_in.user.id != person_id or step.interaction.shown != fingerprint:
        raise PersonChanged
    if not allow:
        return await _decline(step, asked)
    known = await scopes.list_scopes(visit.tenant.id)
    scope = policy.granted_scope(step.interaction.request, known, ticked)
    if step.decision.may_redirect:
        return await completion.grant(visit, _allowed(step, asked, scope), step.decision)
    await store.note_agreed(visit.tenant.id, step.interaction.id, Agreed(fingerprint, scope))
    return None


async def switch_account(visit: Visit, handle: str) -> tuple[str, ...]:
    """Let somebody else sign in in this interaction: whoever is signed in is logged out. Set-Cookie values.

    Raises InteractionGone.
    """
    interaction = await get_open(visit, handle)
    if interaction.client_pk is not None:
        await get_client(visit, interaction)
    signed_in = await find_signed_in(visit)
    async with database.transaction():
        if signed_in is not None:
            await end_session(visit, signed_in)
        await store.note_sign_out(visit.tenant.id, interaction.id)
    return (sessions.delete_cookie(visit.tenant.id, sessions.CookieKind.SESSION, secure=visit.secure),)


async def _decline(step: Step, asked: Asked) -> SendTo | Refusal:
    visit, client, request, decision = step.visit, step.client, step.interaction.request, step.decision
    async with database.transaction():
        if not await store.claim(visit.tenant.id, step.interaction.id, visit.now):
            raise InteractionGone
        await audit.record(
            audit.ConsentDeclined(
                client_pk=client.id,
                subject_id=step.signed_in.user.id,
                client_name=client.metadata.client_name,
                scope=" ".join(sorted({scope for _, scope in asked.permissions if scope})),
                resources=tuple(sorted({resource for resource, _ in asked.permissions if resource})),
                **leaving.judged(decision),
            ),
            tenant_id=visit.tenant.id,
            now=visit.now,
        )
        await trust.note_outcome(visit.tenant.id, decision, step.signed_in.user, Outcome.DECLINED, visit.now)
    back = TrustedRedirect(client, request.redirect_uri, request.state)
    return await leaving.bring(visit, back, decision, step.signed_in, AccessDenied("the person declined"))


def _allowed(step: Step, asked: Asked, scope: tuple[str, ...]) -> completion.Allowed:
    consented = frozenset(pair for pair in asked.permissions if not pair[1] or pair[1] in scope)
    return completion.Allowed(
        step.client, step.interaction.request, step.signed_in, scope, step.interaction, consented=consented
    )


def _fingerprint(step: Step, asked: Asked) -> str:
    """What the answer will be held to: person, client as it is now, permissions."""
    pairs = "\n".join(f"{resource}\t{scope}" for resource, scope in sorted(asked.permissions))
    return digests.sha256(f"{step.seen_by}\n{pairs}").hex()


async def _consent_view(step: Step, asked: Asked) -> ConsentView:
    visit, client, request = step.visit, step.client, step.interaction.request
    known = await scopes.list_scopes(visit.tenant.id)
    metadata = client.metadata
    offline = OFFLINE_ACCESS in request.scope
    return ConsentView(
        handle=step.interaction.handle,
        person=step.signed_in.user,
        destination=destination_of(step.decision),
        client_id=client.client_id,
        client_name=metadata.client_name,
        verified=client.is_vouched_for,
        source=client.source,
        registered_at=client.created_at,
        client_host=host_of_client(client.client_id) or host_of_link(metadata.client_uri),
        contacts=metadata.contacts,
        resources=_resource_views(visit, asked, known),
        offline=offline,
        duration=visit.tenant.settings.refresh_token_lifetime if offline else None,
        policy_uri=metadata.policy_uri,
        tos_uri=metadata.tos_uri,
        ui_locales=request.ui_locales,
        logo_uri=await find_logo_uri(visit, client),
    )


def _resource_views(visit: Visit, asked: Asked, known: Mapping[str, Scope]) -> tuple[ResourceView, ...]:
    views = []
    for resource, names in asked.groups:
        # Staying connected, which belongs to no resource, is said apart: alone it is nothing to do with the account.
        if resource is None and not set(names) - {OFFLINE_ACCESS} and len(asked.groups) > 1:
            continue
        identifier = resource.identifier if resource else ""
        title = resource.display_name if resource else visit.tenant.display_name
        shown = tuple(_scope_view(known[name], identifier, asked) for name in names if name in known)
        views.append(ResourceView(identifier, title, shown))
    return tuple(views)


def _scope_view(scope: Scope, resource: str, asked: Asked) -> ScopeView:
    return ScopeView(
        name=scope.name,
        description=scope.description or None,
        optional=scope.optional,
        sensitive=scope.sensitive,
        new=bool(asked.remembered) and (resource, scope.name) not in asked.remembered,
    )
