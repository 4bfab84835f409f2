"""Who is measured: Latchkey with everything on; its peers are in bench/peers, with the same clients and work."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from bench.browser import sign_in
from tests.support.ports import LOOPBACK
from tests.support.processes import descendants, install, proportional_bytes, start
from tests.support.relying_party import basic, s256

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.processes import Installation

RESOURCE = "http://127.0.0.1:3001/mcp"
OPAQUE_RESOURCE = "http://127.0.0.1:3001/opaque"
REDIRECT_URI = "https://client.example/callback"
VERIFIER = "a-verifier-that-every-flow-of-the-benchmark-shares"
WEB_SECRET = "a-secret-of-the-web-client-0123456789"  # noqa: S105 - only for benchmarks
BATCH_SECRET = "a-secret-of-the-batch-client-0123456789"  # noqa: S105 - only for benchmarks
PASSWORD = "correct-horse-battery"  # noqa: S105 - only for benchmarks

PEOPLE = tuple(f"person-{number}" for number in range(8))
USERS = [{"username": name, "email": f"{name}@bench.test", "password": PASSWORD, "name": name} for name in PEOPLE]
# Limits are on and counted, but so high that one address may send everything.
LIMITS = dict.fromkeys(("authorize", "token", "revoke", "introspect", "jwks", "userinfo", "metadata"), 6_000_000)

MANIFEST = {
    "tenant": "bench",
    "display_name": "Benchmark",
    "mode": "native",
    "settings": {"rate_limits": LIMITS},
    "scopes": [{"name": "notes:read", "description": "Read your notes"}],
    "resources": [
        {"identifier": RESOURCE, "display_name": "Notes", "scopes": ["notes:read"], "token_format": "jwt"},
        {
            "identifier": OPAQUE_RESOURCE,
            "display_name": "Opaque notes",
            "scopes": ["notes:read"],
            "token_format": "opaque",
        },
    ],
    "clients": [
        {
            "client_id": "web",
            "client_name": "Web",
            "client_secret": WEB_SECRET,
            "token_endpoint_auth_method": "client_secret_basic",
            "redirect_uris": [REDIRECT_URI],
            "grant_types": ["authorization_code", "refresh_token"],
            "id_token_signed_response_alg": "ES256",
            "scope": "openid notes:read",
        },
        {
            "client_id": "batch",
            "client_secret": BATCH_SECRET,
            "token_endpoint_auth_method": "client_secret_basic",
            "grant_types": ["client_credentials"],
            "scope": "notes:read",
        },
    ],
    "users": USERS,
}


@dataclass(frozen=True, slots=True)
class Contender:
    """A running server and where its endpoints are, below its port; None for what it does not have."""

    name: str
    port: int
    pid: int
    cold_start: float  # seconds until the first 200
    authorization_endpoint: str
    token: str
    introspect: str
    revoke: str
    userinfo: str
    discovery: str | None = None
    jwks: str | None = None
    connections: int = 64
    only: str = ""  # the one kind of work that it is here for
    web: str = field(default=basic("web", WEB_SECRET), repr=False)
    batch: str = field(default=basic("batch", BATCH_SECRET), repr=False)

    @property
    def authorize(self) -> str:
        """An authorization request for the resource."""
        return f"{self.authorization_endpoint}?{authorization_query(scope='notes:read', resource=RESOURCE)}"

    @property
    def authorize_openid(self) -> str:
        """One whose token is for /userinfo."""
        return f"{self.authorization_endpoint}?{authorization_query(scope='openid')}"

    def processes(self) -> list[int]:
        """Its process id and those of its workers."""
        return [self.pid, *descendants(self.pid)]

    def cpu_seconds(self) -> float:
        """Processor time that all its processes have used."""
        return sum(_cpu_ticks(pid) for pid in self.processes()) / os.sysconf("SC_CLK_TCK")

    def resident_megabytes(self) -> float:
        """Memory of all its processes, shared pages counted once."""
        return sum(proportional_bytes(pid) for pid in self.processes()) / 1e6

    async def cookies(self) -> str:
        """A Cookie header of a person who is signed in and whose consent is remembered."""
        return await self.cookies_of(PEOPLE[0])

    async def cookies_of(self, username: str) -> str:
        """The same of somebody else with the same password."""
        return await sign_in(self.port, self.authorize, username, PASSWORD)


@contextmanager
def latchkey(name: str, directory: Path, database_url: str | None) -> Iterator[Contender]:
    """Latchkey with one worker and everything on."""
    installation = install_latchkey(directory, database_url)
    with serve_latchkey(installation, name) as contender:
        yield contender


def install_latchkey(
    directory: Path, database_url: str | None, people: int = len(PEOPLE), *, limited: bool = True
) -> Installation:
    """A migrated Latchkey with the tenant that is measured, its limits on unless said otherwise."""
    limits, manifest = {"LATCHKEY_RATE_LIMITS": "on" if limited else "off"}, {**MANIFEST, "users": USERS[:people]}
    return install(directory, database_url=database_url, environment=limits, manifests=[manifest])


@contextmanager
def serve_latchkey(installation: Installation, name: str, workers: int = 1) -> Iterator[Contender]:
    """It runs until the end."""
    begun = time.monotonic()
    server = start(installation, "--workers", str(workers))
    cold_start = time.monotonic() - begun
    tenant = "/t/bench"
    try:
        yield Contender(
            name,
            server.port,
            server.process.pid,
            cold_start,
            authorization_endpoint=f"{tenant}/authorize",
            token=f"{tenant}/token",
            introspect=f"{tenant}/introspect",
            revoke=f"{tenant}/revoke",
            userinfo=f"{tenant}/userinfo",
            discovery=f"{tenant}/.well-known/openid-configuration",
            jwks=f"{tenant}/jwks",
        )
    finally:
        server.stop()


def authorization_query(**parameters: str) -> str:
    """The query of an authorization request of `web`."""
    return urlencode(
        {
            "response_type": "code",
            "client_id": "web",
            "redirect_uri": REDIRECT_URI,
            "state": "a-state",
            "code_challenge": s256(VERIFIER),
            "code_challenge_method": "S256",
            **parameters,
        }
    )


def origin(contender: Contender) -> str:
    """Where a contender listens."""
    return f"http://{LOOPBACK}:{contender.port}"


def _cpu_ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])
