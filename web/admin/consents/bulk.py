"""Revoking many consents: all that a person allowed a client, with the grants that hang on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.administration import Permission
from server.administration import grants as acts
from server.administration.finding import Unknown
from server.kernel import ids
from web.admin.bulk import GONE, MOST, BulkLine, BulkPage, draw_bulk
from web.admin.listing import selected
from web.admin.notices import done
from web.admin.rows import does
from web.foreign_text import MAX_LINE_LENGTH, plain
from web.localization import mark

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from server.projections import Bond, ConsentSum
    from web.admin.visit import ConsoleVisit

OUTCOME = mark("%(permissions)s permissions are forgotten, %(grants)s grants end")


async def preview(visit: ConsoleVisit) -> WireResponse:
    """What would be forgotten and ended."""
    lines = await _lines(visit)
    if not lines:
        return done(visit, visit.uri("consents"), "unchanged")
    return _draw(visit, lines)


async def run(visit: ConsoleVisit) -> WireResponse:
    """Revoke them, one after the other."""
    lines = await _lines(visit)
    for line in lines:
        if not line.skipped:
            user_id, client_pk = _bond(line.id)
            await acts.withdraw(visit.operator, visit.tenant, user_id, client_pk, visit.now)
    if any(line.skipped for line in lines):
        return _draw(visit, lines, is_done=True)
    return done(visit, visit.uri("consents"), "revoked" if lines else "unchanged")


async def _lines(visit: ConsoleVisit) -> tuple[BulkLine, ...]:
    bonds = tuple(dict.fromkeys(_bond(text) for text in selected(visit)[:MOST]))
    sums = await acts.consent_sums(visit.operator, visit.tenant, bonds, visit.now)
    return tuple(_line(visit, bond, sums.get(bond)) for bond in bonds)


def _bond(text: str) -> Bond:
    person, _, client = text.partition(".")
    user_id, client_pk = ids.from_short(person), ids.from_short(client)
    if user_id is None or client_pk is None:
        raise Unknown
    return user_id, client_pk


def _line(visit: ConsoleVisit, bond: Bond, held: ConsentSum | None) -> BulkLine:
    text = ".".join(map(ids.to_short, bond))
    if held is None:
        return BulkLine(text, "", GONE)
    say = visit.language
    counts = {"permissions": say.number(held.permissions), "grants": say.number(held.grants)}
    parties = (held.username or say.say(GONE), held.client_id or say.say(GONE))
    name = " → ".join(plain(party, MAX_LINE_LENGTH) for party in parties)
    return BulkLine(text, name, outcome=say.say(OUTCOME) % counts)


def _draw(visit: ConsoleVisit, lines: tuple[BulkLine, ...], *, is_done: bool = False) -> WireResponse:
    page = BulkPage(
        title=mark("Revoke consents"),
        subject=mark("Who allowed whom"),
        list_label=mark("Consents"),
        list_uri=visit.uri("consents"),
        action=visit.uri("consents", "bulk", "run"),
        lines=lines,
        is_done=is_done,
        is_grave=True,
    )
    return draw_bulk(visit, page)


ROWS = (
    does("/t/<tenant>/consents/bulk", preview, Permission.MANAGE_USERS),
    does("/t/<tenant>/consents/bulk/run", run, Permission.MANAGE_USERS),
)
