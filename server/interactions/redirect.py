"""The redirect step: on to the client, or first the page that trust wants people to see. RFC 9700 §4.11.2.

The answer to the destination page counts only for the person, the client and the reasons that were shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import audit, trust
from server.kernel import database, digests, mail
from server.trust import Action, Outcome, TooManyHolds

from . import completion, consent, documented, leaving, store
from .authorization import asked_of
from .destinations import destination_of, reasons_of
from .records import HeldView, InteractionGone, PersonChanged, RedirectView
from .steps import get_step

if TYPE_CHECKING:
    from .completion import Allowed
    from .records import SendTo, Visit
    from .steps import Step


async def leave(step: Step, allowed: Allowed) -> SendTo | RedirectView | HeldView:
    """Send the person to the client where trust lets them go at once; else show what comes before.

    Not for places that are blocked. Raises InteractionGone.
    """
    if step.decision.may_redirect:
        return await completion.grant(step.visit, allowed, step.decision)
    if step.decision.action is Action.HOLD:
        return await _hold(step)
    await store.note_shown(step.visit.tenant.id, step.interaction.id, _fingerprint(step))
    client = step.client
    return RedirectView(
        handle=step.interaction.handle,
        person=step.signed_in.user,
        destination=destination_of(step.decision),
        client_name=client.metadata.client_name,
        verified=client.is_vouched_for,
        reasons=reasons_of(step.decision),
        ui_locales=step.interaction.request.ui_locales,
    )


async def leave_at_once(step: Step) -> SendTo | None:
    """Send the person to the client when nothing is left to ask or to show; None where something is.

    Raises InteractionGone.
    """
    if not step.decision.may_redirect:
        return None
    asked = await asked_of(step.visit.tenant.id, step.client, step.interaction.request, step.signed_in)
    allowed = consent.find_allowed(step, asked)
    return None if allowed is None else await completion.grant(step.visit, allowed, step.decision)


async def go_on(visit: Visit, handle: str) -> SendTo:
    """The person chose to go on: it is remembered, and they go.

    Raises InteractionGone, and PersonChanged when what was shown is no longer what would be shown.
    """
    step, allowed = await _get_shown(visit, handle)
    person, client = step.signed_in.user, leaving.facts_of(step.client)
    async with database.transaction():
        await trust.remember(
            visit.tenant.id, step.decision, client, person.id, browser=visit.browser.binding, now=visit.now
        )
        await audit.record(
            audit.RedirectConfirmed(
                client_pk=step.client.id,
                subject_id=person.id,
                client_name=step.client.metadata.client_name,
                **leaving.judged(step.decision),
            ),
            tenant_id=visit.tenant.id,
            now=visit.now,
        )
        return await completion.grant(visit, allowed, step.decision.accepted())


async def stay(visit: Visit, handle: str, *, reports: bool) -> tuple[str, ...]:
    """The person chose to stay, and with `reports` tells that something is wrong there; the page's `ui_locales`.

    Raises InteractionGone, and PersonChanged when what was shown is no longer what would be shown.
    """
    step, _ = await _get_shown(visit, handle)
    tenant_id, person, decision = visit.tenant.id, step.signed_in.user, step.decision
    kind = audit.RedirectReported if reports else audit.RedirectCancelled
    event = kind(
        client_pk=step.client.id,
        subject_id=person.id,
        client_name=step.client.metadata.client_name,
        **leaving.judged(decision),
    )
    rows = (
        leaving.record_of(visit, step.client, decision, person.id),
        audit.entry(event, tenant_id=tenant_id, now=visit.now),
    )
    async with database.transaction():
        if not await store.claim(tenant_id, step.interaction.id, visit.now, *rows):
            raise InteractionGone
        outcome = Outcome.REPORTED if reports else Outcome.DECLINED
        await trust.note_outcome(tenant_id, decision, person, outcome, visit.now)
    return step.interaction.request.ui_locales


async def _get_shown(visit: Visit, handle: str) -> tuple[Step, Allowed]:
    """The step whose destination page was shown, when it would be shown just the same now."""
    step = await get_step(visit, handle)
    asked = await asked_of(visit.tenant.id, step.client, step.interaction.request, step.signed_in)
    allowed = consent.find_allowed(step, asked)
    if allowed is None or not step.decision.needs_confirmation or step.interaction.shown != _fingerprint(step):
        raise PersonChanged
    return step, allowed


async def _hold(step: Step) -> HeldView:
    """The held page; the first time it is shown in an interaction the place appears in the inbox."""
    visit, decision, client = step.visit, step.decision, step.client
    too_many, shown = False, _fingerprint(step)
    if step.interaction.shown != shown:
        too_many = not await _put_into_inbox(step)
    if not too_many:
        await store.note_shown(visit.tenant.id, step.interaction.id, shown)
    return HeldView(
        handle=step.interaction.handle,
        person=step.signed_in.user,
        destination=destination_of(decision),
        client_name=client.metadata.client_name,
        verified=client.is_vouched_for,
        reasons=reasons_of(decision),
        too_many=too_many,
        is_mailed=mail.is_sent() and step.signed_in.user.email is not None,
        ui_locales=step.interaction.request.ui_locales,
    )


async def _put_into_inbox(step: Step) -> bool:
    """Have an administrator look at the place; false when the person waits for too many already."""
    visit, decision, person = step.visit, step.decision, step.signed_in.user
    # The person agreed to what it asks: one that describes itself is stored, so that there is something to decide on.
    client = await documented.keep(visit, step.client)
    event = audit.RedirectHeld(
        client_pk=client.id,
        subject_id=person.id,
        client_name=client.metadata.client_name,
        **leaving.judged(decision),
    )
    rows = (
        leaving.record_of(visit, client, decision, person.id),
        audit.entry(event, tenant_id=visit.tenant.id, now=visit.now),
    )
    try:
        async with database.transaction():
            await trust.hold(
                visit.tenant.id,
                person.id,
                leaving.facts_of(client),
                decision,
                visit.now,
                languages=_languages(step),
            )
            await database.write(*rows)
    except TooManyHolds:
        return False
    return True


def _languages(step: Step) -> str:
    """What the person reads, best first: what the request asked for counts before the browser's settings."""
    wanted = (*step.interaction.request.ui_locales, step.visit.accept_language)
    return ", ".join(language for language in wanted if language)


def _fingerprint(step: Step) -> str:
    """What the answer will be held to: person, client as it is now, place, and what trust says of it."""
    decision = step.decision
    reasons = " ".join(reason.value for reason in reasons_of(decision))
    shown = f"{step.seen_by}\n{decision.facts.redirect_uri}\n{decision.action.value}\n{reasons}"
    return digests.sha256(f"redirect\n{shown}").hex()
