"""node oidc-provider, in its own memory or with PostgreSQL."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bench.contenders import Contender
from tests.support.node import find_node
from tests.support.ports import free_port

from .starting import started

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).with_name("oidc_provider")
DISCOVERY = "/.well-known/openid-configuration"


@contextmanager
def oidc_provider(name: str, directory: Path, database_url: str | None) -> Iterator[Contender]:
    """One process; without a database it keeps everything in its own memory adapter."""
    port = free_port()
    command = [find_node(), "server.mjs", str(port), *([database_url] if database_url else [])]
    log, production = directory / "server.log", {"NODE_ENV": "production"}
    with started(command, FOLDER, log, environment=production, port=port, path=DISCOVERY) as running:
        yield Contender(
            name,
            port,
            running.pid,
            running.cold_start,
            authorization_endpoint="/auth",
            token="/token",  # noqa: S106 - a path
            introspect="/token/introspection",
            revoke="/token/revocation",
            userinfo="/me",
            discovery=DISCOVERY,
            jwks="/jwks",
        )
