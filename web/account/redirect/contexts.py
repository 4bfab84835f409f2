"""What the pages of the redirect step show."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from web.account.place import Place, place_of
from web.foreign_text import MAX_NAME_LENGTH, plain
from web.trust_sentences import sentence_of

if TYPE_CHECKING:
    from server.interactions import HeldView, RedirectView


@dataclass(frozen=True, slots=True)
class Client:
    """Who wants to have the person there: by name when an administrator vouched for it, else as it calls itself."""

    name: str
    verified: bool


@dataclass(frozen=True, slots=True)
class RedirectPage:
    """The destination page. Sentences are in English; the template translates them."""

    csrf: str = field(repr=False)
    place: Place
    client: Client
    reasons: tuple[str, ...]
    message: str | None = None


@dataclass(frozen=True, slots=True)
class HeldPage:
    """The held page. Sentences are in English; the template translates them."""

    csrf: str = field(repr=False)
    place: Place
    client: Client
    reasons: tuple[str, ...]
    too_many: bool
    is_mailed: bool


@dataclass(frozen=True, slots=True)
class CancelledPage:
    """The page of somebody who stayed."""

    reported: bool


def redirect_page(view: RedirectView, csrf: str, message: str | None = None) -> RedirectPage:
    """Where the person is about to go, and why that is asked."""
    return RedirectPage(csrf, place_of(view.destination), _client(view), _reasons(view), message)


def held_page(view: HeldView, csrf: str) -> HeldPage:
    """Where the person cannot go yet, and why."""
    return HeldPage(csrf, place_of(view.destination), _client(view), _reasons(view), view.too_many, view.is_mailed)


def _client(view: RedirectView | HeldView) -> Client:
    return Client(plain(view.client_name, MAX_NAME_LENGTH), view.verified)


def _reasons(view: RedirectView | HeldView) -> tuple[str, ...]:
    return tuple(sentence_of(signal) for signal in view.reasons)
