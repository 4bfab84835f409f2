"""`latchkey trust`, run beside a process that serves from the same database."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import pytest

from server import trust
from server.kernel import clock, database, ids
from server.kernel.clock import DAY
from server.settings import Settings
from server.trust import Action, ClientFacts, HoldState, Source
from tests.cli.test_usage import processes_with
from tests.issuing import make_tenant
from tests.support.processes import Installation
from tests.support.trusting import HELD, decided, held, registered

PATIENCE = 120  # seconds: what is promised are two at most, but test machines are shared


def _beside(installation: Installation, settings: Settings) -> Installation:
    """The program, on the database that this process has open."""
    return processes_with(
        replace(installation, database_url=settings.database_url),
        LATCHKEY_DATABASE_URL=settings.database_url,
        LATCHKEY_SECRET_KEY=settings.secret_key,
    )


@pytest.mark.parametrize(
    ("uri", "action"),
    [
        ("https://app.example/cb", "confirm"),
        ("http://127.0.0.1:5000/cb", "confirm"),
        ("https://app.github.io/cb", "hold"),
        ("https://192.0.2.7/cb", "hold"),
        ("http://app.example/cb", "block"),
        ("javascript:alert(1)", "block"),
    ],
)
def test_explain_says_the_action_first(installation: Installation, uri: str, action: str) -> None:
    done = installation.attempt("trust", "explain", "acme", uri)
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr, lines[0]) == (0, "", action)
    assert lines[1].startswith("score: ")
    assert any(line.startswith("rule: ") for line in lines)
    assert any(line.startswith("signals:") for line in lines)


def test_explain_tells_signals_with_their_weight(installation: Installation) -> None:
    lines = installation.run("trust", "explain", "acme", HELD).splitlines()
    assert "  +50 shared_hosting" in lines
    assert "  +15 registered_dynamically" in lines
    own = installation.run("trust", "explain", "acme", HELD, "--client", "notes-cli").splitlines()
    assert own[0] == "trust"
    assert "  -90 registered_by_admin" in own


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("explain", "nowhere", HELD), 1, "there is no such tenant"),
        (("explain", "acme", HELD, "--client", "nobody"), 1, "there is no such client"),
        (("verdict", "acme", "trust", "--client", "nobody", "--redirect-uri", HELD), 1, "there is no such client"),
        (("verdict", "acme", "trust", "--host", "localhost"), 1, "loopback hosts cannot be trusted"),
        (("verdict", "acme", "trust", "--host", "github.io"), 1, "cannot be trusted"),
        (("verdict", "acme", "trust", "--host", "bit.ly"), 1, "cannot be trusted"),
        (("verdict", "acme", "trust", "--host", "192.0.2.7"), 1, "addresses cannot be trusted"),
        (("verdict", "acme", "perhaps", "--host", "a.example"), 2, "perhaps"),
        (("verdict", "acme", "trust"), 2, "--host"),
        (("verdict", "acme", "trust", "--host", "a.example", "--client", "notes-cli"), 2, "--host"),
        (("verdict", "acme", "trust", "--client", "notes-cli"), 2, "--redirect-uri"),
        (("verdict", "acme", "trust", "--host", "a.example", "--expires", "soon"), 2, "ISO date"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_what_cannot_be_is_refused_in_one_line(
    installation: Installation, arguments: tuple[str, ...], code: int, message: str
) -> None:
    done = installation.attempt("trust", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert message in done.stderr
    if code == 1:
        assert done.stderr.count("\n") == 1


@pytest.mark.usefixtures("storage")
async def test_verdict_is_in_force_where_it_was_cached_and_releases_what_was_held(
    settings: Settings, installation: Installation
) -> None:
    tenant = await make_tenant()
    client = await registered(tenant)
    row = await held(tenant, client)
    assert (await decided(tenant, client)).action is Action.HOLD
    beside = _beside(installation, settings)
    place = ("--client", "dcr", "--redirect-uri", HELD)
    done = await asyncio.to_thread(beside.attempt, "trust", "verdict", "acme", "trust", *place)
    assert (done.returncode, done.stdout) == (0, "")
    deadline = time.monotonic() + PATIENCE
    while not (await decided(tenant, client)).may_redirect:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    settled = await trust.find_hold(tenant.id, row.id)
    assert settled is not None
    assert settled.state is HoldState.APPROVED


POLICY = "rules: [{host: app.example, action: trust, expires: 2099-06-30}, {signal: shared_hosting, action: block}]\n"


@pytest.mark.usefixtures("storage")
async def test_replay_prints_what_would_have_changed_and_saves_nothing(
    settings: Settings, installation: Installation, tmp_path: Path
) -> None:
    tenant = await make_tenant()
    now = clock.now()
    for client_id, uri in (("one", "https://app.example/cb"), ("two", "https://app.example/cb"), ("one", HELD)):
        client = ClientFacts(client_id, Source.DYNAMIC, now, "d" * 64, pk=ids.uuid7())
        decision = await trust.decide(tenant.id, client, uri, None, now)
        await database.write(
            trust.row_of_authorization(
                tenant.id, decision, client_pk=client.pk, person_id=ids.uuid7(), kept_until=now + DAY, now=now
            )
        )
    beside = _beside(installation, settings)
    for name, text in (("policy.yaml", POLICY), ("manifest.yaml", f"tenant: acme\ntrust_policy:\n  {POLICY}")):
        (tmp_path / name).write_text(text, encoding="utf-8")
        done = await asyncio.to_thread(beside.attempt, "trust", "replay", "acme", str(tmp_path / name), "--days", "7")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.splitlines() == [
            "3 authorizations of the last 7 days, 3 of which would have ended otherwise",
            "confirm -> trust: 2 of 2 people",
            "  client one: 1 of 1 person",
            "  client two: 1 of 1 person",
            "  host app.example: 2 of 2 people",
            "hold -> block: 1 of 1 person",
            "  client one: 1 of 1 person",
            "  host app.github.io: 1 of 1 person",
        ]
    assert await trust.list_policy_versions(tenant.id) == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rules: [{host: a.example}]", "rule 1: action is missing"),
        ("rules: [{action: trust}, {action: trust, host: '*.com'}]", "rule 2: host"),
        ("thresholds: {confirm: 90, hold: 10}", "thresholds"),
        ("- a list", "must be a mapping of keys to values"),
        ("rules: [", "is no YAML"),
    ],
)
def test_replay_of_a_broken_policy_is_refused_in_one_line(
    installation: Installation, tmp_path: Path, text: str, message: str
) -> None:
    (tmp_path / "policy.yaml").write_text(text, encoding="utf-8")
    done = installation.attempt("trust", "replay", "acme", str(tmp_path / "policy.yaml"))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert message in done.stderr
