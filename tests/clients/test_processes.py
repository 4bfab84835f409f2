"""The program as a service manager sees it."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

import httpx2
import pytest

from tests.support.ports import LOOPBACK, free_port
from tests.support.processes import PROGRAM, Installation, Server, install, serving, start


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return install(tmp_path_factory.mktemp("empty"))


def test_it_ends_cleanly_when_told_to(empty: Installation) -> None:
    server = start(empty)
    assert server.stop() == 0
    assert "Traceback" not in server.log()


def test_it_finishes_what_it_was_asked_before_it_ends(empty: Installation) -> None:
    server = start(empty)
    with httpx2.Client(base_url=server.url) as http:
        assert http.get("/readyz").status_code == 200
        assert server.stop() == 0
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(f"{server.url}/healthz")


def test_nothing_is_forgotten_over_a_restart(empty: Installation) -> None:
    empty.apply({"tenant": "lasting", "display_name": "Lasting", "mode": "native"})
    documents = []
    for _ in range(2):
        with serving(empty) as (server,):
            documents.append(httpx2.get(f"{server.url}/t/lasting/jwks").json())
    assert documents[0] == documents[1]
    assert documents[0]["keys"]


def test_an_unmigrated_database_stops_the_start_in_one_line(tmp_path: Path, empty: Installation) -> None:
    environment = {**empty.environment, "LATCHKEY_DATABASE_URL": f"sqlite://{tmp_path / 'new.sqlite3'}"}
    done = serve_once(environment, tmp_path)
    assert done.returncode == 1
    assert "migrate" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("variable", "value"),
    [("LATCHKEY_COLOUR", "blue"), ("LATCHKEY_DATABASE_URL", "mysql://x"), ("LATCHKEY_RATE_LIMITS", "maybe")],
)
def test_a_bad_environment_stops_the_start_in_one_line(
    tmp_path: Path, empty: Installation, variable: str, value: str
) -> None:
    done = serve_once({**empty.environment, variable: value}, tmp_path)
    assert done.returncode == 1
    assert variable in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_port_in_use_stops_the_start(tmp_path: Path, empty: Installation) -> None:
    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        taken.listen()
        done = serve_once(empty.environment, tmp_path, port=taken.getsockname()[1])
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_no_secret_is_logged(server: Server) -> None:
    assert str(server.installation.environment["LATCHKEY_SECRET_KEY"]) not in server.log()


def serve_once(environment: object, directory: Path, *, port: int | None = None) -> subprocess.CompletedProcess[str]:
    assert isinstance(environment, dict)
    return subprocess.run(
        [str(PROGRAM), "serve", "--host", LOOPBACK, "--port", str(port or free_port())],
        env=environment,
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
