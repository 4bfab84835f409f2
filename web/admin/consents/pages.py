"""The consents of a tenant: who allowed which client what."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from server import resources
from server.administration import Permission
from server.administration import grants as acts
from server.kernel import ids
from server.projections import ConsentFilter
from web.admin.frame import draw
from web.admin.listing import SINCE, Filter, begin_of, read_list
from web.admin.rows import shows
from web.foreign_text import MAX_LINE_LENGTH, MAX_NAME_LENGTH, plain
from web.localization import mark

if TYPE_CHECKING:
    from collections.abc import Iterable

    from server.endpoints.wire import WireResponse
    from server.projections import ConsentLine
    from web.admin.listing import ListFrame, ListQuery
    from web.admin.visit import ConsoleVisit

ANY = ("", mark("all"))
THE_TENANT = "-"  # which no identifier is


@dataclass(frozen=True, slots=True)
class ConsentEntry:
    """What a person allowed a client at one go; `bond` names the two."""

    bond: str
    person: str
    person_uri: str
    client: str
    client_uri: str
    resource: str
    scope: str
    origin: str
    given: str


@dataclass(frozen=True, slots=True)
class ConsentsPage:
    """The list."""

    consents: tuple[ConsentEntry, ...]
    list: ListFrame
    may_manage: bool
    bulk_uri: str
    api_path: str


async def consents(visit: ConsoleVisit) -> WireResponse:
    """All that people allowed, the newest first."""
    known = await resources.list_resources(visit.tenant.id)
    named = tuple((found.identifier, plain(found.display_name, MAX_NAME_LENGTH)) for found in known)
    options = (ANY, (THE_TENANT, mark("this tenant")), *named)
    asked = read_list(visit, Filter("resource", mark("Resource"), options), Filter("since", mark("Given"), SINCE))
    found = await acts.consents(visit.operator, visit.tenant, _filter(visit, asked), asked.paging)
    page = ConsentsPage(
        consents=_entries(visit, found.items),
        list=asked.frame(found.next_cursor),
        may_manage=visit.may(Permission.MANAGE_USERS),
        bulk_uri=visit.uri("consents", "bulk"),
        api_path=visit.api("consents"),
    )
    return draw(visit, "admin/consents/list.html", page, headers=asked.headers)


def _filter(visit: ConsoleVisit, asked: ListQuery) -> ConsentFilter:
    resource = asked.value("resource")
    return ConsentFilter(
        resource="" if resource == THE_TENANT else resource,
        since=begin_of(asked.value("since"), visit.now),
        search=asked.search or None,
    )


def _entries(visit: ConsoleVisit, lines: Iterable[ConsentLine]) -> tuple[ConsentEntry, ...]:
    """One entry for what was allowed at one go: its permissions stand one after the other."""
    found: list[ConsentEntry] = []
    for line in lines:
        entry = _entry(visit, line)
        if found and replace(found[-1], scope="") == replace(entry, scope=""):
            found[-1] = replace(entry, scope=" ".join(sorted({*found[-1].scope.split(), entry.scope} - {""})))
        else:
            found.append(entry)
    return tuple(found)


def _entry(visit: ConsoleVisit, line: ConsentLine) -> ConsentEntry:
    return ConsentEntry(
        bond=f"{ids.to_short(line.user_id)}.{ids.to_short(line.client_pk)}",
        person=plain(line.username, MAX_NAME_LENGTH),
        person_uri=visit.uri("users", line.user_id, "grants"),
        client=plain(line.client_name, MAX_NAME_LENGTH) or plain(line.client_id, MAX_LINE_LENGTH),
        client_uri=visit.uri("clients", line.client_pk, "grants"),
        resource=plain(line.resource, MAX_LINE_LENGTH),
        scope=line.scope or "",
        origin=plain(line.redirect_origin, MAX_LINE_LENGTH),
        given=visit.language.time(line.created_at),
    )


ROWS = (shows("/t/<tenant>/consents", consents),)
