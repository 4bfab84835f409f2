"""Who is measured: Latchkey with everything on, and node oidc-provider with the same clients and work."""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from bench.browser import sign_in
from tests.support.node import find_node
from tests.support.ports import LOOPBACK, free_port
from tests.support.processes import descendants, install, proportional_bytes, start, wait_until_healthy
from tests.support.relying_party import basic, s256

if TYPE_CHECKING:
    from collections.abc import Iterator

RESOURCE = "http://127.0.0.1:3001/mcp"
OPAQUE_RESOURCE = "http://127.0.0.1:3001/opaque"
REDIRECT_URI = "https://client.example/callback"
VERIFIER = "a-verifier-that-every-flow-of-the-benchmark-shares"
WEB_SECRET = "a-secret-of-the-web-client-0123456789"  # noqa: S105 - only for benchmarks
BATCH_SECRET = "a-secret-of-the-batch-client-0123456789"  # noqa: S105 - only for benchmarks
PASSWORD = "correct-horse-battery"  # noqa: S105 - only for benchmarks

PEOPLE = tuple(f"person-{number}" for number in range(8))
# Limits are on and counted, but so high that one address may send everything.
LIMITS = dict.fromkeys(("authorize", "token", "introspect", "jwks", "metadata"), 6_000_000)

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
    "users": [{"username": name, "email": f"{name}@bench.test", "password": PASSWORD, "name": name} for name in PEOPLE],
}


@dataclass(frozen=True, slots=True)
class Contender:
    """A running server and where its endpoints are; paths are relative to its port."""

    name: str
    port: int
    pid: int
    cold_start: float  # seconds until the first 200
    authorize: str
    token: str
    introspect: str
    discovery: str
    jwks: str
    web: str = field(default=basic("web", WEB_SECRET), repr=False)
    batch: str = field(default=basic("batch", BATCH_SECRET), repr=False)

    def processes(self) -> list[int]:
        """Its process id and those of its workers."""
        return [self.pid, *descendants(self.pid)]

    def cpu_seconds(self) -> float:
        """Processor time that all its processes have used."""
        ticks = 0
        for pid in self.processes():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def resident_megabytes(self) -> float:
        """Memory of all its processes, shared pages counted once."""
        return sum(proportional_bytes(pid) for pid in self.processes()) / 1e6

    async def cookies(self) -> str:
        """A Cookie header of a person who is signed in and whose consent is remembered."""
        return await sign_in(self.port, self.authorize, PEOPLE[0], PASSWORD)


@contextmanager
def latchkey(name: str, directory: Path, database_url: str | None) -> Iterator[Contender]:
    """Latchkey with one worker and everything on."""
    limited = {"LATCHKEY_RATE_LIMITS": "on"}
    installation = install(directory, database_url=database_url, environment=limited, manifests=[MANIFEST])
    begun = time.monotonic()
    server = start(installation, "--workers", "1")
    cold_start = time.monotonic() - begun
    tenant = "/t/bench"
    try:
        yield Contender(
            name,
            server.port,
            server.process.pid,
            cold_start,
            authorize=f"{tenant}/authorize?{_authorization_query()}",
            token=f"{tenant}/token",
            introspect=f"{tenant}/introspect",
            discovery=f"{tenant}/.well-known/openid-configuration",
            jwks=f"{tenant}/jwks",
        )
    finally:
        server.stop()


@contextmanager
def oidc_provider(name: str, directory: Path, database_url: str | None) -> Iterator[Contender]:
    """Node oidc-provider, one process, in its own memory or with PostgreSQL."""
    port = free_port()
    directory.mkdir(parents=True, exist_ok=True)
    log_path = directory / f"oidc-provider-{port}.log"
    begun = time.monotonic()
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [find_node(), "server.mjs", str(port), *([database_url] if database_url else [])],
            cwd=Path(__file__).with_name("oidc_provider"),
            env={**os.environ, "NODE_ENV": "production"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until_healthy(port, process, log_path.read_text, path="/.well-known/openid-configuration")
        yield Contender(
            name,
            port,
            process.pid,
            time.monotonic() - begun,
            authorize=f"/auth?{_authorization_query()}",
            token="/token",  # noqa: S106 - a path
            introspect="/token/introspection",
            discovery="/.well-known/openid-configuration",
            jwks="/jwks",
        )
    finally:
        process.terminate()
        process.wait()


def _authorization_query() -> str:
    return urlencode(
        {
            "response_type": "code",
            "client_id": "web",
            "redirect_uri": REDIRECT_URI,
            "scope": "notes:read",
            "state": "a-state",
            "resource": RESOURCE,
            "code_challenge": s256(VERIFIER),
            "code_challenge_method": "S256",
        }
    )


def origin(contender: Contender) -> str:
    """Where a contender listens."""
    return f"http://{LOOPBACK}:{contender.port}"
