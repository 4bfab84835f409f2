"""What is held is asked about again once something was decided; whoever waited can then go on, or need not wait."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server import audit, clients, projections, trust
from server.kernel import database, outbox
from server.kernel.paging import Paging
from server.trust import Action, HoldState

from . import trust_simulator
from .act import note

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from server.kernel.clock import Instant
    from server.projections import HoldFilter
    from server.tenants import Tenant
    from server.trust import ClientFacts, Decision, Hold, Target, WaitingPerson
    from server.users import User

    from .authorise import Operator

# The job that tells somebody that they can go on.
APPROVAL_MAIL = "mail.approval"

PAGE = 100
MOST_ASKED = 1000  # by one act: what is beyond stays in the inbox, and people who come back are decided on anyway


@dataclass(frozen=True, slots=True)
class Approval:
    """What somebody waited for and may now go to. `languages` are theirs, as Accept-Language says it."""

    tenant: Tenant
    person: User
    target: Target
    languages: str


async def settle(
    operator: Operator, tenant: Tenant, held: Hold, decision: Decision, *, state: HoldState, now: Instant
) -> bool:
    """Close a hold, so that nobody waits for it any more; false when somebody else did.

    Who waited for one that is approved is mailed, where they left an address. What it follows from was permitted.
    """
    event = audit.TrustHoldSettled(
        hold_id=held.id,
        client_pk=held.client_pk,
        client_id=held.client_id,
        origin=held.origin,
        state=state.value,
        people=len(await trust.list_waiting(tenant.id, held.id)),
        score=decision.score,
        signals=tuple(hit.signal.value for hit in decision.signals),
        policy_version=decision.policy_version,
        rule=decision.rule,
    )
    async with database.transaction():
        waited = await trust.settle_hold(tenant.id, held.id, state, author=operator.actor.id, now=now)
        if waited is None:
            return False
        await note(operator, tenant.id, event, now)
        if state is HoldState.APPROVED:
            await _promise_mail(tenant.id, waited, now)
    return True


async def release(operator: Operator, tenant: Tenant, shown: HoldFilter, now: Instant) -> int:
    """Ask again about what is held, and settle what need not wait any more; how many rows of the inbox that were.

    Called after the decision was committed, so that it is what is asked, by whoever was permitted to take it.
    """
    settled, cursor = 0, None
    for _ in range(MOST_ASKED // PAGE):
        page = await projections.list_holds(tenant.id, shown, Paging(PAGE, cursor))
        for line in page.items:
            settled += await _release(operator, tenant, line.hold, now)
        cursor = page.next_cursor
        if cursor is None:
            break
    return settled


async def _promise_mail(tenant_id: UUID, waited: Iterable[WaitingPerson], now: Instant) -> None:
    for person in waited:
        payload = {
            "person": str(person.person_id),
            "redirect_uri": person.redirect_uri,
            "languages": person.languages,
        }
        await outbox.enqueue(APPROVAL_MAIL, payload, tenant_id=tenant_id, now=now)


async def _release(operator: Operator, tenant: Tenant, held: Hold, now: Instant) -> bool:
    client = await clients.find_by_pk(tenant.id, held.client_pk)
    if client is None:
        return False
    decisions = await _ask(tenant, trust_simulator.facts_of(client), held, now)
    actions = {decision.action for decision in decisions}
    if Action.HOLD in actions:
        return False
    state = HoldState.BLOCKED if actions == {Action.BLOCK} else HoldState.APPROVED
    return await settle(operator, tenant, held, decisions[0], state=state, now=now)


async def _ask(tenant: Tenant, client: ClientFacts, held: Hold, now: Instant) -> list[Decision]:
    """About every URI for which somebody waits, the one that was held last first."""
    waiting = [person.redirect_uri for person in await trust.list_waiting(tenant.id, held.id)]
    uris = dict.fromkeys((held.redirect_uri, *waiting))
    return [await trust_simulator.ask(tenant, client, uri, now) for uri in uris]
