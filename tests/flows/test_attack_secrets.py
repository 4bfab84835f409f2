"""What must never be written down: a whole flow, good and bad, and then the log and the audit are searched."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from server.kernel import database
from server.kernel.database_url import SqliteUrl, parse_database_url
from tests.actors import EndUser, RelyingParty

if TYPE_CHECKING:
    import httpx2

    from server.settings import Settings

SECRET = "a-secret-of-the-web-application"
TABLES = (
    "audit_event",
    "interaction",
    "access_grant",
    "browser_session",
    "revoked_token",
    "opaque_token",
    "client_secret",
)


async def whole_flow(ada: EndUser, webapp: RelyingParty, registered: RelyingParty) -> set[str]:
    """Everything that a person and a client do, rightly and wrongly; returns the secrets of it."""
    attempt = webapp.begin(scope="openid offline_access notes:read", resource="https://files.acme.test/")
    page = await ada.visit(attempt.url)
    secrets = {page.document.form("login").values("csrf")[0]}
    await ada.log_in(page, password="a-wrong-password-of-ada")
    page = await ada.log_in(page)
    secrets.add(page.document.form("consent").values("csrf")[0])
    code = (await ada.allow(page)).answer["code"]
    await webapp.redeem(code, attempt, code_verifier="wrong" * 10)
    await webapp.redeem("lk_code_forged", attempt)
    first = (await webapp.redeem(code, attempt)).json()
    second = (await webapp.refresh(first["refresh_token"])).json()
    for token in (second["access_token"], second["refresh_token"], second["id_token"]):
        await webapp.introspect(token)
        await webapp.userinfo(token)
    await webapp.userinfo("a-bearer-token-that-nobody-issued")
    await registered.revoke(second["access_token"])
    await webapp.revoke(second["access_token"])
    await webapp.redeem(code, attempt)
    await webapp.http.post(
        f"{webapp.issuer}/token", data={"client_id": "webapp", "client_secret": "a-guess-at-the-secret"}
    )
    await webapp.http.get(f"{webapp.issuer}/userinfo?access_token={second['access_token']}")
    await ada.visit(f"{webapp.issuer}/logout?id_token_hint={second['id_token']}")
    tokens = {str(answer[name]) for answer in (first, second) for name in ("access_token", "refresh_token", "id_token")}
    cookies = {str(cookie.value) for cookie in ada.http.cookies.jar if not cookie.name.endswith("-d")}
    typed = {
        ada.password,
        SECRET,
        "a-wrong-password-of-ada",
        "a-guess-at-the-secret",
        "a-bearer-token-that-nobody-issued",
    }
    return secrets | tokens | cookies | typed | {code, attempt.verifier, str(registered.client_secret)}


async def test_no_secret_is_in_the_log(
    ada: EndUser, webapp: RelyingParty, http: httpx2.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    registered = await RelyingParty.register(http, webapp.issuer, token_endpoint_auth_method="client_secret_post")
    secrets = await whole_flow(ada, webapp, registered)
    captured = capsys.readouterr()
    log = captured.err + captured.out
    assert "refused" in log
    assert [secret for secret in secrets if secret in log] == []


async def test_no_secret_is_in_any_row(ada: EndUser, webapp: RelyingParty, http: httpx2.AsyncClient) -> None:
    registered = await RelyingParty.register(http, webapp.issuer, token_endpoint_auth_method="client_secret_post")
    secrets = await whole_flow(ada, webapp, registered)
    assert await database.rows("SELECT id FROM opaque_token")
    for table in TABLES:
        rows = await database.rows(f'SELECT * FROM "{table}"')  # noqa: S608 - names of our own tables
        text = "\n".join(str(dict(row)) for row in rows)
        assert [secret for secret in secrets if secret in text] == [], table


async def test_the_address_of_a_page_tells_nothing_that_counts_elsewhere(
    ada: EndUser, stranger: EndUser, webapp: RelyingParty
) -> None:
    page = await ada.visit(webapp.begin().url)
    assert parse_qs(urlsplit(page.url).query) == {}
    assert page.headers["referrer-policy"] == "no-referrer"
    assert (await stranger.visit(page.url)).status == 400


async def test_the_database_file_is_its_owners_alone(storage: None, settings: Settings) -> None:
    target = parse_database_url(settings.database_url)
    if not isinstance(target, SqliteUrl):
        pytest.skip("a server's files are its own affair")
    files = sorted(Path(target.path).parent.glob(f"{Path(target.path).name}*"))
    assert files
    assert {file.name: file.stat().st_mode & 0o077 for file in files} == {file.name: 0 for file in files}
