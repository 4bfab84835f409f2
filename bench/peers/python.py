"""django-oauth-toolkit and Authlib on Flask: gunicorn with one worker of four threads, on PostgreSQL."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bench.contenders import BATCH_SECRET, REDIRECT_URI, WEB_SECRET, Contender
from tests.support.ports import LOOPBACK, free_port

from .starting import started

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SERVERS = Path(__file__).with_name("servers")
# Made by `scripts/setup-tests bench` from requirements.txt beside this file.
PROGRAMS = Path(__file__).parents[2] / "var" / "bench-peers" / "bin"


@contextmanager
def django_oauth_toolkit(name: str, directory: Path, database_url: str | None) -> Iterator[Contender]:
    """With client secrets in plain text, which it allows."""
    with _django(directory, database_url) as (port, pid, cold_start):
        yield _django_contender(name, port, pid, cold_start)


@contextmanager
def django_oauth_toolkit_hashed(name: str, directory: Path, database_url: str | None) -> Iterator[Contender]:
    """As it comes: client secrets are hashed like passwords, at every request. Few connections keep its queue short."""
    with _django(directory, database_url, {"HASHED_SECRETS": "1"}) as (port, pid, cold_start):
        yield _django_contender(name, port, pid, cold_start, connections=2, only="client_credentials")


@contextmanager
def authlib(name: str, directory: Path, database_url: str | None) -> Iterator[Contender]:
    """Its example server with SQLAlchemy; it has neither discovery nor JWKS of its own."""
    with _gunicorn("authlib_server", "app", directory, _environment(database_url), "/healthz") as (
        port,
        pid,
        cold_start,
    ):
        yield Contender(
            name,
            port,
            pid,
            cold_start,
            authorization_endpoint="/authorize",
            token="/token",  # noqa: S106 - a path
            introspect="/introspect",
            revoke="/revoke",
            userinfo="/userinfo",
        )


@contextmanager
def _django(
    directory: Path, database_url: str | None, more: Mapping[str, str] | None = None
) -> Iterator[tuple[int, int, float]]:
    directory.mkdir(parents=True, exist_ok=True)
    key_file = directory / "key.pem"
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    environment = {**_environment(database_url), "PRIVATE_KEY_FILE": str(key_file), **(more or {})}
    discovery = "/o/.well-known/openid-configuration"
    with _gunicorn("django_server", "application", directory, environment, discovery) as running:
        yield running


def _django_contender(
    name: str, port: int, pid: int, cold_start: float, *, connections: int = 64, only: str = ""
) -> Contender:
    return Contender(
        name,
        port,
        pid,
        cold_start,
        authorization_endpoint="/o/authorize/",
        token="/o/token/",  # noqa: S106 - a path
        introspect="/o/introspect/",
        revoke="/o/revoke_token/",
        userinfo="/o/userinfo/",
        discovery="/o/.well-known/openid-configuration",
        jwks="/o/.well-known/jwks.json",
        connections=connections,
        only=only,
    )


def _environment(database_url: str | None) -> dict[str, str]:
    assert database_url is not None
    return {
        "DATABASE_URL": database_url,
        "WEB_SECRET": WEB_SECRET,
        "BATCH_SECRET": BATCH_SECRET,
        "REDIRECT_URI": REDIRECT_URI,
    }


@contextmanager
def _gunicorn(
    module: str, variable: str, directory: Path, environment: Mapping[str, str], path: str
) -> Iterator[tuple[int, int, float]]:
    """Port, process id and start time of a server whose module prepares its database when it is run."""
    port, everything = free_port(), {**os.environ, **environment}
    subprocess.run([str(PROGRAMS / "python"), f"{module}.py"], cwd=SERVERS, env=everything, check=True)
    command = [
        str(PROGRAMS / "gunicorn"),
        "--no-control-socket",
        "--workers",
        "1",
        "--threads",
        "4",
        "--bind",
        f"{LOOPBACK}:{port}",
        f"{module}:{variable}",
    ]
    with started(command, SERVERS, directory / "server.log", environment=environment, port=port, path=path) as running:
        yield port, running.pid, running.cold_start
