"""The program as a service manager sees it: it ends when told to, forgets nothing, and logs no secret."""

from __future__ import annotations

import httpx2
import pytest

from tests.actors import EndUser, RelyingParty
from tests.support.processes import Installation, Server, install, serving, start
from tests.support.serving import WEB_CALLBACK, WEB_SECRET
from tests.support.steady_load import ANSWER_WITHIN


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return install(tmp_path_factory.mktemp("empty"))


def test_it_ends_cleanly_when_told_to(empty: Installation) -> None:
    server = start(empty)
    assert httpx2.get(f"{server.url}/readyz", timeout=ANSWER_WITHIN).status_code == httpx2.codes.OK
    assert server.stop() == 0
    assert "Traceback" not in server.log()
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(f"{server.url}/healthz")


def test_nothing_is_forgotten_over_a_restart(empty: Installation) -> None:
    empty.apply({"tenant": "lasting", "display_name": "Lasting", "mode": "native"})
    documents = []
    for _ in range(2):
        with serving(empty) as (server,):
            documents.append(httpx2.get(f"{server.url}/t/lasting/jwks", timeout=ANSWER_WITHIN).json())
    assert documents[0] == documents[1]
    assert documents[0]["keys"]


async def test_no_secret_gets_into_the_log(server: Server, http: httpx2.AsyncClient, issuer: str) -> None:
    ada = EndUser(http)
    client = RelyingParty(http, issuer, "webapp", redirect_uri=WEB_CALLBACK, client_secret=WEB_SECRET)
    attempt = client.begin(scope="openid offline_access", prompt="consent")
    page = await ada.visit(attempt.url)
    await ada.log_in(page, password="guess-of-somebody-4711")
    code = (await ada.authorize(attempt.url)).answer["code"]
    refused = await client.redeem(code, attempt, code_verifier="a-verifier-that-is-wrong-" + "x" * 43)
    tokens = (await client.redeem(code, attempt)).json()
    await client.redeem(code, attempt)  # a replay
    await client.refresh(tokens["refresh_token"])
    await client.revoke(tokens["access_token"])
    wrong = RelyingParty(http, issuer, "webapp", redirect_uri=WEB_CALLBACK, client_secret="guess-of-somebody-0815")
    await wrong.introspect(tokens["access_token"])

    log = server.log()
    assert str(refused.headers["x-correlation-id"]) in log
    secrets = {
        "code": code,
        "verifier": attempt.verifier,
        "password": ada.password,
        "guessed password": "guess-of-somebody-4711",
        "client secret": WEB_SECRET,
        "guessed client secret": "guess-of-somebody-0815",
        "master secret": str(server.installation.environment["LATCHKEY_SECRET_KEY"]),
        **{name: tokens[name] for name in ("access_token", "refresh_token", "id_token")},
        **{f"cookie {name}": value for name, value in http.cookies.items()},
    }
    assert [name for name, secret in secrets.items() if secret in log] == []
