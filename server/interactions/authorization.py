"""From a good authorization request to its next step: an answer at once, or an interaction.

OpenID Connect Core §3.1.2.3 and §3.1.2.4.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server import grants, resources, scopes, sessions
from server.kernel import digests, ids
from server.kernel.clock import DAY, HOUR
from server.protocol import redirect_uris
from server.protocol.errors import ConsentRequired, InteractionRequired, LoginRequired
from server.protocol.vocabulary import Prompt
from server.trust import Action

from . import completion, documented, leaving, policy, store
from .people import find_signed_in
from .records import Interaction, InteractionGone

if TYPE_CHECKING:
    from uuid import UUID

    from server.clients import Client
    from server.protocol.authorization_request import AuthorizationRequest
    from server.protocol.errors import OAuthError

    from .records import Refusal, SendTo, SignedIn, Visit

INTERACTION_LIFETIME = HOUR
BROWSER_LIFETIME = 365 * DAY


@dataclass(frozen=True, slots=True)
class Started:
    """An interaction was opened: the browser goes to its page. `cookies` are Set-Cookie values."""

    handle: str
    cookies: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the person would be asked: the permissions, grouped, and those allowed before."""

    groups: tuple[tuple[resources.Resource | None, tuple[str, ...]], ...]
    permissions: frozenset[grants.Permission]
    remembered: frozenset[grants.Permission]
    needs_consent: bool


async def answer(visit: Visit, client: Client, request: AuthorizationRequest) -> SendTo | Started | Refusal:
    """Answer a good request at once when nothing has to be asked; otherwise open an interaction.

    Nobody even signs in on behalf of a place that is blocked. Raises LoginRequired, ConsentRequired or
    InteractionRequired when `prompt=none` forbids what would be needed, and UnmetAuthenticationRequirements for an
    essential `acr` that nobody can have here.
    """
    policy.check_context(request)
    signed_in = await find_signed_in(visit)
    decision = await leaving.judge(visit, client, request.redirect_uri, signed_in)
    if decision.action is Action.BLOCK:
        return await leaving.block(visit, client, decision, signed_in)
    if signed_in is None or policy.needs_login(request, signed_in, None, visit.now):
        return await _ask(visit, client, request, LoginRequired("nobody suitable is signed in, and prompt is none"))
    asked = await asked_of(visit.tenant.id, client, request, signed_in)
    if asked.needs_consent:
        return await _ask(visit, client, request, ConsentRequired("consent is needed, and prompt is none"))
    if not decision.may_redirect:
        return await _ask(visit, client, request, InteractionRequired("the place is not trusted, and prompt is none"))
    return await completion.grant(visit, completion.Allowed(client, request, signed_in, request.scope), decision)


async def asked_of(tenant_id: UUID, client: Client, request: AuthorizationRequest, signed_in: SignedIn) -> Asked:
    """What this person would be asked, and whether they have to be."""
    known = await scopes.list_scopes(tenant_id)
    groups = policy.permissions(request, await resources.list_resources(tenant_id), known)
    wanted = policy.asked_permissions(groups)
    if client.first_party:
        return Asked(groups, wanted, wanted, needs_consent=False)
    remembered = await grants.remembered(
        tenant_id,
        signed_in.user.id,
        client.id,
        redirect_origin=redirect_uris.origin_of(request.redirect_uri),
        metadata_digest=client.metadata_digest,
    )
    needed = policy.needs_consent(request, client, wanted, remembered, known)
    return Asked(groups, wanted, remembered, needs_consent=needed)


async def sign_in_first(visit: Visit, request: AuthorizationRequest) -> Started:
    """Open an interaction for a client that can be looked for only when somebody is signed in.

    Raises LoginRequired, for a page, when nobody is and `prompt=none` forbids to ask.
    """
    if Prompt.NONE in request.prompt and await find_signed_in(visit) is None:
        raise LoginRequired("nobody is signed in, and prompt is none")
    return await _open(visit, None, request)


async def get_open(visit: Visit, handle: str) -> Interaction:
    """The open interaction of this browser; raises InteractionGone."""
    interaction = await store.find(visit.tenant.id, handle, visit.browser.binding, visit.now)
    if interaction is None:
        raise InteractionGone
    return interaction


async def get_client(visit: Visit, interaction: Interaction) -> Client:
    """The client of an interaction as it is now; raises InteractionGone.

    The redirect URI is judged again: a client that changed meanwhile is not sent what it no longer registers.
    """
    client = await documented.find_known(visit.tenant, interaction)
    if client is None or not client.enabled:
        raise InteractionGone
    target = interaction.request.redirect_uri
    if not any(redirect_uris.matches(uri, target) for uri in client.metadata.redirect_uris):
        raise InteractionGone
    if not policy.allows_scheme(visit.tenant.settings, client, target):
        raise InteractionGone
    return client


async def _ask(visit: Visit, client: Client, request: AuthorizationRequest, needed: OAuthError) -> Started:
    """Open an interaction; raises `needed` where `prompt=none` forbids one."""
    if Prompt.NONE in request.prompt:
        raise needed
    return await _open(visit, client, request)


async def _open(visit: Visit, client: Client | None, request: AuthorizationRequest) -> Started:
    binding = visit.browser.binding or digests.random_token(128)
    interaction = Interaction(ids.uuid7(), digests.random_token(128), client.id if client else None, request)
    expires_at = visit.now + INTERACTION_LIFETIME
    await store.create(visit.tenant.id, interaction, binding, expires_at=expires_at, now=visit.now)
    # It outlives the browser's session: what is confirmed of loopback is remembered by browser.
    cookie = sessions.set_cookie(
        visit.tenant.id, sessions.CookieKind.BINDING, binding, secure=visit.secure, max_age=BROWSER_LIFETIME
    )
    return Started(interaction.handle, (cookie,))
