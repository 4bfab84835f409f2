"""Asking others over HTTP, at addresses that strangers choose, without being turned against what is inside.

Resolved once and connected to exactly what was looked at (outbound_network); no redirects, cookies, proxies or
compression; sizes, times and numbers bounded; certificates checked against the name, with the authorities that
`SSL_CERT_FILE` names or the system's.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

import httpcore2
import httpx2

from . import outbound_limits
from .outbound_limits import Gate
from .outbound_network import ForbiddenAddress, PinnedBackend, Resolver, SystemResolver, Unresolved, checked_addresses

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping
    from uuid import UUID

OK = 200
AGENT = "Latchkey"
DEFAULT_PORTS = {"https": 443, "http": 80}


class Trouble(StrEnum):
    """Why nothing was fetched, by stable names."""

    URL = "url"  # not an address that we ask at all
    UNRESOLVED = "unresolved"
    FORBIDDEN_ADDRESS = "forbidden_address"
    UNREACHABLE = "unreachable"  # TLS included: a certificate for another name is nobody we know
    TIMED_OUT = "timed_out"
    PROTOCOL = "protocol"  # not HTTP, or an encoding that we did not ask for
    STATUS = "status"
    TOO_LARGE = "too_large"
    TOO_OFTEN = "too_often"


class FetchFailed(Exception):
    """Nothing usable came back. The message says more, for the log, and holds no address."""

    def __init__(self, trouble: Trouble, why: str) -> None:
        super().__init__(f"{trouble.value}: {why}")
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class Errand:
    """One request and what it may cost. Times are in seconds; header names are lower-case."""

    url: str
    tenant_id: UUID  # on whose behalf, for counting
    max_bytes: int
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    statuses: frozenset[int] = frozenset({OK})  # every other one is a failure; redirects are never followed
    step_seconds: float = 3
    total_seconds: float = 6


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer within the bounds. Header names are lower-case; the last of equal ones counts."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def media_type(self) -> str:
        """The content type without parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class OutboundSettings(Protocol):
    """What must be known to ask others."""

    @property
    def allow_private_metadata_hosts(self) -> bool:
        """Whether loopback and private addresses may be asked, and http: development and tests."""

    @property
    def lockout(self) -> bool:
        """Whether requests are counted."""


