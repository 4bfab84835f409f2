"""What is told about a person, and in which form. OpenID Connect Core §5.1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.kernel.clock import to_seconds
from server.protocol.claims import claims_for
from server.protocol.scopes import AFFILIATION_SCOPES

from .affiliations import affiliation_claims

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from server.grants import Grant
    from server.users import User


async def userinfo_claims(user: User, grant: Grant, scope: Collection[str]) -> dict[str, object]:
    """What /userinfo tells: the claims of the token's scope, and of the `claims` parameter what the scope covers."""
    wanted = claims_for(scope, grant.claims_request.userinfo)
    return {**_known(user, grant, wanted), **await affiliation_claims(user.tenant_id, user.id, scope)}


def id_token_claims(user: User, grant: Grant, scope: Iterable[str]) -> dict[str, object]:
    """What an ID token tells beyond the sign-in: only what the `claims` parameter asks for there and the scope covers.

    The claims of OpenID Connect's scopes are delivered by /userinfo when there is an access token (§5.4), and there
    always is. Roles and groups are told by their scopes alone, since many clients look for them nowhere else.
    """
    asked = grant.claims_request.id_token
    return _known(user, grant, claims_for(scope, asked) & asked.keys())


def _known(user: User, grant: Grant, wanted: Iterable[str]) -> dict[str, object]:
    """The wanted claims that have a value; members without one are left out (§5.3.2).

    Roles and groups are not among them: a person's claims may have had such names before these were built in.
    """
    values = {**user.claims, **_own_claims(user), **_sign_in_claims(grant)}
    known = sorted(set(wanted).difference(AFFILIATION_SCOPES))
    return {name: values[name] for name in known if values.get(name) is not None}


def _own_claims(user: User) -> Mapping[str, object]:
    own: dict[str, object] = {"preferred_username": user.username, "updated_at": to_seconds(user.updated_at)}
    if user.name is not None:
        own["name"] = user.name
    if user.email is not None:
        own |= {"email": user.email, "email_verified": user.email_verified}
    return own


def _sign_in_claims(grant: Grant) -> Mapping[str, object]:
    return {"auth_time": to_seconds(grant.auth_time), "acr": grant.acr, "amr": list(grant.amr)}
