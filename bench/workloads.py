"""The work that is measured: how each kind is prepared, and which script loads it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2

from bench.contenders import OPAQUE_RESOURCE, REDIRECT_URI, RESOURCE, VERIFIER, origin
from bench.wrk import CONNECTIONS, THREADS, wrk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bench.contenders import Contender
    from bench.wrk import Run

STOCK = 2 * CONNECTIONS
REDEEM = urlencode(
    {"grant_type": "authorization_code", "redirect_uri": REDIRECT_URI, "code_verifier": VERIFIER, "resource": RESOURCE}
)


@dataclass(frozen=True, slots=True)
class Workload:
    """One line of the table; `requests_each` is how many requests make one unit of the work."""

    name: str
    load: Callable[[Contender, Path, float], Run]
    requests_each: int = 1


def _client_credentials(contender: Contender, folder: Path, seconds: float) -> Run:
    body = urlencode({"grant_type": "client_credentials", "scope": "notes:read", "resource": RESOURCE})
    stock = _write(folder, "client_credentials", [body])
    return wrk(contender, seconds, "post", contender.token, contender.batch, stock)


def _refresh(contender: Contender, folder: Path, seconds: float) -> Run:
    stock = _write(folder, "refresh", refresh_tokens(contender, STOCK))
    return wrk(contender, seconds, "refresh", contender.token, contender.web, stock, str(THREADS))


def _code(contender: Contender, _folder: Path, seconds: float) -> Run:
    cookies = asyncio.run(contender.cookies())
    return wrk(contender, seconds, "code", contender.authorize, cookies, contender.token, contender.web, REDEEM)


def _introspection(contender: Contender, folder: Path, seconds: float) -> Run:
    bodies = [urlencode({"token": token}) for token in opaque_tokens(contender, STOCK)]
    stock = _write(folder, "introspect", bodies)
    return wrk(contender, seconds, "post", contender.introspect, contender.batch, stock)


def _authorize(contender: Contender, _folder: Path, seconds: float) -> Run:
    cookies = asyncio.run(contender.cookies())
    check_silent(contender, cookies)
    return wrk(contender, seconds, "get", contender.authorize, cookies)


def _discovery(contender: Contender, _folder: Path, seconds: float) -> Run:
    return wrk(contender, seconds, "get", contender.discovery)


def _jwks(contender: Contender, _folder: Path, seconds: float) -> Run:
    return wrk(contender, seconds, "get", contender.jwks)


WORKLOADS = (
    Workload("client_credentials, ES256 JWT", _client_credentials),
    Workload("refresh with rotation, ES256 JWT", _refresh),
    Workload("authorize and redeem a code", _code, requests_each=2),
    Workload("introspection, opaque", _introspection),
    Workload("authorize, session and remembered consent", _authorize),
    Workload("discovery", _discovery),
    Workload("JWKS", _jwks),
)


def refresh_tokens(contender: Contender, number: int) -> list[str]:
    """That many grants, each with a refresh token, by the whole flow of a person who is signed in."""
    cookies = asyncio.run(contender.cookies())
    with httpx2.Client(base_url=origin(contender)) as http:
        return [_refresh_token(http, contender, cookies) for _ in range(number)]


def _refresh_token(http: httpx2.Client, contender: Contender, cookies: str) -> str:
    answer = http.get(contender.authorize, headers={"cookie": cookies})
    code = parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]
    tokens = _post(http, contender.token, contender.web, f"{REDEEM}&{urlencode({'code': code})}")
    return str(tokens["refresh_token"])


def opaque_tokens(contender: Contender, number: int) -> list[str]:
    """That many opaque access tokens, each of them active for the client that asks."""
    body = urlencode({"grant_type": "client_credentials", "scope": "notes:read", "resource": OPAQUE_RESOURCE})
    with httpx2.Client(base_url=origin(contender)) as http:
        tokens = [str(_post(http, contender.token, contender.batch, body)["access_token"]) for _ in range(number)]
        assert _post(http, contender.introspect, contender.batch, urlencode({"token": tokens[0]}))["active"] is True
    return tokens


def check_silent(contender: Contender, cookies: str) -> None:
    """Make sure that the answer is a code at once, and not a page."""
    answer = httpx2.get(f"{origin(contender)}{contender.authorize}", headers={"cookie": cookies})
    assert answer.headers["location"].startswith(REDIRECT_URI), answer.headers["location"]


def _post(http: httpx2.Client, path: str, authorization: str, body: str) -> dict[str, object]:
    headers = {"authorization": authorization, "content-type": "application/x-www-form-urlencoded"}
    answer = http.post(path, content=body, headers=headers)
    answer.raise_for_status()
    document: dict[str, object] = answer.json()
    return document


def _write(folder: Path, name: str, lines: list[str]) -> str:
    path = folder / f"{name}.txt"
    path.write_text("\n".join(lines) + "\n")
    return str(path)
