"""How the middleware asks the authorization server: a protocol that tests and special networks may replace."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import httpx2

if TYPE_CHECKING:
    from collections.abc import Mapping

_TIMEOUT_SECONDS = 5
_MAX_BODY = 512 * 1024
_ACCEPT = {"accept": "application/json"}


class FetchFailed(Exception):
    """The authorization server could not be asked, or answered with more than we read."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer, whatever its status."""

    status: int
    body: bytes = field(repr=False)


class Fetcher(Protocol):
    """Asks over HTTP, follows no redirects and raises FetchFailed when there is no answer."""

    async def get(self, url: str) -> Fetched:
        """The answer to a GET."""
        ...

    async def post_form(self, url: str, form: Mapping[str, str], credentials: tuple[str, str]) -> Fetched:
        """The answer to a form POST with client id and secret as HTTP Basic credentials."""
        ...


class HttpFetcher:
    """The Fetcher that is used by default: five seconds, half a megabyte."""

    def __init__(self) -> None:
        self._pool: httpx2.AsyncClient | None = None

    async def get(self, url: str) -> Fetched:
        """The answer to a GET; seldom enough for a connection of its own."""
        async with _client() as client:
            return await _ask(client, client.build_request("GET", url, headers=_ACCEPT))

    async def post_form(self, url: str, form: Mapping[str, str], credentials: tuple[str, str]) -> Fetched:
        """The answer to a form POST with HTTP Basic credentials, on connections that stay open."""
        self._pool = self._pool or _client()
        request = self._pool.build_request("POST", url, data=dict(form), headers=_ACCEPT)
        return await _ask(self._pool, request, httpx2.BasicAuth(*credentials))

    async def aclose(self) -> None:
        """Close the connections; the next question opens new ones."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.aclose()


def _client() -> httpx2.AsyncClient:
    return httpx2.AsyncClient(timeout=_TIMEOUT_SECONDS, follow_redirects=False)


async def _ask(client: httpx2.AsyncClient, request: httpx2.Request, auth: httpx2.Auth | None = None) -> Fetched:
    body = bytearray()
    try:
        response = await client.send(request, auth=auth, stream=True)
        try:
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > _MAX_BODY:
                    raise FetchFailed("an answer larger than any that we expect")
        finally:
            await response.aclose()
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
        raise FetchFailed(type(error).__name__) from error
    return Fetched(response.status_code, bytes(body))
