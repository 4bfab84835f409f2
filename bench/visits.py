"""Single requests to many tenants, timed one by one or made to fill what a process remembers; and commands."""

from __future__ import annotations

import http.client
import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from bench.contenders import MANIFEST, RESOURCE, USERS
from tests.support.ports import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.contenders import Contender
    from tests.support.processes import Installation

TOKEN_FORM = urlencode({"grant_type": "client_credentials", "scope": "notes:read", "resource": RESOURCE})
HANDS = 4
REPEATS = 3
OK = 200


class Visitor:
    """One connection."""

    def __init__(self, contender: Contender) -> None:
        self._connection = http.client.HTTPConnection(LOOPBACK, contender.port, timeout=30)
        self._headers = {"authorization": contender.batch, "content-type": "application/x-www-form-urlencoded"}

    def token(self, slug: str) -> float:
        """Milliseconds until the client of a tenant has an access token."""
        return self._request("POST", f"/t/{slug}/token", TOKEN_FORM)

    def discover(self, slug: str) -> float:
        """Milliseconds until there is the metadata of a tenant."""
        return self._request("GET", f"/t/{slug}/.well-known/openid-configuration")

    def jwks(self, slug: str) -> float:
        """Milliseconds until there are the keys of a tenant."""
        return self._request("GET", f"/t/{slug}/jwks")

    def _request(self, method: str, path: str, body: str | None = None) -> float:
        begun = time.perf_counter()
        self._connection.request(method, path, body, self._headers)
        answer = self._connection.getresponse()
        answer.read()
        assert answer.status == OK, f"{answer.status} at {path}"
        return (time.perf_counter() - begun) * 1000


def warm_up(contender: Contender, slug: str) -> None:
    """Let the server be one that has worked before."""
    visitor = Visitor(contender)
    for _ in range(100):
        visitor.token(slug)
        visitor.discover(slug)


def time_first_requests(contender: Contender, numbers: Iterable[int]) -> tuple[tuple[float, float], float]:
    """Milliseconds of the first token of tenants that nobody asked for yet: median and worst; and of the second."""
    visitor = Visitor(contender)
    pairs = [(visitor.token(f"bench-{number}"), visitor.token(f"bench-{number}")) for number in numbers]
    first = [pair[0] for pair in pairs]
    return (median(first), max(first)), median(pair[1] for pair in pairs)


def touch(contender: Contender, size: int) -> None:
    """Ask every tenant for its metadata, its keys and a token."""

    def visit(numbers: Sequence[int]) -> None:
        visitor = Visitor(contender)
        for number in numbers:
            visitor.discover(f"bench-{number}")
            visitor.jwks(f"bench-{number}")
            visitor.token(f"bench-{number}")

    with ThreadPoolExecutor(HANDS) as hands:
        list(hands.map(visit, [range(1 + hand, size + 1, HANDS) for hand in range(HANDS)]))


def time_administration(installation: Installation, slug: str) -> dict[str, float]:
    """Seconds that `export` and `apply` of one tenant take, the start of the program included."""
    manifest = {**MANIFEST, "tenant": slug, "users": USERS[:1]}
    exporting, applying = [], []
    for number in range(REPEATS):
        begun = time.perf_counter()
        installation.run("export", slug)
        exporting.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        installation.apply({**manifest, "display_name": f"Changed {number} at {time.time()}"})
        applying.append(time.perf_counter() - begun)
    return {"export_s": median(exporting), "apply_s": median(applying)}
