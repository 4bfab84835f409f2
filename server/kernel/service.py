"""A service over HTTP that the installation itself names, wherever it is: asked for JSON, within a time.

The operator chose the address, so that it may be inside, where nobody else's choice leads (outbound.py). All else is
as there: no redirects, no cookies, sizes and times bounded, certificates checked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import UUID

from .hosts import is_loopback_host
from .json import dump_json, load_json
from .outbound import Errand, Outbound
from .outbound_network import SystemResolver

if TYPE_CHECKING:
    from .json import JsonValue

MAX_BYTES = 4096
DEFAULT_MILLISECONDS, MOST_MILLISECONDS = 500, 5000
_NOBODY = UUID(int=0)  # nothing is counted, on whosever behalf it is


@dataclass(frozen=True, slots=True)
class Service:
    """Where it is, what it is shown to let us in, and how many seconds it has."""

    url: str
    token: str | None = field(repr=False)
    seconds: float


class ServiceClient:
    """Asks one service. One for each process."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._outbound = Outbound(SystemResolver(), allow_private=True, limited=False)

    async def ask(self, question: dict[str, JsonValue]) -> JsonValue:
        """Its answer to a POST of JSON; raises FetchFailed, and ValueError for what is no JSON."""
        service = self._service
        headers = {"content-type": "application/json", "accept": "application/json"}
        if service.token is not None:
            headers["authorization"] = f"Bearer {service.token}"
        errand = Errand(
            service.url,
            _NOBODY,
            MAX_BYTES,
            method="POST",
            headers=headers,
            body=dump_json(question).encode(),
            step_seconds=service.seconds,
            total_seconds=service.seconds,
        )
        return load_json((await self._outbound.run(errand)).body)

    def close(self) -> None:
        """Ask no more."""
        self._outbound.close()


def parse_service(url: str, token: str | None, milliseconds: str | None) -> Service:
    """Read what the environment says of a service; raises ValueError, whose message quotes nothing."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("not a URL") from None
    if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc or not url.isascii():
        raise ValueError("must be an http or https URL with a host and without a user")
    if token and parts.scheme == "http" and not is_loopback_host(host):
        raise ValueError("must be https where a token is sent")
    if token and not (token.isascii() and token.isprintable()):
        raise ValueError("its token must be printable ASCII")
    text = milliseconds or str(DEFAULT_MILLISECONDS)
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_MILLISECONDS):
        raise ValueError(f"its timeout must be a number of milliseconds from 1 to {MOST_MILLISECONDS}")
    return Service(url, token, int(text) / 1000)
