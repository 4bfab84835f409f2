"""Pure rules of redemption and refresh: a grant, a client and a request in; a refusal or nothing out.

They come before any claim, so that whoever brings the wrong client, redirect URI or verifier burns nothing.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from server.protocol import pkce
from server.protocol.errors import InvalidGrant, InvalidScope
from server.protocol.scopes import parse_scope
from server.protocol.vocabulary import GrantType

if TYPE_CHECKING:
    from server.clients import Client
    from server.grants import Grant
    from server.kernel.clock import Duration, Instant
    from server.protocol.parameters import Parameters


class LostRefresh(Enum):
    """Why a genuine refresh token neither rotated nor had grace."""

    ENDED = "revoked or expired"
    GRACE_USED_UP = "used too often in the window of grace"
    REPLAYED = "presented after its successor"


def check_redeemable(grant: Grant, client: Client, parameters: Parameters) -> None:
    """Raise InvalidGrant unless this client may redeem the code of this grant with these parameters."""
    if grant.client_pk != client.id:
        raise InvalidGrant("code of another client")
    _check_redirect_uri(grant, parameters.get("redirect_uri"))
    _check_verifier(grant.code_challenge, parameters.get("code_verifier"))


def _check_redirect_uri(grant: Grant, presented: str | None) -> None:
    # OAuth 2.1 §4.1.3 has no redirect_uri here any more, since PKCE binds the code; RFC 6749 clients send it.
    if presented is None and grant.code_challenge is None:
        raise InvalidGrant("neither redirect_uri nor PKCE binds the code")
    if presented is not None and presented != grant.redirect_uri:
        raise InvalidGrant("redirect_uri is not the one of the authorization request")


def _check_verifier(challenge: str | None, verifier: str | None) -> None:
    if challenge is None:
        # A challenge that was taken out of the authorization request on its way (RFC 9700 §4.8.2).
        if verifier is not None:
            raise InvalidGrant("code_verifier for a code without a challenge")
        return
    if verifier is None:
        raise InvalidGrant("code_verifier is missing")
    pkce.check_verifier_syntax(verifier)
    if not pkce.is_match(verifier, challenge):
        raise InvalidGrant("code_verifier does not match the challenge")


def narrowed_scope(granted: tuple[str, ...], requested: str | None) -> tuple[str, ...]:
    """The requested part of what was granted, all of it when nothing is requested; raises InvalidScope.

    It counts for the tokens of this answer only (RFC 6749 §6).
    """
    wanted = parse_scope(requested)
    if not frozenset(granted).issuperset(wanted):
        raise InvalidScope("a scope beyond what was granted")
    return wanted or granted


def first_generation(client: Client) -> int:
    """The generation of the refresh token that comes with a code: 1, or 0 for clients that do not refresh."""
    return int(GrantType.REFRESH_TOKEN in client.metadata.grant_types)


def refresh_expiry(grant: Grant, idle: Duration, now: Instant) -> Instant:
    """The end of a refresh token issued now: its idle lifetime, within the grant's absolute one."""
    return min(now + idle, grant.max_expires_at)


def why_lost(grant: Grant, generation: int, *, rotated_after: Instant, now: Instant) -> LostRefresh:
    """What a refresh token that won neither claim was, by the grant as it is now."""
    if grant.revoked_at is not None or grant.expires_at <= now or generation >= grant.generation:
        return LostRefresh.ENDED
    is_last = generation == grant.generation - 1
    # On the side of the future as well: the clock may have been set back since.
    if is_last and grant.rotated_at is not None and abs(now - grant.rotated_at) <= now - rotated_after:
        return LostRefresh.GRACE_USED_UP
    return LostRefresh.REPLAYED
