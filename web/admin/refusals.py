"""What the console answers instead of a page: one layout, a heading and a sentence, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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


def _refuse(visit: ConsoleVisit, status: int, code: str, heading: str, sentence: str) -> WireResponse:
    return draw(visit, "admin/refusal.html", RefusalPage(code, heading, sentence), status=status)
