"""What a reputation service says decides where people go, and what becomes of it decides nothing else: over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from time import monotonic

import pytest

from server import trust
from server.kernel import clock, database
from server.kernel.json import load_json
from server.kernel.service import Service
from server.settings import Settings
from server.tenants import Tenant
from server.trust import Action, Decision, Reason, Reputation, Signal
from server.trust import reputation as service_of_trust
from tests.actors import EndUser, RelyingParty
from tests.flows.test_leaving import HOST, outside, person, set_policy
from tests.flows.test_redirect_step import at_the_step, details, tenant
from tests.support.ports import free_port
from tests.support.reputation_host import ReputationHost, reputation_host

__all__ = ["outside", "person", "tenant"]

Ask = Callable[..., None]


@pytest.fixture
async def host() -> AsyncIterator[ReputationHost]:
    """A service that is well, and knows nothing bad."""
    async with reputation_host(ReputationHost()) as running:
        yield running


@pytest.fixture
async def ask(settings: Settings, host: ReputationHost) -> AsyncIterator[Ask]:
    """Begin to ask it, with nothing remembered."""

    def begin(*, url: str = "", seconds: float = 60, fails_closed: bool = False, token: str | None = None) -> None:
        service = Service(url or host.url, token, seconds)
        trust.open_reputation(replace(settings, reputation=service, reputation_fails_closed=fails_closed))

    begin()
    yield begin
    trust.close_reputation()


async def _decided(tenant: Tenant, uri: str = f"https://{HOST}/cb") -> Decision:
    now = clock.now()
    newcomer = trust.ClientFacts("", trust.Source.DYNAMIC, registered_at=now, metadata_digest="")
    return await trust.decide(tenant.id, newcomer, uri, None, now)


async def test_malicious_blocks_whatever_an_administrator_trusts(
    person: EndUser, outside: RelyingParty, settings: Settings, host: ReputationHost, ask: Ask
) -> None:
    await set_policy(settings, "trust")
    host.says = "malicious"
    page = await person.visit(outside.begin().url)
    assert (page.status, page.error, page.callback) == (403, "access_denied", None)
    (told,) = await details("redirect.blocked")
    assert (told["action"], told["reason"]) == ("block", "malicious")
    assert "reputation_malicious" in str(told["signals"])


async def test_suspicious_is_a_signal_that_audit_and_replay_see(
    person: EndUser, outside: RelyingParty, host: ReputationHost, ask: Ask
) -> None:
    host.says = "suspicious"
    page = await person.leave(await at_the_step(person, outside))
    assert "code" in page.answer
    (row,) = await database.rows("SELECT facts FROM trust_authorization")
    facts = trust.Facts.from_json(load_json(str(row["facts"])))
    assert facts.reputation is Reputation.SUSPICIOUS
    (told,) = await details("grant.created")
    assert "reputation_suspicious" in str(told["signals"])
    # Asked once, for the host alone, in a flow of several steps.
    assert host.asked == [HOST]


async def test_only_what_a_host_is_asked_for_leaves(tenant: Tenant, host: ReputationHost, ask: Ask) -> None:
    ask(token="let-me-in")
    for uri in ("http://127.0.0.1:5000/cb", "com.example.app:/cb", "http://a.example/cb", "javascript:alert(1)"):
        await _decided(tenant, uri)
    assert host.asked == []
    await _decided(tenant, "https://a.example:8443/cb?secret=1")
    assert host.asked == ["a.example"]
    assert "authorization: Bearer let-me-in" in host.heads[0]
    assert "secret=1" not in host.heads[0]


ILLNESSES: tuple[dict[str, object], ...] = (
    {"status": "500 Internal Server Error"},
    {"status": "302 Found"},
    {"body": b"<html>"},
    {"body": b'{"reputation": "excellent"}'},
    {"body": b"[" * 3000},
    {"body": b" " * 5000},
    {"delay": 5.0},
)


@pytest.mark.parametrize(("fails_closed", "said"), [(False, Reputation.UNKNOWN), (True, Reputation.SUSPICIOUS)])
async def test_an_ill_service_keeps_nobody_waiting_and_fails_as_was_chosen(
    tenant: Tenant, host: ReputationHost, ask: Ask, *, fails_closed: bool, said: Reputation
) -> None:
    for illness in ILLNESSES:
        for name, value in illness.items():
            setattr(host, name, value)
        ask(seconds=0.1, fails_closed=fails_closed)
        decision = await _decided(tenant, "https://fresh.example/cb")
        assert decision.facts.reputation is said
        assert (Signal.REPUTATION_SUSPICIOUS in {hit.signal for hit in decision.signals}) is fails_closed
        assert decision.action is (Action.HOLD if fails_closed else Action.CONFIRM)
        host.status, host.body = "200 OK", None


async def test_a_service_that_is_down_is_left_alone_and_heard_again_once_it_is_back(
    tenant: Tenant, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    ask(url=f"http://127.0.0.1:{port}/hosts")
    for number in range(service_of_trust.FAILURES_UNTIL_BREAK + 2):
        assert (await _decided(tenant, f"https://a{number}.example/")).facts.reputation is Reputation.UNKNOWN
    async with reputation_host(ReputationHost(says="malicious", port=port)) as back:
        assert (await _decided(tenant)).facts.reputation is Reputation.UNKNOWN
        assert back.asked == []
        monkeypatch.setattr(service_of_trust._service, "_clock", lambda: monotonic() + service_of_trust.BREAK_SECONDS)
        decision = await _decided(tenant)
        assert back.asked == [HOST]
        assert (decision.action, decision.reason) == (Action.BLOCK, Reason.MALICIOUS)
    # It is gone again, and what it said is not.
    assert (await _decided(tenant)).action is Action.BLOCK


async def test_a_token_or_an_address_is_in_no_log(tenant: Tenant, ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    ask(url=f"http://127.0.0.1:{free_port()}/hosts?key=hidden", token="let-me-in")
    for number in range(service_of_trust.FAILURES_UNTIL_BREAK):
        await _decided(tenant, f"https://a{number}.example/")
    told = "".join(capsys.readouterr())
    assert "left alone" in told
    assert not any(secret in told for secret in ("hidden", "let-me-in"))


async def test_where_none_is_set_up_nobody_is_asked(tenant: Tenant, host: ReputationHost) -> None:
    assert (await _decided(tenant)).facts.reputation is Reputation.UNKNOWN
    assert host.asked == []
