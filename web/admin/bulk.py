"""One act on many things: first what would be done and what not and why, then it is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wtforms.validators import ValidationError

from web.admin.frame import draw
from web.localization import mark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server.endpoints.wire import WireResponse
    from web.admin.visit import ConsoleVisit

MOST = 200  # as many as a list shows

ALREADY = mark("is so already")
GONE = mark("is gone")


@dataclass(frozen=True, slots=True)
class BulkLine:
    """One thing and what happens to it; a reason to skip it is in English."""

    id: str
    name: str
    skipped: str | None = None
    outcome: str = ""  # more than the title says, in the person's language


@dataclass(frozen=True, slots=True)
class BulkPage:
    """What would be done, or was left out when it was done. Title, subject and the list's label are in English."""

    title: str
    subject: str  # what a line is about
    list_label: str
    list_uri: str
    action: str
    lines: tuple[BulkLine, ...]
    is_done: bool = False
    act: str = ""
    fields: tuple[tuple[str, str], ...] = ()  # what the form sends besides
    asked_name: str = ""  # has to be typed; empty: nothing has
    is_grave: bool = False
    more: bool = False  # there is more than is done at once
    error: str = ""

    @property
    def count(self) -> int:
        """How many things it happens to."""
        return sum(line.skipped is None for line in self.lines)


def check_number(typed: Sequence[str]) -> None:
    """Raise ValidationError unless something was typed, and no more than is done at once."""
    if not typed:
        raise ValidationError(mark("Enter at least one."))
    if len(typed) > MOST:
        raise ValidationError(mark("These are too many at once: at most 200."))


def draw_bulk(visit: ConsoleVisit, page: BulkPage) -> WireResponse:
    """Draw it; 422 when what had to be typed was not."""
    return draw(visit, "admin/bulk.html", page, status=422 if page.error else 200)


def is_confirmed(visit: ConsoleVisit, name: str) -> bool:
    """Whether the name that was asked for was typed."""
    return (visit.form.get("confirmation") or "").strip() == name
