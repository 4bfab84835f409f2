"""What the error pages show: a sentence for every code, never a word of the request."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from server.protocol.errors import InvalidRedirectUri
from server.protocol.redirect_uris import check_redirect_uri
from web.foreign_text import plain
from web.localization import mark

OTHER = (
    mark("This request cannot be answered"),
    mark("The application sent a request that does not fit. Go back to it and start again."),
)

# What a person can make of an error code, or of a topic that says more: a heading and a sentence.
SENTENCES = {
    "access_denied": (
        mark("Access was not allowed"),
        mark("Nothing was shared with the application."),
    ),
    "client_blocked": (
        mark("This application is blocked here"),
        mark("An administrator does not let it in. If you need it, ask them; the application itself can do nothing."),
    ),
    "client_quarantined": (
        mark("This application waits for an administrator"),
        mark("Nobody may use it until they have looked at it. Ask them, or try again later."),
    ),
    "blocked_destination": (
        mark("This destination is blocked"),
        mark(
            "The application wants to send you to a place where nobody is sent from here. For your safety you stay "
            "here, and nothing was shared."
        ),
    ),
    "consent_required": (
        mark("You have to be asked first"),
        mark("The application asked not to show you any page, but your consent is needed. Start again from it."),
    ),
    "interaction_required": (
        mark("You have to be asked first"),
        mark(
            "The application asked not to show you any page, but you have to see where it leads. Start again from it."
        ),
    ),
    "invalid_client": (
        mark("This application is not known here any more"),
        mark(
            "The connection that it remembers has been removed. In the application, remove the connection and add it "
            "again; then it registers anew. If that does not help, ask whoever provides it."
        ),
    ),
    "invalid_redirect_uri": (
        mark("This destination is not registered"),
        mark("The application wants to send you somewhere it never registered. For your safety you stay here."),
    ),
    "invalid_scope": (
        mark("The application asked for too much"),
        mark("It wants permissions that it may not have. Ask whoever provides it."),
    ),
    "invalid_target": (
        mark("This service is not known here"),
        mark(
            "The application wants to reach something that is not connected to this sign-in. Ask whoever provides it."
        ),
    ),
    "login_required": (
        mark("You have to sign in first"),
        mark("The application asked not to show you any page, but nobody is signed in. Start again from it."),
    ),
    "method_not_allowed": (
        mark("This page cannot be reached like that"),
        mark("Go back to the application and start again."),
    ),
    "not_found": (
        mark("There is no page here"),
        mark("Check the address, or go back to the application and start again."),
    ),
    "request_too_large": (
        mark("That was too much"),
        mark("The form was larger than anything this page asks for."),
    ),
    "server_error": (
        mark("Something went wrong on our side"),
        mark("It was noted down. Please try again; if it stays, tell your administrator the reference below."),
    ),
    "temporarily_unavailable": (
        mark("Too busy at the moment"),
        mark("Many people are signing in right now. Wait a few seconds, then load this page again."),
    ),
    "too_many_requests": (
        mark("Too many requests"),
        mark("Wait a while, then load this page again."),
    ),
    "unauthorized_client": (
        mark("The application may not do this"),
        mark("It is known here, but not for this kind of sign-in. Ask whoever provides it."),
    ),
}


@dataclass(frozen=True, slots=True)
class ErrorContext:
    """An error page. Heading and sentence are in English; the template translates them."""

    code: str
    heading: str
    sentence: str
    reference: str
    continue_uri: str | None
    continue_host: str


def error_context(code: str, continue_uri: str | None, reference: str, topic: str | None = None) -> ErrorContext:
    """The page of an error code, or of a topic; a way on is offered only where a browser may be sent at all."""
    heading, sentence = SENTENCES.get(topic or code, OTHER)
    target = continue_uri if continue_uri and _is_reachable(continue_uri) else None
    return ErrorContext(code, heading, sentence, reference, target, place_name(target) if target else "")


def place_name(uri: str) -> str:
    """The host of a URI, or its scheme where it has no host."""
    parts = urlsplit(uri)
    return plain(parts.netloc or f"{parts.scheme}:")


def _is_reachable(uri: str) -> bool:
    try:
        check_redirect_uri(uri)
    except InvalidRedirectUri:
        return False
    return True
