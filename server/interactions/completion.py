"""The end of a flow: a code for the client, or an error, and by which way it may reach it.

RFC 6749 §4.1.2, RFC 9207 §2, RFC 9700 §4.11.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import audit, grants, keys
from server.kernel import database, ids
from server.protocol.redirect_uris import origin_of
from server.protocol.response_modes import authorization_response_url
from server.tokens import references

from . import documented, policy, store
from .records import InteractionGone, Refusal, SendTo

if TYPE_CHECKING:
    from server.clients import Client
    from server.kernel.database import Statement
    from server.protocol.authorization_request import AuthorizationRequest
    from server.protocol.errors import OAuthError

    from .records import Interaction, SignedIn, TrustedRedirect, Visit


async def grant(
    visit: Visit,
    client: Client,
    request: AuthorizationRequest,
    signed_in: SignedIn,
    *,
    scope: tuple[str, ...],
    interaction: Interaction | None = None,
    consented: frozenset[grants.Permission] = frozenset(),
) -> SendTo:
    """Issue a code; with an interaction it is spent first, so that two answers give one grant.

    `consented` is what the person allowed on the consent page just now. Raises InteractionGone when the
    interaction was finished by somebody else.
    """
    tenant, client = visit.tenant, await documented.keep(visit, client)
    new = grants.new_grant(
        tenant, client, request, signed_in.user.id, signed_in.session, scope=scope, now=visit.now, grant_id=ids.uuid7()
    )
    mac_key = await keys.mac_key(tenant.id)
    rows = (grants.row_of(tenant.id, new), *_notes(visit, client, new, consented))
    if interaction is None:
        await database.write(*rows)
    elif not await store.claim(tenant.id, interaction.id, visit.now, *rows):
        raise InteractionGone
    code = references.issue(references.Purpose.CODE, tenant.id, mac_key, new.id, 0)
    return SendTo(_answer(visit, request.redirect_uri, request.state, {"code": code}))


def _notes(
    visit: Visit, client: Client, new: grants.Grant, consented: frozenset[grants.Permission]
) -> tuple[Statement, ...]:
    """What remembers the consent, where that is allowed, and what tells of the grant."""
    tenant_id, origin = visit.tenant.id, origin_of(new.redirect_uri)
    remembers = consented and policy.remembers_consent(visit.tenant.settings, client, new.redirect_uri)
    remembered = grants.rows_of_consent(
        tenant_id,
        new.user_id,
        client.id,
        redirect_origin=origin,
        metadata_digest=client.metadata_digest,
        permissions=consented if remembers else frozenset(),
        now=visit.now,
    )
    event = audit.GrantCreated(
        grant_id=new.id,
        client_pk=client.id,
        subject_id=new.user_id,
        client_name=client.metadata.client_name,
        redirect_origin=origin,
        scope=" ".join(new.scope),
        resources=new.resources,
        consent_shown=bool(consented),
    )
    return (*remembered, audit.entry(event, tenant_id=tenant_id, now=visit.now))


def refuse(visit: Visit, redirect_to: TrustedRedirect, error: OAuthError) -> SendTo | Refusal:
    """Bring an error to the client; by a page for a client that nobody vouched for.

    Until a trust policy can say more, only clients that an administrator answers for are answered by a redirect.
    """
    answer = {"error": error.code, "error_description": error.description}
    location = _answer(visit, redirect_to.redirect_uri, redirect_to.state, answer)
    if redirect_to.client.is_vouched_for:
        return SendTo(location)
    return Refusal(error.code, 400, location)


def _answer(visit: Visit, redirect_uri: str, state: str | None, answer: dict[str, str]) -> str:
    kept = {} if state is None else {"state": state}
    return authorization_response_url(redirect_uri, {**answer, **kept, "iss": visit.tenant.issuer})
