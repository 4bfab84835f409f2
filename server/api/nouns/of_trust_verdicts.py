"""Verdicts on places, and the inbox of those that wait for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import trust
from server.administration import Permission, trust_inbox, trust_verdicts
from server.administration.trust_verdicts import NewVerdict
from server.api.documents import fill
from server.api.problems import InvalidMembers
from server.api.routes import Answer, Call, Route, listed
from server.projections import HoldFilter
from server.trust import Action

from .of_trust_policy import show_rule
from .trust_documents import (
    GivenTrustVerdict,
    NewTrustVerdict,
    TrustAnswer,
    TrustAnswered,
    TrustHold,
    TrustHoldDetail,
    TrustInboxQuery,
    TrustVerdict,
    TrustWaiting,
)

if TYPE_CHECKING:
    from server.projections import HoldLine
    from server.trust import Hold, Verdict


async def list_verdicts(call: Call) -> Answer:
    """The verdicts, expired ones too, the oldest first."""
    return listed(await trust_verdicts.page(call.operator, call.tenant, call.paging), show)


async def get_verdict(call: Call) -> Answer:
    """One verdict."""
    return Answer(show(await trust_verdicts.get(call.operator, call.tenant, call.identifier("verdict"))))


async def give_verdict(call: Call) -> Answer:
    """Trust or block a host, or a client at a redirect URI, instead of what was said before.

    Rows of the inbox that need not wait any more are settled.
    """
    body = call.body(NewTrustVerdict)
    subject, settled = await _give(call, body, NewVerdict(body.verdict, body.note, body.expires))
    verdict = await trust_verdicts.get_on(call.operator, call.tenant, subject)
    location = f"/tenants/{call.tenant.slug}/trust/verdicts/{verdict.id}"
    return Answer(GivenTrustVerdict(show(verdict), settled), location=location)


async def take_verdict_back(call: Call) -> Answer:
    """Let a verdict no longer count."""
    await trust_verdicts.take_back(call.operator, call.tenant, call.identifier("verdict"), call.now)
    return Answer()


async def list_holds(call: Call) -> Answer:
    """The inbox: clients at origins where people wait, those held last first."""
    query = call.query(TrustInboxQuery)
    wanted = HoldFilter(query.state, query.host, query.client_id)
    return listed(await trust_inbox.page(call.operator, call.tenant, wanted, call.paging), show_line)


async def get_hold(call: Call) -> Answer:
    """One row of the inbox, who waits, and the rule that letting them go on could become."""
    found = await trust_inbox.examine(call.operator, call.tenant, call.identifier("hold"))
    hold, client = found.hold, found.client
    waiting = tuple(fill(TrustWaiting, person, user_id=person.person_id) for person in found.waiting)
    if client is None:
        return Answer(TrustHoldDetail(_show_hold(hold, None, None), waiting, None))
    shown = _show_hold(hold, client.metadata.client_name, client.source.value)
    rule = trust_inbox.rule_for(hold, client, Action.TRUST)
    return Answer(TrustHoldDetail(shown, waiting, show_rule(rule)))


async def answer_holds(call: Call) -> Answer:
    """Approve or block rows of the inbox, all or none: a verdict for every URI for which somebody waits."""
    body = call.body(TrustAnswer)
    wish = NewVerdict(body.verdict, body.note, body.expires)
    return Answer(TrustAnswered(await trust_inbox.answer(call.operator, call.tenant, body.holds, wish, call.now)))


def show(verdict: Verdict) -> TrustVerdict:
    """The document of a verdict."""
    return fill(TrustVerdict, verdict, verdict=verdict.judgement, expires=verdict.expires_at)


async def _give(call: Call, body: NewTrustVerdict, wish: NewVerdict) -> tuple[str, int]:
    """What the verdict is about, and how many rows of the inbox it settled."""
    operator, tenant = call.operator, call.tenant
    match body.host, body.client_id, body.redirect_uri:
        case str() as host, None, None:
            settled = await trust_verdicts.judge_host(operator, tenant, wish, host, call.now)
            return trust.subject_of_host(host.lower()), settled
        case None, str() as client_id, str() as uri:
            settled = await trust_verdicts.judge_client(operator, tenant, wish, client_id, uri, now=call.now)
            return trust.subject_of_client(client_id, uri), settled
        case _:
            raise InvalidMembers("a verdict is about a host, or about a client_id and a redirect_uri")


def show_line(line: HoldLine) -> TrustHold:
    """The document of a row of the inbox."""
    return _show_hold(line.hold, line.client_name, line.client_source)


def _show_hold(hold: Hold, client_name: str | None, client_source: str | None) -> TrustHold:
    return fill(TrustHold, hold, client=hold.client_pk, client_name=client_name, client_source=client_source)


VERDICTS, INBOX = "/tenants/{tenant}/trust/verdicts", "/tenants/{tenant}/trust/inbox"
READ, MANAGE = Permission.READ, Permission.MANAGE_SETTINGS
ROUTES = (
    Route("GET", VERDICTS, "listTrustVerdicts", list_verdicts, READ, TrustVerdict, paged=True),
    Route(
        "POST", VERDICTS, "giveTrustVerdict", give_verdict, MANAGE, GivenTrustVerdict, NewTrustVerdict, status=201
    ),
    Route("GET", f"{VERDICTS}/{{verdict}}", "getTrustVerdict", get_verdict, READ, TrustVerdict),
    Route("DELETE", f"{VERDICTS}/{{verdict}}", "takeTrustVerdictBack", take_verdict_back, MANAGE),
    Route("GET", INBOX, "listTrustHolds", list_holds, READ, TrustHold, query=TrustInboxQuery, paged=True),
    Route("GET", f"{INBOX}/{{hold}}", "getTrustHold", get_hold, READ, TrustHoldDetail),
    Route("POST", f"{INBOX}/answers", "answerTrustHolds", answer_holds, MANAGE, TrustAnswered, TrustAnswer),
)  # fmt: skip
