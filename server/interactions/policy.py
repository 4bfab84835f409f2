"""Pure rules of the authorization flow: who must sign in, who must be asked, and what is asked.

OpenID Connect Core §3.1.2.1 to §3.1.2.4; RFC 8252 §8.6 for clients that nobody can vouch for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import tokens
from server.clients import ClientSource
from server.kernel.clock import SECOND
from server.protocol import redirect_uris
from server.protocol.errors import UnmetAuthenticationRequirements
from server.protocol.vocabulary import Prompt
from server.sessions import ACR_PASSWORD
from server.tenants import KeepSignedIn, PrivateUseSchemes, RememberConsent

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    from server.clients import Client
    from server.grants import Permission
    from server.kernel.clock import Instant
    from server.protocol.authorization_request import AuthorizationRequest
    from server.resources import Resource
    from server.scopes import Scope
    from server.tenants import TenantSettings

    from .records import Interaction, SignedIn


def allows_scheme(settings: TenantSettings, client: Client, redirect_uri: str) -> bool:
    """Whether this tenant lets this client be answered at a URI of this scheme (RFC 8252 §7.1)."""
    if not redirect_uris.is_private_use(redirect_uri):
        return True
    if settings.private_use_schemes is PrivateUseSchemes.ADMIN:
        return client.is_vouched_for
    return settings.private_use_schemes is PrivateUseSchemes.ALL


def needs_login(
    request: AuthorizationRequest, signed_in: SignedIn | None, interaction: Interaction | None, now: Instant
) -> bool:
    """Whether the person must sign in now; only a login made in this interaction answers a wish for a fresh one."""
    if signed_in is None:
        return True
    wanted = request.claims.wanted_subject()
    if wanted is not None and wanted != signed_in.user.sub:
        return True
    if interaction is not None and interaction.session_id == signed_in.session.id:
        return False
    if Prompt.LOGIN in request.prompt or Prompt.SELECT_ACCOUNT in request.prompt:
        return True
    return request.max_age is not None and now - signed_in.session.auth_time > request.max_age * SECOND


def check_context(request: AuthorizationRequest) -> None:
    """Raise UnmetAuthenticationRequirements when no way to sign in here is one that the client cannot do without."""
    wanted = request.claims.wanted_acr()
    if wanted and ACR_PASSWORD not in wanted:
        raise UnmetAuthenticationRequirements("an essential acr that no sign-in here has")


def is_assured(client: Client, redirect_uri: str) -> bool:
    """Whether the client's identity is known well enough for its consent to be remembered (RFC 8252 §8.6)."""
    if redirect_uris.is_loopback(redirect_uri) or redirect_uris.is_private_use(redirect_uri):
        return False
    if client.source is ClientSource.METADATA_DOCUMENT and not client.is_vouched_for:
        # Whoever controls the document's host controls where the answer goes.
        return redirect_uris.origin_of(redirect_uri) == redirect_uris.origin_of(client.client_id)
    return client.is_vouched_for


def keeps_signed_in(settings: TenantSettings, *, wanted: bool) -> bool:
    """Whether somebody stays signed in when they close the browser."""
    offered = settings.keep_signed_in is KeepSignedIn.OFFERED
    return settings.keep_signed_in is KeepSignedIn.ALWAYS or (offered and wanted)


def shows_logo(client: Client) -> bool:
    """Whether people may see the client's logo: a picture says more than a name, and nobody checked a stranger's."""
    return client.is_vouched_for


def remembers_consent(settings: TenantSettings, client: Client, redirect_uri: str) -> bool:
    """Whether this tenant remembers what people allow this client."""
    if settings.remember_consent is RememberConsent.ASSURED:
        return is_assured(client, redirect_uri)
    return settings.remember_consent is RememberConsent.ALWAYS


def needs_consent(
    request: AuthorizationRequest,
    client: Client,
    asked: AbstractSet[Permission],
    remembered: AbstractSet[Permission],
    scopes: Mapping[str, Scope],
) -> bool:
    """Whether the person must be asked; sensitive scopes always are."""
    if Prompt.CONSENT in request.prompt:
        return not client.first_party
    if client.first_party:
        return False
    if any(scopes[name].sensitive for _, name in asked if name in scopes):
        return True
    return not asked <= remembered


def permissions(
    request: AuthorizationRequest, resources: tuple[Resource, ...], scopes: Mapping[str, Scope]
) -> tuple[tuple[Resource | None, tuple[str, ...]], ...]:
    """The scopes asked, by where they count: each asked resource first, then the tenant itself (None)."""
    wanted = [resource for resource in resources if resource.identifier in request.resources]
    placed: set[str] = set()
    groups: list[tuple[Resource | None, tuple[str, ...]]] = []
    for resource in wanted:
        names = tuple(name for name in request.scope if tokens.is_scope_of(name, resource, scopes))
        placed.update(names)
        groups.append((resource, names))
    rest = tuple(name for name in request.scope if name not in placed)
    return (*groups, (None, rest)) if rest else tuple(groups)


def asked_permissions(groups: tuple[tuple[Resource | None, tuple[str, ...]], ...]) -> frozenset[Permission]:
    """The groups as a set that can be compared with what is remembered; plain access to a resource counts too."""
    pairs: set[Permission] = set()
    for resource, names in groups:
        identifier = resource.identifier if resource else ""
        pairs.update((identifier, name) for name in names)
        if resource is not None:
            pairs.add((identifier, ""))
    return frozenset(pairs)


def granted_scope(
    request: AuthorizationRequest, scopes: Mapping[str, Scope], ticked: AbstractSet[str]
) -> tuple[str, ...]:
    """What is granted when the person allows: every required scope asked, and the optional ones that they ticked."""
    return tuple(name for name in request.scope if name in ticked or not (name in scopes and scopes[name].optional))
