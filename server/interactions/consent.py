"""The consent step: what is shown, and what a person's answer does.

The answer counts only for the person, the client and the permissions that were shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import audit, scopes, sessions
from server.kernel import database, digests
from server.protocol.client_documents import host_of_client
from server.protocol.errors import AccessDenied
from server.protocol.redirect_uris import origin_of
from server.protocol.scopes import OFFLINE_ACCESS

from . import completion, policy, store
from .authorization import Asked, asked_of, get_client, get_open
from .describing import describe
from .destinations import destination_of, host_of_link
from .logos import find_logo_uri
from .logout import end_session
from .people import find_signed_in
from .records import (
    ConsentView,
    InteractionGone,
    LoginView,
    PersonChanged,
    Refusal,
    ResourceView,
    ScopeView,
    SendTo,
    TrustedRedirect,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet
    from uuid import UUID

    from server.clients import Client
    from server.scopes import Scope

    from .records import Interaction, SignedIn, Visit


async def view(visit: Visit, handle: str) -> LoginView | ConsentView | SendTo | Refusal:
    """What this browser's person has to do next; a flow with nothing left to ask ends here.

    Raises InteractionGone and, when a client's document has to be fetched, what describing.describe raises.
    """
    interaction = await get_open(visit, handle)
    if interaction.client_pk is not None:
        return await _next_step(visit, interaction, await get_client(visit, interaction))
    signed_in = await find_signed_in(visit)
    if signed_in is None or policy.needs_login(interaction.request, signed_in, interaction, visit.now):
        return _login_view(interaction, signed_in)
    described = await describe(visit, interaction)
    if isinstance(described, Refusal | SendTo):
        return described
    return await _next_step(visit, *described)


async def _next_step(
    visit: Visit, interaction: Interaction, client: Client
) -> LoginView | ConsentView | SendTo | Refusal:
    signed_in = await find_signed_in(visit)
    if signed_in is None or policy.needs_login(interaction.request, signed_in, interaction, visit.now):
        return _login_view(interaction, signed_in)
    asked = await asked_of(visit.tenant.id, client, interaction.request, signed_in)
    if not asked.needs_consent:
        return await completion.grant(
            visit, client, interaction.request, signed_in, scope=interaction.request.scope, interaction=interaction
        )
    await store.note_shown(visit.tenant.id, interaction.id, _fingerprint(client, signed_in, asked))
    return await _consent_view(visit, interaction, client, signed_in, asked)


async def decide(
    visit: Visit, handle: str, *, person_id: UUID, allow: bool, ticked: AbstractSet[str]
) -> SendTo | Refusal:
    """Carry out the person's answer; `ticked` are the optional scopes that they left on.

    Raises InteractionGone, and PersonChanged when what was shown is no longer what would be shown.
    """
    interaction = await get_open(visit, handle)
    if interaction.client_pk is None:
        raise PersonChanged
    client, signed_in = await get_client(visit, interaction), await find_signed_in(visit)
    if signed_in is None or policy.needs_login(interaction.request, signed_in, interaction, visit.now):
        raise PersonChanged
    asked = await asked_of(visit.tenant.id, client, interaction.request, signed_in)
    if signed_in.user.id != person_id or interaction.shown != _fingerprint(client, signed_in, asked):
        raise PersonChanged
    if not allow:
        return await _decline(visit, interaction, asked, client, signed_in)
    known = await scopes.list_scopes(visit.tenant.id)
    scope = policy.granted_scope(interaction.request, known, ticked)
    consented = frozenset(pair for pair in asked.permissions if not pair[1] or pair[1] in scope)
    return await completion.grant(
        visit, client, interaction.request, signed_in, scope=scope, interaction=interaction, consented=consented
    )


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


def _login_view(interaction: Interaction, signed_in: SignedIn | None) -> LoginView:
    """Names no client: of one that has yet to be found nobody knows a name, and of the others nobody needs it."""
    hint = interaction.request.login_hint or (signed_in.user.username if signed_in else "")
    locales = interaction.request.ui_locales
    return LoginView(interaction.handle, hint, reauthenticate=signed_in is not None, ui_locales=locales)


async def _decline(
    visit: Visit, interaction: Interaction, asked: Asked, client: Client, signed_in: SignedIn
) -> SendTo | Refusal:
    async with database.transaction():
        if not await store.claim(visit.tenant.id, interaction.id, visit.now):
            raise InteractionGone
        await audit.record(
            audit.ConsentDeclined(
                client_pk=client.id,
                subject_id=signed_in.user.id,
                client_name=client.metadata.client_name,
                redirect_origin=origin_of(interaction.request.redirect_uri),
                scope=" ".join(sorted({scope for _, scope in asked.permissions if scope})),
                resources=tuple(sorted({resource for resource, _ in asked.permissions if resource})),
            ),
            tenant_id=visit.tenant.id,
            now=visit.now,
        )
    # Nobody allowed it anything: a client that was not stored before is not stored now.
    back = TrustedRedirect(client, interaction.request.redirect_uri, interaction.request.state)
    return completion.refuse(visit, back, AccessDenied("the person declined"))


def _fingerprint(client: Client, signed_in: SignedIn, asked: Asked) -> str:
    """What the answer will be held to: person, client as it is now, permissions."""
    pairs = "\n".join(f"{resource}\t{scope}" for resource, scope in sorted(asked.permissions))
    return digests.sha256(f"{signed_in.user.id}\n{client.client_id}\n{client.metadata_digest}\n{pairs}").hex()


async def _consent_view(
    visit: Visit, interaction: Interaction, client: Client, signed_in: SignedIn, asked: Asked
) -> ConsentView:
    known = await scopes.list_scopes(visit.tenant.id)
    metadata = client.metadata
    client_host = host_of_client(client.client_id) or host_of_link(metadata.client_uri)
    offline = OFFLINE_ACCESS in interaction.request.scope
    return ConsentView(
        handle=interaction.handle,
        person=signed_in.user,
        destination=destination_of(interaction.request.redirect_uri, client_host),
        client_id=client.client_id,
        client_name=metadata.client_name,
        verified=client.is_vouched_for,
        source=client.source,
        registered_at=client.created_at,
        client_host=client_host,
        contacts=metadata.contacts,
        resources=_resource_views(visit, asked, known),
        offline=offline,
        duration=visit.tenant.settings.refresh_token_lifetime if offline else None,
        policy_uri=metadata.policy_uri,
        tos_uri=metadata.tos_uri,
        ui_locales=interaction.request.ui_locales,
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
