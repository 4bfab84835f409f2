"""What every list of the console reads from its URL, and how it leads on: search, filters, lines a page, cursor.

A page of a list can be bookmarked and sent to somebody else; how many lines a page has is remembered by a cookie.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from server import sessions
from server.administration.finding import Unknown
from server.kernel import ids
from server.kernel.clock import DAY
from server.kernel.paging import Paging
from server.sessions import CookieKind
from web.localization import mark
from web.requests import cookie_headers

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from server.endpoints.wire import Headers
    from server.kernel.clock import Instant
    from web.admin.visit import ConsoleVisit

SIZES = (25, 50, 100, 200)
DEFAULT_SIZE = 50
LONGEST_SEARCH = 200

# The options of a filter by time: days back from now.
SINCE = (
    ("", mark("any time")),
    ("1", mark("since yesterday")),
    ("7", mark("in the last 7 days")),
    ("30", mark("in the last 30 days")),
    ("365", mark("in the last year")),
)


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter of a list: its options are pairs of a value in the URL, empty for all, and what it is called.

    Without options it is typed, into a field of this type.
    """

    name: str
    label: str
    options: tuple[tuple[str, str], ...] = ()
    value: str = ""
    type: str = "text"


@dataclass(frozen=True, slots=True)
class ListFrame:
    """What stands around the lines of a list."""

    uri: str
    search: str
    filters: tuple[Filter, ...]
    size: int
    sizes: tuple[int, ...] = SIZES
    first_uri: str | None = None
    next_uri: str | None = None

    @property
    def is_narrowed(self) -> bool:
        """Whether there may be more than what is shown: something was searched or filtered."""
        return bool(self.search) or any(found.value for found in self.filters)


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What was asked of a list; unknown values of filters count as absent."""

    uri: str
    search: str
    filters: tuple[Filter, ...]
    paging: Paging
    headers: Headers

    def value(self, name: str) -> str | None:
        """The value of a filter, None for all."""
        return next((found.value or None for found in self.filters if found.name == name), None)

    def frame(self, next_cursor: str | None) -> ListFrame:
        """What stands around the page that was found."""
        size = self.paging.limit
        return ListFrame(
            uri=self.uri,
            search=self.search,
            filters=self.filters,
            size=size,
            first_uri=self._at(None) if self.paging.cursor else None,
            next_uri=self._at(next_cursor) if next_cursor else None,
        )

    def _at(self, cursor: str | None) -> str:
        values = {"q": self.search, **{found.name: found.value for found in self.filters}, "after": cursor or ""}
        kept = {name: value for name, value in values.items() if value}
        return f"{self.uri}?{urlencode(kept)}" if kept else self.uri


def read_list(visit: ConsoleVisit, *filters: Filter) -> ListQuery:
    """What the URL asks of a list with these filters."""
    query = visit.query
    size = _size(query.get("size") or visit.site.browser.page_size)
    chosen = tuple(_chosen(known, query.get(known.name, "")) for known in filters)
    search = _typed(query.get("q", ""))
    return ListQuery(visit.path, search, chosen, Paging(size, query.get("after") or None), _remember(visit, size))


def selected(visit: ConsoleVisit) -> Sequence[str]:
    """The lines that were ticked in a list's form."""
    return visit.form.getlist("selected")


def selected_ids(visit: ConsoleVisit, name: str = "selected") -> list[UUID]:
    """The same where lines are named by ids; raises Unknown for what is none."""
    found = [ids.from_short(short) for short in visit.form.getlist(name)]
    if None in found:
        raise Unknown
    return [known for known in found if known is not None]


def begin_of(since: str | None, now: Instant) -> Instant | None:
    """When the time begins that an option of `SINCE` names; None: no matter when."""
    return now - int(since) * DAY if since and since in dict(SINCE) else None


def _chosen(known: Filter, value: str) -> Filter:
    if not known.options:
        return replace(known, value=_typed(value))
    is_known = value in {option for option, _ in known.options}
    return replace(known, value=value if is_known else "")


def _typed(text: str) -> str:
    return text.replace("\x00", "").strip()[:LONGEST_SEARCH]


def _size(text: str | None) -> int:
    return next((size for size in SIZES if text == str(size)), DEFAULT_SIZE)


def _remember(visit: ConsoleVisit, size: int) -> Headers:
    site = visit.site
    if "size" not in visit.query or site.browser.page_size == str(size):
        return ()
    cookie = sessions.set_cookie(site.system.id, CookieKind.PAGE_SIZE, str(size), secure=site.secure)
    return cookie_headers((cookie,))
