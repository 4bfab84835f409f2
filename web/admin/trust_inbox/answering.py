"""Answering one row of the inbox or several: first what would happen and what not and why, then it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.administration import Permission, trust_inbox
from server.administration.finding import Unknown
from server.kernel import ids
from server.kernel.json import dump_json
from server.trust import HoldState, Judgement
from web.admin.bulk import MOST
from web.admin.frame import draw
from web.admin.listing import selected_ids
from web.admin.notices import done
from web.admin.rows import does
from web.admin.trust_inbox.contexts import ANSWERS, AnswerLine, AnswerPage, hold_entry
from web.admin.trust_inbox.forms import AnswerForm
from web.localization import mark

if TYPE_CHECKING:
    from uuid import UUID

    from server.endpoints.wire import WireResponse
    from web.admin.visit import ConsoleVisit

SETTLED = mark("somebody settled it already")
GONE = mark("the client is gone")


async def preview(visit: ConsoleVisit) -> WireResponse:
    """What an answer to the ticked rows would do."""
    lines = await _lines(visit)
    if not lines:
        return done(visit, visit.uri("trust", "inbox"), "unchanged")
    return _draw(visit, lines, AnswerForm(), 200)


async def answer(visit: ConsoleVisit) -> WireResponse:
    """Answer them; what somebody else settled meanwhile stays as it is."""
    lines, form = await _lines(visit), AnswerForm(visit.form)
    if not form.validate():
        return _draw(visit, lines, form, 422)
    wanted = [found for line in lines if line.skipped is None and (found := ids.from_short(line.hold.id))]
    settled = await trust_inbox.answer(visit.operator, visit.tenant, wanted, form.wish(_judgement(visit)), visit.now)
    return done(visit, visit.uri("trust", "inbox"), "decided" if settled else "unchanged")


async def _lines(visit: ConsoleVisit) -> tuple[AnswerLine, ...]:
    return tuple([await _line(visit, hold_id) for hold_id in dict.fromkeys(selected_ids(visit)[:MOST])])


async def _line(visit: ConsoleVisit, hold_id: UUID) -> AnswerLine:
    hold = await trust_inbox.get(visit.operator, visit.tenant, hold_id)
    client = await trust_inbox.find_client(visit.operator, visit.tenant, hold)
    if client is None:
        return AnswerLine(hold_entry(visit, hold, None, None), GONE)
    entry = hold_entry(visit, hold, client.metadata.client_name, client.source.value)
    return AnswerLine(entry, None if hold.state is HoldState.OPEN else SETTLED)


def _judgement(visit: ConsoleVisit) -> Judgement:
    try:
        return Judgement(visit.form.get("act", ""))
    except ValueError:
        raise Unknown from None


def _draw(visit: ConsoleVisit, lines: tuple[AnswerLine, ...], form: AnswerForm, status: int) -> WireResponse:
    judgement = _judgement(visit)
    page = AnswerPage(
        answer=ANSWERS[judgement],
        lines=lines,
        form=form,
        action=visit.uri("trust", "inbox", "answer"),
        list_uri=visit.uri("trust", "inbox"),
        api_path=visit.api("trust", "inbox", "answers"),
        api_body=dump_json(
            {"verdict": judgement.value, "holds": [str(ids.from_short(line.hold.id)) for line in lines]}
        ),
    )
    return draw(visit, "admin/trust_inbox/answer.html", page, status=status)


DECIDE = Permission.MANAGE_SETTINGS
ROWS = (
    does("/t/<tenant>/trust/inbox/preview", preview, DECIDE),
    does("/t/<tenant>/trust/inbox/answer", answer, DECIDE),
)
