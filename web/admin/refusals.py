"""What the console answers instead of a page: one layout, a heading and a sentence, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.administration.streams import RETRY_AFTER
from web.admin.frame import draw
from web.localization import mark

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from web.admin.visit import ConsoleVisit


@dataclass(frozen=True, slots=True)
class RefusalPage:
    """Heading and sentence are in English; the template translates them."""

    code: str
    heading: str
    sentence: str


def not_there(visit: ConsoleVisit) -> WireResponse:
    """404: there is no such thing, or none that this person may know of."""
    return _refuse(visit, 404, "not_found", mark("There is nothing here"), mark("It was removed, or never was here."))


def refused(visit: ConsoleVisit) -> WireResponse:
    """403: their roles do not allow it."""
    sentence = mark("Your roles do not include this. An owner of the tenant can give you more.")
    return _refuse(visit, 403, "access_denied", mark("You may not do this"), sentence)


def reserved(visit: ConsoleVisit, why: str) -> WireResponse:
    """409: Latchkey needs it as it is."""
    del why  # for the log of whoever calls; people read the sentence
    sentence = mark("Latchkey itself needs it as it is. Nothing was changed.")
    return _refuse(visit, 409, "reserved", mark("This stays as it is"), sentence)


def outdated(visit: ConsoleVisit) -> WireResponse:
    """403: the form was drawn for another sign-in."""
    sentence = mark("Somebody signed in anew since it was drawn. Go back, load it again, and send it once more.")
    return _refuse(visit, 403, "outdated", mark("This page was out of date"), sentence)


def no_seat_here(visit: ConsoleVisit) -> WireResponse:
    """403: a person of the system tenant without any membership."""
    sentence = mark("You are signed in, but nobody made you an administrator of anything yet.")
    return _refuse(visit, 403, "access_denied", mark("Nothing to administer"), sentence)


def too_many_streams(visit: ConsoleVisit, *, ours: bool) -> WireResponse:
    """429, or 503 when others hold what this process has: as many live pages and exports as there may be are open."""
    sentence = mark("As many live pages and exports as there may be are open. Close one, or come back later.")
    page = RefusalPage("too_many_streams", mark("Too much is open at once"), sentence)
    headers = ((b"retry-after", str(RETRY_AFTER).encode("ascii")),)
    return draw(visit, "admin/refusal.html", page, status=503 if ours else 429, headers=headers)


def _refuse(visit: ConsoleVisit, status: int, code: str, heading: str, sentence: str) -> WireResponse:
    return draw(visit, "admin/refusal.html", RefusalPage(code, heading, sentence), status=status)
