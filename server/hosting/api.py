"""The administration API behind the dispatcher: its requests are read, its refusals to read are problems."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from server.api import MAX_BODY, ApiRequest, StreamedResponse, Surroundings, answer, problem_response
from server.endpoints.wire import WireResponse
from server.kernel import clock, txt_records
from server.protocol.errors import OAuthError

from . import arrival

if TYPE_CHECKING:
    from server.kernel.txt_records import ReadTxt
    from server.settings import Settings

    from .asgi import Receive, Scope
    from .head import Head


async def respond(
    settings: Settings, scope: Scope, head: Head, receive: Receive
) -> WireResponse | StreamedResponse | None:
    """The response; None when the client went away."""
    try:
        body = await arrival.read_body(receive, head.headers, MAX_BODY) if head.has_body else b""
    except arrival.ClientGone:
        return None
    except OAuthError as error:
        refusal = problem_response(error)
        # The connection cannot be used again: the rest of the body is still on its way.
        return WireResponse(refusal.status, (*refusal.headers, (b"connection", b"close")), refusal.body)
    raw = scope.get("raw_path")
    return await answer(
        ApiRequest(
            method=head.method,
            # Names in the path may hold a slash of their own, which only the raw path tells from the others.
            path=raw.partition(b"?")[0].decode("latin-1") if isinstance(raw, bytes) and raw else head.path,
            query=head.query,
            headers=head.headers,
            body=body,
            remote_address=head.remote_address,
            public_url=settings.public_url,
            limited=settings.rate_limits,
            now=clock.now(),
            surroundings=Surroundings(read_txt, settings.allow_private_metadata_hosts),
        )
    )


async def read_txt(name: str) -> tuple[str, ...]:
    """The TXT records of a name, by the name servers that this machine is set up with."""
    return await _reader()(name)


@lru_cache(maxsize=1)
def _reader() -> ReadTxt:
    return txt_records.reader()
