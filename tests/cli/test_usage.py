"""The program as a whole: help, wrong usage, bad settings."""

from __future__ import annotations

import pytest

from tests.support.processes import Installation

COMMANDS = ("serve", "migrate", "apply", "export", "admin", "keys", "audit", "doctor")


def test_help_lists_every_command(installation: Installation) -> None:
    text = installation.run("--help")
    assert all(f"\n  {command} " in text for command in COMMANDS)
    assert "create" in installation.run("admin", "--help")
    assert "--dry-run" in installation.run("apply", "--help")


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("apply",),
        ("apply", "no-such-file.yaml"),
        ("export",),
        ("serve", "--port", "0"),
        ("serve", "--workers", "many"),
        ("admin", "create", "ada"),
        ("admin", "create", "ada", "--password-stdin", "--tenant", "acme"),
        ("admin", "create", "ada", "--password-stdin", "--role", "auditor"),
        ("keys", "rotate"),
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2(installation: Installation, arguments: tuple[str, ...]) -> None:
    done = installation.attempt(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Usage:" in done.stderr


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("LATCHKEY_DATABASE_URL", "mysql://root:hunter2@127.0.0.1/latchkey"),
        ("LATCHKEY_PUBLIC_URL", "http://id.example"),
        ("LATCHKEY_SECRET_KEY", "short"),
        ("LATCHKEY_DATABASE_ULR", "sqlite://x"),
    ],
)
def test_bad_setting_ends_with_1_and_one_line_that_names_it(
    installation: Installation, variable: str, value: str
) -> None:
    other = processes_with(installation, **{variable: value})
    done = other.attempt("export", "acme")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"Error: {variable}")
    assert done.stderr.count("\n") == 1
    assert "hunter2" not in done.stderr


def test_database_that_does_not_answer_ends_with_1_and_one_line(installation: Installation) -> None:
    other = processes_with(installation, LATCHKEY_DATABASE_URL="postgres://u:hunter2@127.0.0.1:1/latchkey")
    done = other.attempt("export", "acme")
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1
    assert "hunter2" not in done.stderr


def processes_with(installation: Installation, **variables: str) -> Installation:
    """The same installation under other settings."""
    environment = {**installation.environment, **variables}
    return Installation(installation.directory, installation.database_url, installation.public_url, environment)
