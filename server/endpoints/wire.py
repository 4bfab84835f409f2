"""What an endpoint takes and gives, free of any framework."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson

from server import sessions
from server.interactions import Visit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.interactions import SendTo
    from server.kernel.clock import Instant
    from server.tenants import Tenant

Headers = tuple[tuple[bytes, bytes], ...]

JSON: Headers = ((b"content-type", b"application/json"),)
NO_STORE: Headers = ((b"cache-control", b"no-store"), (b"pragma", b"no-cache"))


@dataclass(frozen=True, slots=True)
class WireRequest:
    """One request to one tenant's endpoint. Header names are lower-case; a header sent twice is joined by ", "."""

    method: str
    tenant: Tenant
    query: bytes
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    now: Instant
    remote_address: str
    secure: bool  # the public URL is https: cookies are __Host- and Secure
    limited: bool = True  # guesses and registrations are counted
    segment: str = ""  # of the path, where an endpoint leaves one open

    @property
    def visit(self) -> Visit:
        """The request as that of a person's browser."""
        return Visit(
            tenant=self.tenant,
            browser=sessions.read_browser(self.headers.get("cookie"), self.tenant.id, secure=self.secure),
            remote_address=self.remote_address,
            secure=self.secure,
            limited=self.limited,
            now=self.now,
            accept_language=self.headers.get("accept-language"),
        )


@dataclass(frozen=True, slots=True)
class WireResponse:
    """A complete response."""

    status: int
    headers: Headers = ()
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """A refusal that a person reads; hosting hands it to the renderer that the composition root was given."""

    code: str
    status: int
    # Where the person may still choose to go on, never followed by itself.
    continue_uri: str | None = None
    ui_locales: tuple[str, ...] = ()  # the languages that the client asked for, best first
    headers: Headers = ()
    topic: str | None = None  # what the page says, where the code alone would say too little


def json_response(document: object, status: int = 200, headers: Headers = NO_STORE) -> WireResponse:
    """A JSON response; not to be stored by anyone unless the headers say otherwise."""
    return WireResponse(status, JSON + headers, orjson.dumps(document))


def empty_response(status: int = 200) -> WireResponse:
    """A response without content, not to be stored."""
    return WireResponse(status, NO_STORE)


def redirect(location: str, status: int = 303, headers: Headers = ()) -> WireResponse:
    """A redirect to a page or an endpoint of ours, that nobody stores. Whoever leaves is sent by `send_away`."""
    fields = ((b"location", location.encode("ascii")), (b"referrer-policy", b"no-referrer"))
    return WireResponse(status, NO_STORE + fields + headers)


def send_away(leave: SendTo, headers: Headers = ()) -> WireResponse:
    """A redirect to where trust lets people go, which tells the destination nothing of where it came from."""
    return redirect(leave.destination_uri, headers=headers)
