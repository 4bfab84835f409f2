"""How many statements a request may cost once the caches are warm, through the whole server. One table of them all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import httpx2
import pytest

from server.kernel import cache, database
from server.settings import Settings
from tests.actors import EndUser, RelyingParty
from tests.conftest import PUBLIC_URL
from tests.flows.conftest import ACME, apply_document
from tests.support.statements import Recorder, scans

BATCH_SECRET = "a-secret-of-the-batch-client"
OPAQUE = "https://files.acme.test/"
BATCH: dict[str, object] = {
    "client_id": "batch",
    "client_secret": BATCH_SECRET,
    "grant_types": ["client_credentials"],
    "scope": "notes:read",
}


@dataclass(frozen=True, slots=True)
class Scene:
    """Who takes part; ada is signed in and has consented."""

    webapp: RelyingParty
    batch: RelyingParty
    ada: EndUser
    http: httpx2.AsyncClient

    async def tokens(self, **parameters: str) -> dict[str, str]:
        """Fresh tokens of ada's for the web application."""
        attempt = self.webapp.begin(scope="openid profile offline_access", **parameters)
        answer = (await self.ada.authorize(attempt.url)).answer
        return dict((await self.webapp.redeem(answer["code"], attempt)).json())

    async def access_token(self, **parameters: str) -> str:
        """A fresh access token of ada's."""
        return (await self.tokens(**parameters))["access_token"]


# What is asked once everything that it takes is there.
Request = Callable[[], Awaitable[httpx2.Response]]
KINDS: dict[str, Callable[[Scene], Awaitable[Request]]] = {}
BUDGETS = {
    "client_credentials, JWT": 1,
    "client_credentials, opaque": 1,
    "code, JWT": 2,
    "code, opaque": 2,
    "refresh, JWT": 2,
    "refresh, opaque": 2,
    "refresh in grace": 3,
    "introspect, JWT": 2,
    "introspect, opaque": 2,
    "introspect, own JWT": 1,
    "introspect, refresh token": 1,
    "introspect, unknown token": 0,
    "revoke, JWT": 3,
    "revoke, opaque": 3,
    "revoke, refresh token": 2,
    "userinfo": 2,
    "jwks": 0,
    "metadata": 0,
    "authorize, signed in and remembered": 4,
    "login page": 1,
    "login, to the client": 7,
    "unknown client": 2,
    "unknown tenant": 1,
}
COLD_TENANT_BUDGET = 6


def kind(name: str) -> Callable[[Callable[[Scene], Awaitable[Request]]], Callable[[Scene], Awaitable[Request]]]:
    """Name what prepares a request."""

    def add(prepare: Callable[[Scene], Awaitable[Request]]) -> Callable[[Scene], Awaitable[Request]]:
        KINDS[name] = prepare
        return prepare

    return add


@pytest.fixture
async def scene(http: httpx2.AsyncClient, settings: Settings, warm_caches: None) -> Scene:
    """All of them, at a tenant of their own."""
    clients = ACME["clients"]
    assert isinstance(clients, list)
    await apply_document(settings, {**ACME, "clients": [*clients, BATCH]})
    issuer = f"{PUBLIC_URL}/t/acme"
    secret = "a-secret-of-the-web-application"
    webapp = RelyingParty(http, issuer, "webapp", redirect_uri="https://app.acme.test/callback", client_secret=secret)
    return Scene(webapp, replace(webapp, client_id="batch", client_secret=BATCH_SECRET), EndUser(http), http)


@kind("client_credentials, JWT")
async def _own_jwt(scene: Scene) -> Request:
    return lambda: scene.batch.token(grant_type="client_credentials")


@kind("client_credentials, opaque")
async def _own_opaque(scene: Scene) -> Request:
    return lambda: scene.batch.token(grant_type="client_credentials", resource=OPAQUE)


@kind("code, JWT")
async def _code_for_jwt(scene: Scene) -> Request:
    return await _code(scene)


@kind("code, opaque")
async def _code_for_opaque(scene: Scene) -> Request:
    return await _code(scene, resource=OPAQUE)


async def _code(scene: Scene, **parameters: str) -> Request:
    attempt = scene.webapp.begin(scope="openid profile offline_access", **parameters)
    answer = (await scene.ada.authorize(attempt.url)).answer
    return lambda: scene.webapp.redeem(answer["code"], attempt)


@kind("refresh, JWT")
async def _refresh_jwt(scene: Scene) -> Request:
    return await _refresh(scene)


@kind("refresh, opaque")
async def _refresh_for_opaque(scene: Scene) -> Request:
    return await _refresh(scene, resource=OPAQUE)


async def _refresh(scene: Scene, **parameters: str) -> Request:
    tokens = await scene.tokens(**parameters)
    return lambda: scene.webapp.refresh(tokens["refresh_token"])


