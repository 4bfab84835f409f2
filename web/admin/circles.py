"""A circle is a role or a group, as far as people have the one and are in the other: several are added or taken out.

What is done is previewed first; who it cannot be done to is skipped, and the page says why.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wtforms import TextAreaField

from server import users
from server.administration import Permission
from server.administration import users as user_acts
from server.administration.finding import Unknown, version_of
from server.kernel import ids
from web.admin.bulk import GONE, MOST, BulkLine, BulkPage, check_number, draw_bulk
from web.admin.forms import ConsoleForm, words_of
from web.admin.frame import draw
from web.admin.listing import read_list, selected_ids
from web.admin.notices import done
from web.admin.tabs import tabs_at
from web.admin.users.contexts import person_entry
from web.foreign_text import MAX_LINE_LENGTH, plain
from web.localization import mark

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
    from uuid import UUID

    from server.endpoints.wire import WireResponse
    from server.projections import PersonFilter
    from server.roles import Group, Role
    from web.admin.listing import ListFrame
    from web.admin.users.contexts import PersonEntry
    from web.admin.visit import ConsoleVisit

ADD, TAKE = "add", "take"
NOBODY = mark("nobody is called like that")


class NamesForm(ConsoleForm):
    """People by what they are called at the login."""

    people = TextAreaField(mark("Usernames or email addresses"))

    def validate_people(self, field: TextAreaField) -> None:
        """Some, and as many as can be shown."""
        check_number(words_of(field.data))


@dataclass(frozen=True, slots=True)
class Kind:
    """Where the pages of roles, or of groups, are; each of `tabs` is a label in English and a path."""

    path: str
    tabs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CircleHead:
    """What stands above every page of a role or a group; `tabs` are label, uri, whether it is shown."""

    name: str
    description: str
    uri: str
    list_uri: str
    api_path: str
    version: str
    may_manage: bool
    tabs: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True, slots=True)
class Circle:
    """A role or a group, and what is done to its people: acts, and words for them in English, by `ADD` and `TAKE`."""

    head: CircleHead
    template: str
    people_uri: str
    api_path: str
    shown: PersonFilter  # who is of it
    titles: Mapping[str, str]
    reasons: Mapping[str, str]  # why somebody is skipped
    among: Callable[[Collection[UUID]], Awaitable[frozenset[UUID]]]
    acts: Mapping[str, Callable[[Collection[UUID]], Awaitable[int]]]


@dataclass(frozen=True, slots=True)
class CirclePage:
    """Whoever is of it, and who is to be added."""

    head: CircleHead
    people: tuple[PersonEntry, ...]
    list: ListFrame
    form: NamesForm
    api_path: str


def head_of(visit: ConsoleVisit, kind: Kind, thing: Role | Group, api_path: str, shown: str) -> CircleHead:
    """The head of a page; `shown` is the tab's path."""
    uri = visit.uri(kind.path, thing.id)
    return CircleHead(
        name=plain(thing.name, MAX_LINE_LENGTH),
        description=plain(thing.description, MAX_LINE_LENGTH),
        uri=uri,
        list_uri=visit.uri(kind.path),
        api_path=api_path,
        version=version_of(thing),
        may_manage=visit.may(Permission.MANAGE_USERS),
        tabs=tabs_at(uri, kind.tabs, shown),
    )


async def show(visit: ConsoleVisit, circle: Circle) -> WireResponse:
    """Who is of it."""
    return await _draw_people(visit, circle, NamesForm(), 200)


async def preview_adding(visit: ConsoleVisit, circle: Circle) -> WireResponse:
    """Who would be added, of those who are called as was typed."""
    form = NamesForm(visit.form)
    if not form.validate():
        return await _draw_people(visit, circle, form, 422)
    names = words_of(form.people.data)
    found = [await users.find_by_identifier(visit.tenant.id, name) for name in names]
    nobody = tuple(
        BulkLine("", plain(name, MAX_LINE_LENGTH), NOBODY)
        for name, user in zip(names, found, strict=True)
        if user is None
    )
    lines = await _lines(visit, circle, ADD, [user.id for user in found if user])
    return _draw_preview(visit, circle, ADD, (*lines, *nobody))


async def preview_taking_out(visit: ConsoleVisit, circle: Circle) -> WireResponse:
    """Who of the ticked would be taken out."""
    lines = await _lines(visit, circle, TAKE, selected_ids(visit)[:MOST])
    if not lines:
        return done(visit, circle.people_uri, "unchanged")
    return _draw_preview(visit, circle, TAKE, lines)


async def run(visit: ConsoleVisit, circle: Circle) -> WireResponse:
    """Do what was previewed."""
    act = visit.form.get("act", "")
    if act not in circle.acts:
        raise Unknown
    lines = await _lines(visit, circle, act, selected_ids(visit)[:MOST])
    chosen = [user_id for line in lines if not line.skipped and (user_id := ids.from_short(line.id))]
    await circle.acts[act](chosen)
    if any(line.skipped for line in lines):
        return _draw_preview(visit, circle, act, lines, is_done=True)
    return done(visit, circle.people_uri, "saved" if lines else "unchanged")


async def _lines(visit: ConsoleVisit, circle: Circle, act: str, user_ids: Sequence[UUID]) -> tuple[BulkLine, ...]:
    chosen = tuple(dict.fromkeys(user_ids))
    within = await circle.among(chosen) if chosen else frozenset()
    is_skipped = {user_id: (user_id in within) == (act == ADD) for user_id in chosen}
    reason = circle.reasons[act]
    return tuple([await _line(visit, user_id, reason if is_skipped[user_id] else None) for user_id in chosen])


async def _line(visit: ConsoleVisit, user_id: UUID, reason: str | None) -> BulkLine:
    try:
        user = await user_acts.get(visit.operator, visit.tenant, user_id)
    except Unknown:
        return BulkLine(ids.to_short(user_id), "", GONE)
    return BulkLine(ids.to_short(user_id), plain(user.username, MAX_LINE_LENGTH), reason)


async def _draw_people(visit: ConsoleVisit, circle: Circle, form: NamesForm, status: int) -> WireResponse:
    asked = read_list(visit)
    shown = replace(circle.shown, search=asked.search or None)
    found = await user_acts.page(visit.operator, visit.tenant, shown, asked.paging)
    people = tuple(person_entry(visit, line) for line in found.items)
    page = CirclePage(circle.head, people, asked.frame(found.next_cursor), form, circle.api_path)
    return draw(visit, circle.template, page, status=status, headers=asked.headers)


def _draw_preview(
    visit: ConsoleVisit, circle: Circle, act: str, lines: tuple[BulkLine, ...], *, is_done: bool = False
) -> WireResponse:
    page = BulkPage(
        title=circle.titles[act],
        subject=mark("Username"),
        list_label=circle.head.name,
        list_uri=circle.people_uri,
        action=f"{circle.people_uri}/run",
        lines=lines,
        is_done=is_done,
        act=act,
        is_grave=act == TAKE,
    )
    return draw_bulk(visit, page)
