"""`latchkey registration` and `latchkey client`."""

from __future__ import annotations

import time

import httpx2
import pytest

from tests.support.processes import Installation, Server

TENANT = "open"
PATIENCE = 120  # seconds: what is promised are two at most, but test machines are shared
NATIVE = {"client_name": "cap", "redirect_uris": ["http://127.0.0.1/callback"]}


@pytest.fixture(scope="module", autouse=True)
def _open_tenant(installation: Installation) -> None:
    installation.apply({"tenant": TENANT, "settings": {"registration": "open"}})


def register(server: Server, token: str | None = None) -> httpx2.Response:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return httpx2.post(f"{server.url}/t/open/register", json=NATIVE, headers=headers, timeout=PATIENCE)


def test_a_token_goes_alone_to_stdout_registers_and_is_revoked(installation: Installation, server: Server) -> None:
    done = installation.attempt("registration", "token", TENANT, "--name", "For the team", "--count", "2")
    assert (done.returncode, done.stderr) == (0, "")
    token = done.stdout.strip()
    assert register(server, token).status_code == 201
    (line,) = [line for line in installation.run("registration", "tokens", TENANT).splitlines() if "team" in line]
    token_id, standing, used, _, name = line.split(maxsplit=4)
    assert (standing, used, name) == ("valid", "1/2", "For the team")
    installation.run("registration", "revoke", TENANT, token_id)
    assert register(server, token).status_code == 401
    assert f"{token_id}  revoked" in installation.run("registration", "tokens", TENANT)


def test_a_client_is_blocked_while_another_process_serves(installation: Installation, server: Server) -> None:
    client_id = register(server).json()["client_id"]
    url = f"{server.url}/t/open/authorize?client_id={client_id}"
    assert httpx2.get(url, timeout=PATIENCE).status_code != 403
    installation.run("client", "state", TENANT, client_id, "blocked", "--reason", "looks like phishing")
    deadline = time.monotonic() + PATIENCE
    while httpx2.get(url, timeout=PATIENCE).status_code != 403:
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("registration", "token", "nowhere", "--name", "x"), 1, "there is no such tenant"),
        (("registration", "token", TENANT, "--name", "x", "--expires", "soon"), 2, "--expires"),
        (("registration", "token", TENANT, "--name", "x", "--scope", "unknown"), 1, "scope unknown is not defined"),
        (("registration", "revoke", TENANT, "0197f000-0000-7000-8000-000000000000"), 1, "no such initial access"),
        (("client", "state", TENANT, "nobody", "blocked"), 1, "there is no such client"),
        (("client", "state", TENANT, "nobody", "asleep"), 2, "asleep"),
    ],
    ids=lambda value: " ".join(value[:3]) if isinstance(value, tuple) else None,
)
def test_what_cannot_be_done_ends_with_one_line(
    installation: Installation, arguments: tuple[str, ...], status: int, message: str
) -> None:
    done = installation.attempt(*arguments)
    assert (done.returncode, done.stdout) == (status, "")
    assert message in done.stderr
