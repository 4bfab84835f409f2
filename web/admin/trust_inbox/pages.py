"""The list of what waits, and one row of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.administration import Permission, trust_inbox, trust_policies, trust_simulator
from server.administration.finding import Unknown
from server.projections import HoldFilter
from server.trust import Action, HoldState
from web.admin.frame import draw
from web.admin.listing import Filter, read_list
from web.admin.rows import shows
from web.admin.trust_history import decided_at
from web.admin.trust_inbox.contexts import ANSWERS, HoldPage, InboxPage, Proposal, hold_entry, line_entry
from web.admin.trust_policy.reading import deciding_rule
from web.admin.trust_words import decision_entry, rule_text
from web.localization import mark

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from server.trust import Hold
    from web.admin.trust_words import DecisionEntry
    from web.admin.visit import ConsoleVisit

ALL = "all"
STATES = (
    ("", mark("waits")),
    (HoldState.APPROVED.value, mark("approved")),
    (HoldState.BLOCKED.value, mark("blocked")),
    (ALL, mark("all")),
)


async def inbox(visit: ConsoleVisit) -> WireResponse:
    """What waits for an administrator."""
    asked = read_list(visit, Filter("state", mark("State"), STATES))
    state = asked.value("state") or HoldState.OPEN.value
    shown = HoldFilter(state=None if state == ALL else HoldState(state), search=asked.search or None)
    found = await trust_inbox.page(visit.operator, visit.tenant, shown, asked.paging)
    page = InboxPage(
        holds=tuple(line_entry(visit, line) for line in found.items),
        list=asked.frame(found.next_cursor),
        answers=tuple(ANSWERS.values()),
        may_decide=visit.may(Permission.MANAGE_SETTINGS) and state in {HoldState.OPEN.value, ALL},
        uri=visit.uri("trust", "inbox"),
        policy_uri=visit.uri("trust", "policy"),
        api_path=visit.api("trust", "inbox"),
    )
    return draw(visit, "admin/trust_inbox/list.html", page, headers=asked.headers)


async def one(visit: ConsoleVisit) -> WireResponse:
    """A client at an origin: why it waits, and what can be decided."""
    hold = await trust_inbox.get(visit.operator, visit.tenant, visit.identifier("hold"))
    client = await trust_inbox.find_client(visit.operator, visit.tenant, hold)
    name, source = (None, None) if client is None else (client.metadata.client_name, client.source.value)
    entry = hold_entry(visit, hold, name, source)
    may_decide = visit.may(Permission.MANAGE_SETTINGS)
    page = HoldPage(
        hold=entry,
        decision=None if client is None else await _decision(visit, hold),
        proposals=await _proposals(visit, hold) if may_decide and client is not None else (),
        answers=tuple(ANSWERS.values()),
        may_decide=may_decide and entry.waits and client is not None,
        list_uri=visit.uri("trust", "inbox"),
        simulate_uri=visit.uri("trust", "simulator", redirect_uri=hold.redirect_uri, client_id=hold.client_id),
        settled="" if hold.settled_at is None else visit.language.time(hold.settled_at),
        history=await decided_at(visit, hold.origin),
        api_path=visit.api("trust", "inbox", hold.id),
    )
    return draw(visit, "admin/trust_inbox/one.html", page)


async def _decision(visit: ConsoleVisit, hold: Hold) -> DecisionEntry | None:
    """What would be decided now, which may be another thing than when it was held."""
    try:
        decision = await trust_simulator.simulate(
            visit.operator, visit.tenant, hold.redirect_uri, hold.client_id, visit.now
        )
    except Unknown:
        return None
    policy = (await trust_policies.in_force(visit.operator, visit.tenant)).policy
    return decision_entry(decision, deciding_rule(policy, decision))


async def _proposals(visit: ConsoleVisit, hold: Hold) -> tuple[Proposal, ...]:
    """The same conditions for either answer."""
    rule = await trust_inbox.propose_rule(visit.operator, visit.tenant, hold.id, Action.TRUST)
    at = visit.arguments["hold"]
    return tuple(
        Proposal(answer, rule_text(rule), visit.uri("trust", "policy", "edit", hold=at, action=answer.name))
        for answer in ANSWERS.values()
    )


ROWS = (
    shows("/t/<tenant>/trust/inbox", inbox),
    shows("/t/<tenant>/trust/inbox/<hold>", one),
)
