"""What an operator may do to the trust inbox: clients at places where people wait to be let through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server import clients, projections, trust
from server.trust import Action, HoldState, Judgement, Rule, Source, target_of

from . import trust as acts
from . import trust_holds, trust_simulator
from .authorise import Permission, check_permitted
from .finding import Unknown, found, turn
from .trust_verdicts import NewVerdict, verdict_on

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from server.clients import Client
    from server.kernel.clock import Instant
    from server.kernel.paging import Page, Paging
    from server.projections import HoldFilter, HoldLine
    from server.tenants import Tenant
    from server.trust import Hold, WaitingPerson

    from .authorise import Operator


@dataclass(frozen=True, slots=True)
class Examined:
    """A row of the inbox, its client unless that is gone, and who waits, the longest first."""

    hold: Hold
    client: Client | None
    waiting: tuple[WaitingPerson, ...]


_STATES = {Judgement.TRUST: HoldState.APPROVED, Judgement.BLOCK: HoldState.BLOCKED}


async def page(operator: Operator, tenant: Tenant, shown: HoldFilter, paging: Paging) -> Page[HoldLine]:
    """A page of the inbox, those held last first; raises NotPermitted, BadCursor."""
    check_permitted(operator, Permission.READ, tenant.id)
    return await projections.list_holds(tenant.id, shown, paging)


async def count(operator: Operator, tenant: Tenant) -> int:
    """How many rows wait for an administrator; raises NotPermitted."""
    check_permitted(operator, Permission.READ, tenant.id)
    return await projections.count_open_holds(tenant.id)


async def get(operator: Operator, tenant: Tenant, hold_id: UUID) -> Hold:
    """One row, settled or not; raises NotPermitted, Unknown."""
    check_permitted(operator, Permission.READ, tenant.id)
    return found(await trust.find_hold(tenant.id, hold_id))


async def find_client(operator: Operator, tenant: Tenant, hold: Hold) -> Client | None:
    """The client of a row, None for one that is gone; raises NotPermitted."""
    check_permitted(operator, Permission.READ, tenant.id)
    return await clients.find_by_pk(tenant.id, hold.client_pk)


async def examine(operator: Operator, tenant: Tenant, hold_id: UUID) -> Examined:
    """One row with all that is known of it; raises NotPermitted, Unknown."""
    hold = await get(operator, tenant, hold_id)
    client = await find_client(operator, tenant, hold)
    return Examined(hold, client, await trust.list_waiting(tenant.id, hold_id))


async def answer(
    operator: Operator, tenant: Tenant, hold_ids: Iterable[UUID], wish: NewVerdict, now: Instant
) -> tuple[UUID, ...]:
    """Approve or block rows of the inbox, all or none: a verdict for every URI for which somebody waits.

    Returns those that were open; what somebody else settled meanwhile stays as it is. Raises NotPermitted, Unknown,
    also for a client that is gone.
    """
    check_permitted(operator, Permission.MANAGE_SETTINGS, tenant.id)
    async with turn(tenant.id):
        held = [found(await trust.find_hold(tenant.id, hold_id)) for hold_id in dict.fromkeys(hold_ids)]
        waiting = [hold for hold in held if hold.state is HoldState.OPEN]
        for hold in waiting:
            await _answer(operator, tenant, hold, wish, now)
    return tuple(hold.id for hold in waiting)


async def propose_rule(operator: Operator, tenant: Tenant, hold_id: UUID, action: Action) -> Rule:
    """The rule that an answer to this row could become, for an administrator to look at; raises NotPermitted, Unknown.

    It is about the host, and about clients that came to be known as this one did.
    """
    hold = await get(operator, tenant, hold_id)
    return rule_for(hold, found(await clients.find_by_pk(tenant.id, hold.client_pk)), action)


def rule_for(hold: Hold, client: Client, action: Action) -> Rule:
    """The rule of `propose_rule`."""
    source, target = Source(client.source.value), target_of(hold.redirect_uri)
    return Rule(
        action=action,
        host=target.host or None,
        scheme=target.scheme,
        client_source=(source,),
        client_id_host=trust_simulator.facts_of(client).client_id_host,
    )


async def _answer(operator: Operator, tenant: Tenant, hold: Hold, wish: NewVerdict, now: Instant) -> None:
    client = await clients.find_by_pk(tenant.id, hold.client_pk)
    if client is None:
        raise Unknown("the client is gone")
    decision = await trust_simulator.ask(tenant, trust_simulator.facts_of(client), hold.redirect_uri, now)
    people = await trust.list_waiting(tenant.id, hold.id)
    for uri in dict.fromkeys((hold.redirect_uri, *(person.redirect_uri for person in people))):
        await acts.set_verdict(operator, tenant, verdict_on(operator, wish, client, uri, now), now)
    await trust_holds.settle(operator, tenant, hold, decision, state=_STATES[wish.judgement], now=now)
