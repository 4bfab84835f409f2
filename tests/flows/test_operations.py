"""What those who run the server see of it: figures, checks, and lines in the log."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from server import tenants
from server.administration import ensure_system_tenant
from server.hosting import Dispatcher
from server.kernel import clock, database, encryption, logs
from server.settings import Settings
from tests.actors import EndUser, RelyingParty
from tests.conftest import PUBLIC_URL
from tests.support import cleaning

Asking = Callable[..., Awaitable[float]]


@pytest.fixture
def figure(http: httpx2.AsyncClient) -> Asking:
    """What /metrics says of a name and some of its labels: the sum of what matches."""

    async def ask(name: str, **labels: str) -> float:
        response = await http.get("/metrics")
        assert response.status_code == 200
        return sum(
            sample.value
            for family in text_string_to_metric_families(response.text)
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    return ask


async def test_requests_are_counted_by_endpoint_status_and_tier(
    issuer: str, http: httpx2.AsyncClient, figure: Asking
) -> None:
    name, tier = "latchkey_request_duration_seconds_count", {"tier": "tenant"}
    good = await figure(name, endpoint="jwks", status="2xx", **tier)
    bad = await figure(name, endpoint="token", status="4xx", **tier)
    refusals = await figure("latchkey_refusals_total", endpoint="token", error="invalid_client")
    await http.get(f"{issuer}/jwks")
    await http.get(f"{issuer}/jwks")
    await http.post(f"{issuer}/token", data={"grant_type": "client_credentials", "client_id": "nobody"})
    assert await figure(name, endpoint="jwks", status="2xx", **tier) == good + 2
    assert await figure(name, endpoint="token", status="4xx", **tier) == bad + 1
    assert await figure("latchkey_refusals_total", endpoint="token", error="invalid_client") == refusals + 1


async def test_grants_logins_and_pages_are_counted(webapp: RelyingParty, ada: EndUser, figure: Asking) -> None:
    grants, logins = "latchkey_grant_duration_seconds_count", "latchkey_logins_total"
    requests = "latchkey_request_duration_seconds_count"
    codes = await figure(grants, grant_type="authorization_code", outcome="ok")
    wrong = await figure(grants, grant_type="refresh_token", outcome="invalid_grant")
    succeeded = await figure(logins, outcome="succeeded")
    failed = await figure(logins, outcome="wrong")
    pages = await figure(requests, endpoint="interaction")
    attempt = webapp.begin(scope="openid")
    page = await ada.log_in(await ada.visit(attempt.url), password="not-the-password")
    page = await ada.allow(await ada.log_in(page))
    assert (await webapp.redeem(page.answer["code"], attempt)).status_code == 200
    assert (await webapp.refresh("lk_none")).status_code == 400
    assert await figure(grants, grant_type="authorization_code", outcome="ok") == codes + 1
    assert await figure(grants, grant_type="refresh_token", outcome="invalid_grant") == wrong + 1
    assert await figure(logins, outcome="succeeded") == succeeded + 1
    assert await figure(logins, outcome="wrong") == failed + 1
    assert await figure(requests, endpoint="interaction") > pages


async def test_no_label_grows_with_what_strangers_send(issuer: str, http: httpx2.AsyncClient) -> None:
    for path in ("/made-up-path", "/t/made-up-tenant/token", "/t/acme/made-up-endpoint"):
        await http.get(path)
    await http.post(f"{issuer}/token", data={"grant_type": "made-up-grant", "client_id": "made-up-client"})
    await http.request("MADE-UP-METHOD", f"{issuer}/jwks")
    text = (await http.get("/metrics")).text
    tenant = await tenants.find_by_slug("acme", PUBLIC_URL)
    assert tenant is not None
    assert "made-up" not in text.lower()
    assert str(tenant.id) not in text
    assert "acme" not in text


async def test_figures_are_not_there_for_strangers(issuer: str, app: Dispatcher, http: httpx2.AsyncClient) -> None:
    stranger = httpx2.ASGITransport(app, client=("203.0.113.9", 4711))
    async with httpx2.AsyncClient(transport=stranger, base_url=PUBLIC_URL) as outside:
        missing = await outside.get("/no-such-page")
        hidden = await outside.get("/metrics")
        assert (hidden.status_code, hidden.text.count("latchkey_")) == (404, 0)
        assert hidden.headers["content-type"] == missing.headers["content-type"]
        assert (await outside.get("/healthz")).status_code == 200
    assert (await http.get("/metrics", headers={"x-forwarded-for": "203.0.113.9"})).status_code == 404


@pytest.mark.usefixtures("platform", "warm_caches")
async def test_caches_and_checks_are_told_of(issuer: str, http: httpx2.AsyncClient, figure: Asking) -> None:
    hits = await figure("latchkey_cache_lookups_total", topic="keys", result="hit")
    await http.get(f"{issuer}/jwks")
    await http.get(f"{issuer}/jwks")
    assert await figure("latchkey_cache_lookups_total", topic="keys", result="hit") > hits
    assert await figure("latchkey_cache_entries", topic="keys") > 0
    assert await figure("latchkey_ready", check="database") == 1
    if database.is_postgresql():
        assert await figure("latchkey_database_connections", state="max") == 10


async def test_readiness_names_what_is_not_well(app: Dispatcher, http: httpx2.AsyncClient, settings: Settings) -> None:
    unmade = await http.get("/readyz")
    assert (unmade.status_code, unmade.json()) == (503, {"status": "unavailable", "failed": ["keys"]})
    await ensure_system_tenant(settings.public_url, clock.now())
    app.operations.readiness._checked_at = 0
    assert (await http.get("/readyz")).json() == {"status": "ok"}


async def test_whoever_stops_says_so_first(app: Dispatcher) -> None:
    @asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        yield
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=PUBLIC_URL) as http:
            answers.append((await http.get("/readyz")).json())

    answers: list[object] = []
    told: list[object] = []

    async def receive() -> MutableMapping[str, object]:
        return {}

    async def send(message: MutableMapping[str, object]) -> None:
        told.append(message["type"])

    await replace(app, lifespan=lifespan)({"type": "lifespan"}, receive, send)
    assert told == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert answers == [{"status": "stopping"}]


@pytest.mark.usefixtures("platform")
async def test_keys_that_do_not_open_are_not_ready(http: httpx2.AsyncClient, settings: Settings) -> None:
    cleaning.start_fresh(settings)
    encryption.open_master_secrets("another master secret than that of the tests")
    try:
        response = await http.get("/readyz")
        assert (response.status_code, response.json()["failed"]) == (503, ["keys"])
    finally:
        encryption.open_master_secrets(settings.secret_key)


@pytest.fixture
async def pending() -> AsyncIterator[None]:
    """A migration that this program knows and the database does not."""
    sql = "UPDATE tortoise_migrations SET app = $2 WHERE app = $1"
    await database.execute(sql, "latchkey", "elsewhere")
    yield
    await database.execute(sql, "elsewhere", "latchkey")


@pytest.mark.usefixtures("platform", "pending")
async def test_an_older_database_is_not_ready(http: httpx2.AsyncClient) -> None:
    response = await http.get("/readyz")
    assert (response.status_code, response.json()["failed"]) == (503, ["migrations"])


async def test_lines_of_a_request_carry_its_correlation_id_and_tenant(
    issuer: str, http: httpx2.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("json")
    try:
        refused = await http.post(f"{issuer}/token", data={"grant_type": "client_credentials", "client_id": "nobody"})
        answered = await http.get(f"{issuer}/jwks")
        page = await http.get(f"{issuer}/interaction/none")
    finally:
        logs.configure("text")
    tenant = await tenants.find_by_slug("acme", PUBLIC_URL)
    assert tenant is not None
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    # What is answered leaves no line: it is counted, and what it changed is in the audit.
    assert [line["correlation_id"] for line in lines] == [
        refused.headers["x-correlation-id"],
        page.headers["x-correlation-id"],
    ]
    assert answered.headers["x-correlation-id"]
    for line in lines:
        assert {"timestamp", "level", "event", "logger_name"} <= line.keys()
        assert line["tenant"] == str(tenant.id)
