"""The work that is measured: how each kind is prepared, and which script loads it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from bench.contenders import OPAQUE_RESOURCE, RESOURCE
from bench.stock import REDEEM, check_silent, opaque_tokens, openid_tokens, refresh_tokens
from bench.wrk import THREADS

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.contenders import Contender
    from bench.wrk import Load, Run

STOCK = 128  # twice as many as connections


@dataclass(frozen=True, slots=True)
class Workload:
    """One line of the table; `requests_each` is how many requests make one unit of the work."""

    name: str
    run: Callable[[Load], Run]
    requests_each: int = 1
    needs: str = "token"  # the endpoint without which a contender cannot do it
    paced: bool = False  # whether it is also measured at a part of what it reached

    def suits(self, contender: Contender) -> bool:
        """Whether the contender can do it, and is here for it."""
        return getattr(contender, self.needs) is not None and contender.only in self.name


def _client_credentials(load: Load) -> Run:
    body = urlencode({"grant_type": "client_credentials", "scope": "notes:read", "resource": RESOURCE})
    stock = load.write("client_credentials", [body])
    return load.run("post", load.contender.token, load.contender.batch, stock)


def _refresh(load: Load) -> Run:
    stock = load.write("refresh", refresh_tokens(load.contender, STOCK))
    return load.run("refresh", load.contender.token, load.contender.web, stock, str(THREADS))


def _code(load: Load) -> Run:
    contender = load.contender
    cookies = asyncio.run(contender.cookies())
    return load.run("code", contender.authorize, cookies, contender.token, contender.web, REDEEM)


def _introspection(load: Load) -> Run:
    bodies = [urlencode({"token": token}) for token in opaque_tokens(load.contender, STOCK)]
    stock = load.write("introspect", bodies)
    return load.run("post", load.contender.introspect, load.contender.batch, stock)


def _revocation(load: Load) -> Run:
    contender = load.contender
    body = urlencode({"grant_type": "client_credentials", "scope": "notes:read", "resource": OPAQUE_RESOURCE})
    return load.run("revoke", contender.token, contender.batch, body, contender.revoke)


def _userinfo(load: Load) -> Run:
    stock = load.write("userinfo", asyncio.run(openid_tokens(load.contender, STOCK)))
    return load.run("bearer", load.contender.userinfo, stock)


def _authorize(load: Load) -> Run:
    cookies = asyncio.run(load.contender.cookies())
    check_silent(load.contender, cookies)
    return load.run("get", load.contender.authorize, cookies)


def _discovery(load: Load) -> Run:
    return load.run("get", str(load.contender.discovery))


def _jwks(load: Load) -> Run:
    return load.run("get", str(load.contender.jwks))


WORKLOADS = (
    Workload("client_credentials, ES256 JWT", _client_credentials, paced=True),
    Workload("refresh with rotation, ES256 JWT", _refresh, paced=True),
    Workload("authorize and redeem a code", _code, requests_each=2),
    Workload("introspection, opaque", _introspection, paced=True),
    Workload("issue and revoke, opaque", _revocation, requests_each=2),
    Workload("userinfo", _userinfo, paced=True),
    Workload("authorize, session and remembered consent", _authorize),
    Workload("discovery", _discovery, needs="discovery", paced=True),
    Workload("JWKS", _jwks, needs="jwks"),
)
