"""The end of a flow: a code for the client. RFC 6749 §4.1.2."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from server import audit, grants, keys, trust
from server.kernel import database, ids
from server.protocol.redirect_uris import origin_of
from server.tokens import references
from server.trust import Outcome

from . import documented, leaving, policy, store
from .records import InteractionGone, SendTo

if TYPE_CHECKING:
    from server.clients import Client
    from server.kernel.database import Statement
    from server.protocol.authorization_request import AuthorizationRequest
    from server.trust import Decision

    from .records import Interaction, SignedIn, Visit


@dataclass(frozen=True, slots=True)
class Allowed:
    """Nothing is left to ask about access: who allows which client what, in which interaction, if in one.

    `consented` is what the person allowed on the consent page of that interaction.
    """

    client: Client
    request: AuthorizationRequest
    signed_in: SignedIn
    scope: tuple[str, ...]
    interaction: Interaction | None = None
    consented: frozenset[grants.Permission] = frozenset()


async def grant(visit: Visit, allowed: Allowed, decision: Decision) -> SendTo:
    """Issue a code; an interaction is spent with it, so that two answers give one grant.

    Raises InteractionGone when the interaction was finished by somebody else. `decision` lets the person go there.
    """
    # A client that describes itself is stored once somebody allowed it something.
    allowed = replace(allowed, client=await documented.keep(visit, allowed.client))
    tenant, client, person = visit.tenant, allowed.client, allowed.signed_in.user
    new = grants.new_grant(
        tenant,
        client,
        allowed.request,
        person.id,
        allowed.signed_in.session,
        scope=allowed.scope,
        now=visit.now,
        grant_id=ids.uuid7(),
    )
    mac_key = await keys.mac_key(tenant.id)
    rows = (
        grants.row_of(tenant.id, new),
        *_notes(visit, allowed, new, decision),
        *_acquaintance(visit, allowed, decision),
    )
    if allowed.interaction is None:
        await database.write(*rows)
    elif not await store.claim(tenant.id, allowed.interaction.id, visit.now, *rows):
        raise InteractionGone
    await trust.note_outcome(tenant.id, decision, person, Outcome.ACCEPTED, visit.now)
    code = references.issue(references.Purpose.CODE, tenant.id, mac_key, new.id, 0)
    return SendTo(decision, leaving.answer_of(visit, allowed.request.state, {"code": code}))


def _acquaintance(visit: Visit, allowed: Allowed, decision: Decision) -> tuple[Statement, ...]:
    """What keeps how the client was when the person allowed it something; nothing where that is known."""
    if decision.is_acquainted:
        return ()
    person, client = allowed.signed_in.user, allowed.client
    row = trust.row_of_acquaintance(
        visit.tenant.id,
        person.id,
        client.id,
        client.metadata_digest,
        counts=trust.counts(person, visit.now),
        now=visit.now,
    )
    return (row,)


def _notes(visit: Visit, allowed: Allowed, new: grants.Grant, decision: Decision) -> tuple[Statement, ...]:
    """What remembers the consent, where that is allowed, and what tells of the grant and of the decision."""
    tenant, client, consented = visit.tenant, allowed.client, allowed.consented
    remembers = consented and policy.remembers_consent(tenant.settings, client, new.redirect_uri)
    remembered = grants.rows_of_consent(
        tenant.id,
        new.user_id,
        client.id,
        redirect_origin=origin_of(new.redirect_uri),
        metadata_digest=client.metadata_digest,
        permissions=consented if remembers else frozenset(),
        now=visit.now,
    )
    event = audit.GrantCreated(
        grant_id=new.id,
        client_pk=client.id,
        subject_id=new.user_id,
        client_name=client.metadata.client_name,
        scope=" ".join(new.scope),
        resources=new.resources,
        consent_shown=bool(consented),
        **leaving.judged(decision),
    )
    recorded = leaving.record_of(visit, client, decision, new.user_id)
    return (*remembered, recorded, audit.entry(event, tenant_id=tenant.id, now=visit.now))
