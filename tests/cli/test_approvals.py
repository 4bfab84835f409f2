"""Whoever waits for an administrator goes on once one decides at the command line, and is mailed: over real HTTP."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import httpx2
import pytest

from tests.actors import EndUser, Page, RelyingParty
from tests.support.databases import DatabaseServer
from tests.support.mail_server import MailServer, mail_server
from tests.support.processes import Installation, Server, install, serving

PATIENCE = 120  # seconds: what is promised are two at most, but test machines are shared
ACME: dict[str, object] = {
    "tenant": "acme",
    "display_name": "Acme",
    "users": [{"username": "ada", "email": "ada@acme.test", "password": "correct-horse-battery"}],
}


@pytest.fixture(scope="module")
async def postbox() -> AsyncIterator[MailServer]:
    """A mail server that takes everything."""
    async with mail_server(MailServer()) as running:
        yield running


@pytest.fixture(scope="module")
async def serving_mail(
    database_server: DatabaseServer, tmp_path_factory: pytest.TempPathFactory, postbox: MailServer
) -> AsyncIterator[Server]:
    """A Latchkey that sends mail."""
    mailing = {"LATCHKEY_SMTP_URL": f"smtp://127.0.0.1:{postbox.port}", "LATCHKEY_MAIL_FROM": "sso@acme.test"}
    url = await database_server.create_migrated()
    folder = tmp_path_factory.mktemp("approvals")
    made = await asyncio.to_thread(install, folder, database_url=url, environment=mailing, manifests=[ACME])
    with serving(made) as (running,):
        yield running


@pytest.fixture
async def ada(serving_mail: Server) -> AsyncIterator[EndUser]:
    """Somebody whose browser speaks German."""
    headers = {"accept-language": "de-AT,de;q=0.9,en;q=0.5"}
    async with httpx2.AsyncClient(base_url=serving_mail.url, headers=headers, timeout=PATIENCE) as http:
        yield EndUser(http)


async def _held(ada: EndUser, installation: Installation, host: str) -> tuple[RelyingParty, Page]:
    """A client that registered itself, and the page of somebody who waits to go there."""
    client = await RelyingParty.register(
        ada.http, installation.issuer("acme"), redirect_uris=[f"https://{host}/cb"], client_name=f"Client at {host}"
    )
    page = await ada.visit(client.begin().url)
    if page.step == "login":
        page = await ada.log_in(page)
    page = await ada.consent(page)
    assert page.step == "held"
    return client, page


async def _let_go(ada: EndUser, page: Page) -> Page:
    """The held page, looked at until it is one no more."""
    deadline = time.monotonic() + PATIENCE
    while (now := await ada.submit(page)).step == "held":
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)
    return now


async def _mailed(postbox: MailServer, total: int) -> str:
    deadline = time.monotonic() + PATIENCE
    while len(postbox.taken) < total:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    return str(postbox.taken[-1])


async def test_a_verdict_lets_people_go_on_and_tells_them(
    ada: EndUser, serving_mail: Server, postbox: MailServer
) -> None:
    installation, mails = serving_mail.installation, len(postbox.taken)
    client, page = await _held(ada, installation, "app.github.io")
    assert "Sie bekommen eine Mail" in page.document.text
    place = ("--client", client.client_id, "--redirect-uri", client.redirect_uri)
    await asyncio.to_thread(installation.run, "trust", "verdict", "acme", "trust", *place)
    assert "code" in (await _let_go(ada, page)).answer
    await _mailed(postbox, mails + 1)
    (message,) = postbox.taken[mails:]
    text = message.get_content()
    assert (message["from"], message["to"]) == ("Acme über Latchkey <sso@acme.test>", "ada@acme.test")
    assert message["subject"] == "Sie können weiter zu app.github.io"
    assert "app.github.io" in text
    # Nothing to click, and nothing that the client says of itself.
    assert not any(word in text for word in ("://", client.client_id, "Client at", "/cb"))
    assert "ada@acme.test" not in serving_mail.log()


async def test_a_manifest_lets_people_go_on_and_blocks_others(
    ada: EndUser, serving_mail: Server, postbox: MailServer
) -> None:
    installation, mails = serving_mail.installation, len(postbox.taken)
    _, good = await _held(ada, installation, "good.vercel.app")
    _, evil = await _held(ada, installation, "evil.vercel.app")
    rules = [{"host": "good.vercel.app", "action": "trust"}, {"host": "evil.vercel.app", "action": "block"}]
    await asyncio.to_thread(installation.apply, {"tenant": "acme", "trust_policy": {"rules": rules}})
    assert "code" in (await _let_go(ada, good)).answer
    assert (await _let_go(ada, evil)).status == 403
    assert "good.vercel.app" in await _mailed(postbox, mails + 1)


async def test_mail_waits_for_a_server_that_is_away(ada: EndUser, serving_mail: Server, postbox: MailServer) -> None:
    installation, mails = serving_mail.installation, len(postbox.taken)
    _, page = await _held(ada, installation, "late.github.io")
    postbox.reply_to_data = "451 too busy for ada@acme.test"
    await asyncio.to_thread(installation.run, "trust", "verdict", "acme", "trust", "--host", "late.github.io")
    assert "code" in (await _let_go(ada, page)).answer
    deadline = time.monotonic() + PATIENCE
    while "job failed" not in serving_mail.log():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)
    postbox.reply_to_data = "250 taken"
    assert "late.github.io" in await _mailed(postbox, mails + 1)
    log = serving_mail.log()
    assert "SMTPDataError 451" in log
    assert "ada@acme.test" not in log
