"""`latchkey admin`, `latchkey keys` and `latchkey doctor`."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from server.kernel.json import load_json
from tests.cli.test_usage import processes_with
from tests.support.processes import Installation, install

PASSWORD = "a-password-of-the-administrator"


@pytest.fixture(scope="module")
def root(installation: Installation) -> str:
    """A platform owner's name."""
    installation.run("admin", "create", "root", "--password-stdin", stdin=f"{PASSWORD}\n")
    return "root"


def claims(token: str) -> dict[str, object]:
    payload = token.split(".")[1]
    document = load_json(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert isinstance(document, dict)
    return dict(document)


def test_token_goes_alone_to_stdout(installation: Installation, root: str) -> None:
    done = installation.attempt("admin", "token", root)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n") == 1
    told = claims(done.stdout.strip())
    assert told["aud"] == f"{installation.public_url}/api/v1"
    assert told["iss"] == f"{installation.public_url}/t/system"
    assert (told["client_id"], told["scope"]) == ("cli", "admin")
    assert int(str(told["exp"])) - int(str(told["iat"])) == 900


def test_token_can_be_limited_to_one_tenant(installation: Installation, root: str) -> None:
    told = claims(installation.run("admin", "token", root, "--tenant", "acme").strip())
    assert told["scope"] == "admin:acme"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("admin", "token", "nobody"), "there is no administrator of this name"),
        (("admin", "token", "root", "--tenant", "nowhere"), "there is no such tenant"),
        (("keys", "rotate", "nowhere"), "there is no such tenant"),
        (("export", "nowhere"), "no such tenant"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_what_is_not_there_ends_with_1_and_one_line(
    installation: Installation, root: str, arguments: tuple[str, ...], message: str
) -> None:
    done = installation.attempt(*arguments)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"Error: {message}\n")


@pytest.mark.parametrize(
    ("name", "password", "message"),
    [
        ("root", PASSWORD, "something of this name exists already"),
        ("short", "1234567", "a password must have at least 8 characters"),
        ("empty", "", "a password must have at least 8 characters"),
        ("some@body.test", PASSWORD, "a username with an @ must be the same as the person's email"),
    ],
)
def test_administrator_who_cannot_be_is_refused_in_one_line(
    installation: Installation, root: str, name: str, password: str, message: str
) -> None:
    done = installation.attempt("admin", "create", name, "--password-stdin", stdin=password)
    assert (done.returncode, done.stderr) == (1, f"Error: {message}\n")


def test_administrator_of_one_tenant_has_no_say_in_another(installation: Installation) -> None:
    arguments = ("--password-stdin", "--tenant", "acme", "--role", "client-manager")
    installation.run("admin", "create", "claire", *arguments, stdin=PASSWORD)
    assert installation.run("admin", "token", "claire", "--tenant", "acme")
    installation.apply({"tenant": "elsewhere"})
    assert installation.attempt("admin", "token", "claire", "--tenant", "elsewhere").returncode == 1


def test_doctor_finds_a_good_installation_well(installation: Installation) -> None:
    done = installation.attempt("doctor")
    assert (done.returncode, done.stdout) == (0, "")
    assert "problem" not in done.stderr
    checks = (
        "configuration", "master secret", "redis", "mail", "database", "clock", "platform", "domains", "keys",
        "rewrapping", "jobs",
    )  # fmt: skip
    for check in checks:
        assert f"ok       {check}: " in done.stderr


@pytest.mark.parametrize(
    ("variables", "problem"),
    [
        ({"LATCHKEY_SECRET_KEY": "a master secret that sealed none of it"}, "problem  keys: tenant "),
        ({"LATCHKEY_SECRET_KEY": "a master secret that sealed none of it"}, " keys are under a master secret that is "),
        ({"LATCHKEY_SECRET_KEY": "changeme" * 4}, "problem  master secret: hardly random"),
        ({"LATCHKEY_PUBLIC_URL": "http://127.0.0.1:1"}, "problem  platform: LATCHKEY_PUBLIC_URL"),
        ({"LATCHKEY_REDIS_URL": "redis://127.0.0.1:1"}, "problem  redis: "),
        ({"LATCHKEY_SMTP_URL": "smtp://127.0.0.1:1"}, "problem  mail: LATCHKEY_SMTP_URL: ConnectionRefusedError"),
        ({"LATCHKEY_DATABASE_URL": "postgres://u:p@127.0.0.1:1/x"}, "problem  database: "),
    ],
)
def test_doctor_finds_what_is_wrong(installation: Installation, variables: dict[str, str], problem: str) -> None:
    done = processes_with(installation, **variables).attempt("doctor")
    assert done.returncode == 1
    assert problem in done.stderr
    assert done.stderr.endswith("Error: something is wrong with this installation\n")


def test_doctor_finds_a_domain_that_is_the_public_host(installation: Installation) -> None:
    installation.apply({"tenant": "placed", "domain": "id.placed.test"})
    done = processes_with(installation, LATCHKEY_PUBLIC_URL="https://id.placed.test").attempt("doctor")
    assert done.returncode == 1
    assert "problem  domains: tenant placed: its domain is the host of LATCHKEY_PUBLIC_URL" in done.stderr


async def test_rewrap_brings_everything_under_a_new_master_secret(
    new_migrated_database: Callable[[], Awaitable[str]], tmp_path: Path
) -> None:
    installed = install(tmp_path, database_url=await new_migrated_database())
    client = {"client_id": "batch", "client_secret": "change-me", "grant_types": ["client_credentials"]}
    installed.apply({"tenant": "acme", "clients": [client]})
    variables = {
        "LATCHKEY_SECRET_KEY": "the next master secret of the installation",
        "LATCHKEY_SECRET_KEY_PREVIOUS": installed.environment["LATCHKEY_SECRET_KEY"],
    }
    waiting = processes_with(installed, **variables).attempt("doctor")
    assert waiting.returncode == 0
    assert " keys and 1 client secrets are under a former master secret: run latchkey keys rewrap" in waiting.stderr
    told = processes_with(installed, **variables).attempt("keys", "rewrap").stderr
    assert "1 client secrets are still under the previous one" in told
    del variables["LATCHKEY_SECRET_KEY_PREVIOUS"]
    assert processes_with(installed, **variables).attempt("doctor").returncode == 0
    assert installed.attempt("doctor").returncode == 1
