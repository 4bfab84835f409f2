"""Importing people from CSV: first what would be made of it, then it is done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wtforms import TextAreaField
from wtforms.validators import InputRequired

from server import users
from server.administration import Permission
from server.administration import groups as group_acts
from server.administration import roles as role_acts
from server.administration import users as acts
from server.kernel.database import AlreadyExists
from server.users import InvalidUser
from web.admin.forms import ConsoleForm
from web.admin.frame import draw
from web.admin.new_user.reading import BAD_NAME, Defined, Fault, PersonLine, UnreadableFile, read_people
from web.admin.rows import does, shows
from web.foreign_text import MAX_LINE_LENGTH, MAX_NAME_LENGTH, plain
from web.localization import mark

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from web.admin.visit import ConsoleVisit

LARGEST_FORM = 512 * 1024
TAKEN = mark("is here already")


class ImportForm(ConsoleForm):
    """The text of the file."""

    people = TextAreaField(mark("People as CSV"), [InputRequired(mark("Enter the text, or choose a file."))])


@dataclass(frozen=True, slots=True)
class ImportLine:
    """One line of the file, and why it is skipped."""

    number: int
    username: str
    skipped: Fault | None


@dataclass(frozen=True, slots=True)
class ImportPage:
    """The form; after it was sent what would be made of it, and at last what was."""

    form: ImportForm
    lines: tuple[ImportLine, ...]
    is_done: bool
    list_uri: str
    api_path: str

    @property
    def count(self) -> int:
        """How many people are, or would be, made."""
        return sum(line.skipped is None for line in self.lines)


async def ask(visit: ConsoleVisit) -> WireResponse:
    """Where the file goes."""
    return _draw(visit, ImportForm())


async def upload(visit: ConsoleVisit) -> WireResponse:
    """Preview the file; once that was seen, make the people. Whoever cannot be made is skipped, and said."""
    form = ImportForm(visit.form)
    is_seen = visit.form.get("seen") == "y"
    if not form.validate():
        return _draw(visit, form, status=422)
    defined = Defined(
        await role_acts.names(visit.operator, visit.tenant), await group_acts.names(visit.operator, visit.tenant)
    )
    try:
        read = read_people(form.people.data or "", defined)
    except UnreadableFile as error:
        form.blame("people", str(error))
        return _draw(visit, form, status=422)
    lines = tuple([await (_make if is_seen else _check)(visit, line) for line in read])
    return _draw(visit, form, lines, is_done=is_seen)


async def _check(visit: ConsoleVisit, line: PersonLine) -> ImportLine:
    shown = _shown(line)
    names = [name for name in (line.username, line.email) if name]
    if not shown.skipped and any([await users.find_by_identifier(visit.tenant.id, name) for name in names]):
        return replace(shown, skipped=Fault(TAKEN))
    return shown


async def _make(visit: ConsoleVisit, line: PersonLine) -> ImportLine:
    shown = _shown(line)
    if shown.skipped:
        return shown
    new = users.new_user(visit.tenant.id, line.username, origin=visit.operator.origin, now=visit.now)
    user = replace(new, email=line.email, email_verified=line.email_verified, name=line.name)
    try:
        await acts.add(
            visit.operator,
            visit.tenant,
            user,
            visit.now,
            password_hash=None,
            role_names=line.roles,
            group_names=line.groups,
        )
    except AlreadyExists:
        return replace(shown, skipped=Fault(TAKEN))
    except InvalidUser:
        return replace(shown, skipped=Fault(BAD_NAME))
    return shown


def _shown(line: PersonLine) -> ImportLine:
    wrong = line.wrong and replace(line.wrong, name=plain(line.wrong.name, MAX_LINE_LENGTH))
    return ImportLine(line.number, plain(line.username, MAX_NAME_LENGTH), wrong)


def _draw(
    visit: ConsoleVisit,
    form: ImportForm,
    lines: tuple[ImportLine, ...] = (),
    *,
    is_done: bool = False,
    status: int = 200,
) -> WireResponse:
    page = ImportPage(form, lines, is_done, visit.uri("users"), visit.api("users"))
    return draw(visit, "admin/new_user/import.html", page, status=status)


ROWS = (
    shows("/t/<tenant>/users/import", ask, Permission.MANAGE_USERS),
    replace(does("/t/<tenant>/users/import", upload, Permission.MANAGE_USERS), max_form=LARGEST_FORM),
)