@kind("refresh in grace")
async def _refresh_again(scene: Scene) -> Request:
    request = await _refresh(scene)
    await request()
    return request


@kind("introspect, JWT")
async def _introspect_jwt(scene: Scene) -> Request:
    token = await scene.access_token()
    await scene.webapp.introspect(token)
    return lambda: scene.webapp.introspect(token)


@kind("introspect, opaque")
async def _introspect_opaque(scene: Scene) -> Request:
    token = await scene.access_token(resource=OPAQUE)
    return lambda: scene.webapp.introspect(token)


@kind("introspect, own JWT")
async def _introspect_own(scene: Scene) -> Request:
    token = (await scene.batch.token(grant_type="client_credentials")).json()["access_token"]
    return lambda: scene.batch.introspect(token)


@kind("introspect, refresh token")
async def _introspect_refresh_token(scene: Scene) -> Request:
    token = (await scene.tokens())["refresh_token"]
    return lambda: scene.webapp.introspect(token)


@kind("introspect, unknown token")
async def _introspect_nothing(scene: Scene) -> Request:
    return lambda: scene.webapp.introspect("lk_at_unknown")


@kind("revoke, JWT")
async def _revoke_jwt(scene: Scene) -> Request:
    token = await scene.access_token()
    return lambda: scene.webapp.revoke(token)


@kind("revoke, opaque")
async def _revoke_opaque(scene: Scene) -> Request:
    token = await scene.access_token(resource=OPAQUE)
    return lambda: scene.webapp.revoke(token)


@kind("revoke, refresh token")
async def _revoke_refresh_token(scene: Scene) -> Request:
    token = (await scene.tokens())["refresh_token"]
    return lambda: scene.webapp.revoke(token)


@kind("userinfo")
async def _userinfo(scene: Scene) -> Request:
    token = await scene.access_token()
    return lambda: scene.webapp.userinfo(token)


@kind("jwks")
async def _jwks(scene: Scene) -> Request:
    return lambda: scene.http.get(f"{scene.webapp.issuer}/jwks")


@kind("metadata")
async def _metadata(scene: Scene) -> Request:
    return lambda: scene.http.get(f"{scene.webapp.issuer}/.well-known/openid-configuration")


@kind("authorize, signed in and remembered")
async def _authorize(scene: Scene) -> Request:
    attempt = scene.webapp.begin(scope="openid profile")
    await scene.ada.authorize(attempt.url)
    return lambda: scene.http.get(attempt.url)


@kind("login page")
async def _login_page(scene: Scene) -> Request:
    page = await scene.ada.visit(scene.webapp.begin().url)
    return lambda: scene.http.get(page.url)


@kind("login, to the client")
async def _login(scene: Scene) -> Request:
    page = await scene.ada.visit(scene.webapp.begin(prompt="login").url)
    fields = page.document.form().filled({"username": "ada", "password": "correct-horse-battery"})
    return lambda: scene.http.post(page.url, data=dict(fields), headers={"origin": PUBLIC_URL})


@kind("unknown client")
async def _unknown_client(scene: Scene) -> Request:
    return lambda: replace(scene.batch, client_id="nobody").token(grant_type="client_credentials")


@kind("unknown tenant")
async def _unknown_tenant(scene: Scene) -> Request:
    return lambda: scene.http.get(f"{PUBLIC_URL}/t/nowhere/jwks")


@pytest.mark.parametrize("name", BUDGETS)
async def test_a_request_stays_within_its_budget(scene: Scene, name: str) -> None:
    prepare = KINDS[name]
    await (await prepare(scene))()
    request = await prepare(scene)
    with database.query_count() as count:
        response = await request()
    assert (response.status_code < httpx2.codes.BAD_REQUEST) == (not name.startswith("unknown"))
    assert count.total == BUDGETS[name]


async def test_the_policy_costs_one_query_by_index_on_the_way_out(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside the one row that it adds to the write that is made anyway."""
    request = await KINDS["authorize, signed in and remembered"](scene)
    await request()
    recorder = Recorder(monkeypatch)
    assert (await request()).status_code == httpx2.codes.SEE_OTHER
    asked, written = recorder.about("trust_")
    assert asked.lstrip().startswith("SELECT")
    assert written.lstrip().startswith("INSERT INTO trust_authorization")
    if database.is_postgresql():
        # Of so few rows PostgreSQL would read all; tests/contract/trust/test_plans.py has more.
        return
    assert not scans((await recorder.plans())[asked], ["trust_[a-z]+"])


def test_every_kind_has_a_budget() -> None:
    assert set(KINDS) == set(BUDGETS)


async def test_the_first_request_at_a_cold_tenant(scene: Scene) -> None:
    cache.drop_everything()
    with database.query_count() as count:
        response = await scene.batch.token(grant_type="client_credentials")
    assert response.status_code == 200
    assert count.total == COLD_TENANT_BUDGET
