"""Leaving Latchkey: trust is asked before every redirect, and only what it decides makes one. RFC 9700 §4.11.2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import audit, projections, trust
from server.kernel import logs
from server.protocol.response_modes import authorization_response_url
from server.trust import Action

from .people import find_signed_in
from .records import Refusal, SendTo

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from server.clients import Client
    from server.kernel.database import Statement
    from server.protocol.errors import OAuthError
    from server.trust import ClientFacts, Decision

    from .records import SignedIn, TrustedRedirect, Visit

log = logs.get_logger(__name__)


async def judge(visit: Visit, client: Client, redirect_uri: str, signed_in: SignedIn | None) -> Decision:
    """What the tenant's policy says now of sending whoever is signed in to a place; one query when caches are warm."""
    return await trust.decide(
        visit.tenant.id,
        facts_of(client),
        redirect_uri,
        signed_in.user.id if signed_in else None,
        visit.now,
        known_domains=await projections.known_domains(visit.tenant.id),
        browser=visit.browser.binding,
    )


async def refuse(visit: Visit, redirect_to: TrustedRedirect, error: OAuthError) -> SendTo | Refusal:
    """Bring an error to the client, as far as the policy lets it go."""
    signed_in = await find_signed_in(visit)
    decision = await judge(visit, redirect_to.client, redirect_to.redirect_uri, signed_in)
    return await bring(visit, redirect_to, decision, signed_in, error)


async def bring(
    visit: Visit, redirect_to: TrustedRedirect, decision: Decision, signed_in: SignedIn | None, error: OAuthError
) -> SendTo | Refusal:
    """Bring an error by itself to a place of trust only, even where people said yes before; else it is a page."""
    answer = {"error": error.code, "error_description": error.description}
    parameters = answer_of(visit, redirect_to.state, answer)
    if decision.action is Action.TRUST:
        return SendTo(decision, parameters)
    if decision.action is Action.BLOCK:
        return await block(visit, redirect_to.client, decision, signed_in)
    await note_withheld(visit, redirect_to.client, decision, signed_in)
    return Refusal(error.code, 400, way_on(decision, parameters))


def way_on(decision: Decision, parameters: Mapping[str, str]) -> str | None:
    """Where a person may choose to go by a link: where they would be asked, never where an administrator would be."""
    if decision.action is not Action.CONFIRM:
        return None
    return authorization_response_url(decision.facts.redirect_uri, parameters)


async def block(visit: Visit, client: Client, decision: Decision, signed_in: SignedIn | None) -> Refusal:
    """Nobody is sent there, ever."""
    event = audit.RedirectBlocked(
        client_pk=client.id,
        subject_id=signed_in.user.id if signed_in else None,
        client_name=client.metadata.client_name,
        **judged(decision),
    )
    await audit.record(event, tenant_id=visit.tenant.id, now=visit.now)
    return Refusal("access_denied", 403, topic="blocked_destination")


async def note_withheld(visit: Visit, client: Client, decision: Decision, signed_in: SignedIn | None) -> None:
    """Tell that an answer stayed here; of nobody in particular the log tells, since anybody could make it."""
    if signed_in is None:
        log.info("withheld", action=decision.action.value, score=decision.score, client=str(client.id))
        return
    event = audit.RedirectWithheld(
        client_pk=client.id,
        subject_id=signed_in.user.id,
        client_name=client.metadata.client_name,
        **judged(decision),
    )
    await audit.record(event, tenant_id=visit.tenant.id, now=visit.now)


def record_of(visit: Visit, client: Client, decision: Decision, person_id: UUID) -> Statement:
    """The row that keeps a decision, with its facts, for replay."""
    return trust.row_of_authorization(
        visit.tenant.id,
        decision,
        client_pk=client.id,
        person_id=person_id,
        kept_until=visit.now + visit.tenant.settings.authorization_record_lifetime,
        now=visit.now,
    )


def facts_of(client: Client) -> ClientFacts:
    """What trust must know of a client; one that was promoted is as good as one that an administrator registered."""
    return trust.client_facts(client, promoted=client.is_vouched_for)


def judged(decision: Decision) -> audit.Judged:
    """A decision as events tell it: never with more of the URI than its origin."""
    return {
        "redirect_origin": decision.facts.target.origin,
        "decision": {
            "action": decision.action.value,
            "score": decision.score,
            "signals": [hit.signal.value for hit in decision.signals],
            "reason": decision.reason.value,
            "rule": decision.rule,
            "policy_version": decision.policy_version,
        },
    }


def answer_of(visit: Visit, state: str | None, answer: Mapping[str, str]) -> dict[str, str]:
    """An authorization response: the answer, the client's state, and who gives it. RFC 6749 §4.1.2, RFC 9207 §2."""
    kept = {} if state is None else {"state": state}
    return {**answer, **kept, "iss": visit.tenant.issuer}