class Outbound:
    """Runs errands. One for each process."""

    def __init__(self, resolver: Resolver, *, allow_private: bool, limited: bool) -> None:
        self._resolver = resolver
        self._allow_private = allow_private
        self._limited = limited
        self._gate = Gate()
        self._tls: ssl.SSLContext | None = None

    async def run(self, errand: Errand) -> Fetched:
        """The answer; raises FetchFailed, and StateUnavailable where counts are kept elsewhere."""
        scheme, host, port, url = self._read(errand.url)
        if self._limited and await outbound_limits.is_too_often(errand.tenant_id, host):
            raise FetchFailed(Trouble.TOO_OFTEN, "more requests than we send in a minute")
        try:
            async with asyncio.timeout(errand.total_seconds), self._gate.passed(host):
                addresses = await self._addresses(host, port, errand.step_seconds)
                return await self._ask(errand, PinnedBackend(addresses), url, _host_field(scheme, host, port))
        except (TimeoutError, httpcore2.TimeoutException) as error:
            raise FetchFailed(Trouble.TIMED_OUT, type(error).__name__) from error
        except (Unresolved, ForbiddenAddress) as error:
            forbidden = isinstance(error, ForbiddenAddress)
            trouble = Trouble.FORBIDDEN_ADDRESS if forbidden else Trouble.UNRESOLVED
            raise FetchFailed(trouble, "the host cannot be asked") from error
        except httpcore2.ProtocolError as error:
            raise FetchFailed(Trouble.PROTOCOL, type(error).__name__) from error
        except (httpcore2.NetworkError, OSError) as error:
            raise FetchFailed(Trouble.UNREACHABLE, type(error).__name__) from error
        except ValueError as error:
            raise FetchFailed(Trouble.URL, "a host that no certificate could name") from error

    def close(self) -> None:
        """Stop resolving; errands under way end by themselves."""
        self._resolver.close()

    def _read(self, url: str) -> tuple[str, str, int, httpcore2.URL]:
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or ""), parts.port or DEFAULT_PORTS.get(parts.scheme, 0)
        except ValueError:
            raise FetchFailed(Trouble.URL, "not a URL") from None
        secure = parts.scheme == "https" or (parts.scheme == "http" and self._allow_private)
        if not secure or not host or "@" in parts.netloc or not url.isascii() or not url.isprintable() or " " in url:
            raise FetchFailed(Trouble.URL, "not an https URL of a host, without user information")
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        read = httpcore2.URL(scheme=parts.scheme, host=host.encode("ascii"), port=port, target=target.encode("ascii"))
        return parts.scheme, host, port, read

    async def _addresses(self, host: str, port: int, seconds: float) -> tuple[str, ...]:
        async with asyncio.timeout(seconds):
            return tuple(await checked_addresses(self._resolver, host, port, allow_private=self._allow_private))

    async def _ask(self, errand: Errand, backend: PinnedBackend, url: httpcore2.URL, host_field: str) -> Fetched:
        steps = dict.fromkeys(("connect", "read", "write", "pool"), errand.step_seconds)
        headers = {
            "host": host_field,
            "user-agent": AGENT,
            "accept-encoding": "identity",
            "connection": "close",
            **errand.headers,
        }
        if errand.body or errand.method != "GET":
            headers["content-length"] = str(len(errand.body))
        self._tls = self._tls or httpx2.create_ssl_context()
        # A connection of its own, without the pool's redirects, retries, cookies or proxies: there are none here.
        connection = httpcore2.AsyncHTTPConnection(url.origin, ssl_context=self._tls, network_backend=backend)
        request = httpcore2.Request(
            errand.method,
            url,
            headers=[(name.encode(), value.encode()) for name, value in headers.items()],
            content=errand.body,
            extensions={"timeout": steps},
        )
        try:
            return await _read_answer(await connection.handle_async_request(request), errand)
        finally:
            await connection.aclose()


async def _read_answer(response: httpcore2.Response, errand: Errand) -> Fetched:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
    if response.status not in errand.statuses:
        raise FetchFailed(Trouble.STATUS, str(response.status))
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise FetchFailed(Trouble.PROTOCOL, "an encoding that was not asked for")
    body = bytearray()
    async for chunk in response.aiter_stream():
        body += chunk
        if len(body) > errand.max_bytes:
            raise FetchFailed(Trouble.TOO_LARGE, f"more than {errand.max_bytes} bytes")
    return Fetched(response.status, headers, bytes(body))


def _host_field(scheme: str, host: str, port: int) -> str:
    shown = f"[{host}]" if ":" in host else host
    return shown if port == DEFAULT_PORTS[scheme] else f"{shown}:{port}"


_outbound: Outbound | None = None


def outbound() -> Outbound:
    """Whoever runs this process's errands."""
    if _outbound is None:
        raise RuntimeError("open_outbound was not called")
    return _outbound


def open_outbound(settings: OutboundSettings, resolver: Resolver | None = None) -> None:
    """Begin; names are resolved by the operating system unless a resolver is given."""
    global _outbound  # noqa: PLW0603  one an installation's process
    _outbound = Outbound(
        resolver or SystemResolver(),
        allow_private=settings.allow_private_metadata_hosts,
        limited=settings.lockout,
    )


def close_outbound() -> None:
    """Stop; nothing happens when nothing was opened."""
    global _outbound  # noqa: PLW0603  see open_outbound
    if _outbound is not None:
        _outbound.close()
    _outbound = None
