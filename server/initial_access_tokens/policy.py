"""Pure rules of initial access tokens: what may be asked of one, and what it lets its holder register."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from server.kernel import digests, ids
from server.kernel.clock import DAY
from server.protocol.errors import InvalidClientMetadata, InvalidRedirectUri
from server.protocol.vocabulary import GrantType

from .records import InitialAccessToken, Template

if TYPE_CHECKING:
    from uuid import UUID

    from server.kernel.clock import Instant
    from server.protocol.client_metadata import ClientMetadata

PREFIX = "lk_initial_"
LONGEST = 3650 * DAY
MOST_USES = 1_000_000
_MAX_NAME = 200
# A grant begins with one of these.
_STARTING = frozenset({GrantType.AUTHORIZATION_CODE, GrantType.CLIENT_CREDENTIALS})


class InvalidInitialAccessToken(ValueError):
    """No such token can be made; the message says why, in one line."""


def new_token(
    tenant_id: UUID, name: str, template: Template, *, max_uses: int, valid_until: Instant, now: Instant
) -> tuple[str, InitialAccessToken]:
    """The text of a new token, and what is stored of it."""
    text = f"{PREFIX}{digests.random_token()}"
    token = InitialAccessToken(
        id=ids.uuid7(),
        tenant_id=tenant_id,
        name=name,
        template=template,
        created_at=now,
        valid_until=valid_until,
        max_uses=max_uses,
        digest=digest_of(text),
    )
    return text, token


def digest_of(text: str) -> str:
    """What is stored of a token: it is random enough for a plain digest."""
    return digests.sha256(text).hex()


def check_definition(token: InitialAccessToken, known_scopes: frozenset[str], now: Instant) -> None:
    """Raise InvalidInitialAccessToken for a token that would be of no use, or of too much."""
    if not token.name.strip() or len(token.name) > _MAX_NAME or not token.name.isprintable():
        raise InvalidInitialAccessToken(f"a token is named by 1 to {_MAX_NAME} printable characters")
    if not now < token.valid_until <= now + LONGEST:
        raise InvalidInitialAccessToken("a token is valid for at most ten years, from now on")
    if not 1 <= token.max_uses <= MOST_USES:
        raise InvalidInitialAccessToken(f"a token registers 1 to {MOST_USES} clients")
    _check_template(token.template, known_scopes)


def _check_template(template: Template, known_scopes: frozenset[str]) -> None:
    for name in template.scope or ():
        if name not in known_scopes:
            raise InvalidInitialAccessToken(f"scope {name} is not defined")
    if not _STARTING & set(template.grant_types) or not template.auth_methods:
        raise InvalidInitialAccessToken("nothing could be registered with this token")
    for host in template.redirect_hosts or ():
        if not host or host != (urlsplit(f"https://{host}/").hostname or "") or "*" in host:
            raise InvalidInitialAccessToken("a redirect host is one exact host name, in lower case, without a port")


def restrict(template: Template, metadata: ClientMetadata) -> ClientMetadata:
    """The metadata as far as the template allows it; raises InvalidClientMetadata, InvalidRedirectUri.

    Scopes and grant types that it does not have are left out, as everywhere in registration; the rest is refused.
    """
    grant_types = tuple(name for name in metadata.grant_types if name in template.grant_types)
    if not _STARTING & set(grant_types):
        raise InvalidClientMetadata("no grant type that this initial access token allows")
    if metadata.token_endpoint_auth_method not in template.auth_methods:
        raise InvalidClientMetadata("a token_endpoint_auth_method that this initial access token does not allow")
    if template.redirect_hosts is not None:
        for uri in (*metadata.redirect_uris, *metadata.post_logout_redirect_uris):
            if urlsplit(uri).hostname not in template.redirect_hosts:
                raise InvalidRedirectUri("a redirect host that this initial access token does not allow")
    scope = metadata.scope
    if template.scope is not None:
        scope = tuple(name for name in scope if name in template.scope)
    return replace(metadata, grant_types=grant_types, scope=scope)
