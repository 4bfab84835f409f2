"""Handing mail to a mail server, over real sockets: what it holds, how it goes, and what is said when it fails."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from server.kernel import ids, mail
from server.kernel.mail import Mail, MailRefused, MailUnsent, is_address, parse_smtp_url
from tests.support.certificates import make_authority
from tests.support.mail_server import MailServer, mail_server
from tests.support.ports import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.certificates import Authority

NAME = "localhost"
ACCOUNT = ("latchkey", "p@ss:word")
USER = "latchkey:p%40ss%3Aword@"


@dataclass(frozen=True, slots=True)
class Configured:
    """The settings that mail looks at."""

    mail_server: mail.MailServer | None
    mail_from: str = "no-reply@auth.test"


def letter(recipient: str = "ada@acme.test", *, sender: str = "Acme") -> Mail:
    return Mail(ids.uuid7(), recipient, sender, "Grüße", "Sie können weiter.\n.\nEnde\n")


@asynccontextmanager
async def taking(server: MailServer, scheme: str = "smtp", user: str = "") -> AsyncIterator[MailServer]:
    """Mail goes to this server."""
    async with mail_server(server):
        mail.open_mail(Configured(parse_smtp_url(f"{scheme}://{user}{NAME}:{server.port}")))
        try:
            yield server
        finally:
            mail.close_mail()


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("mail"))


@pytest.fixture
def authority(trusted: Authority, monkeypatch: pytest.MonkeyPatch) -> Authority:
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted.path))
    return trusted


async def test_a_mail_arrives_as_it_was_written() -> None:
    sent = letter()
    async with taking(MailServer()) as server:
        await mail.send(sent)
    (message,) = server.taken
    assert {name: message[name] for name in ("from", "to", "subject", "auto-submitted", "message-id")} == {
        "from": "Acme <no-reply@auth.test>",
        "to": "ada@acme.test",
        "subject": "Grüße",
        "auto-submitted": "auto-generated",
        "message-id": f"<{sent.id}@auth.test>",
    }
    assert message.get_content().replace("\r\n", "\n") == sent.text
    assert message["date"].datetime.tzinfo is not None


@pytest.mark.rfc("8314", "3.3")
async def test_tls_from_the_first_byte_and_only_to_a_server_of_that_name(authority: Authority) -> None:
    async with taking(MailServer(authority.server_context(NAME), account=ACCOUNT), "smtps", USER) as server:
        await mail.send(letter())
    assert len(server.taken) == 1
    async with taking(MailServer(authority.server_context("elsewhere.test"), account=ACCOUNT), "smtps", USER) as server:
        with pytest.raises(MailUnsent, match="SSLCertVerificationError"):
            await mail.send(letter())
    assert server.commands == []


@pytest.mark.rfc("3207", "4")
async def test_tls_where_it_is_offered_before_anything_that_matters(authority: Authority) -> None:
    offering = MailServer(authority.server_context(NAME), starttls=True, account=ACCOUNT)
    async with taking(offering, user=USER) as server:
        await mail.send(letter())
    assert server.commands == [
        "EHLO plain", "STARTTLS plain", "EHLO tls", "AUTH tls", "MAIL tls", "RCPT tls", "DATA tls", "QUIT tls",
    ]  # fmt: skip
    async with taking(MailServer(authority.server_context("elsewhere.test"), starttls=True)) as server:
        with pytest.raises(MailUnsent, match="SSLCertVerificationError"):
            await mail.send(letter())
    assert server.taken == []


async def test_no_password_is_said_where_somebody_took_the_offer_of_tls_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "is_loopback_host", lambda _: False)
    async with taking(MailServer(account=ACCOUNT), user=USER) as server:
        with pytest.raises(MailUnsent, match="no TLS"):
            await mail.send(letter())
    assert [command for command in server.commands if not command.startswith(("EHLO", "QUIT"))] == []


@pytest.mark.parametrize(
    ("server", "fault"),
    [
        (MailServer(reply_to_recipient="550 ada@acme.test is nobody"), MailRefused),
        (MailServer(reply_to_recipient="451 ada@acme.test is too busy"), MailUnsent),
        (MailServer(reply_to_data="554 spam for ada@acme.test"), MailUnsent),
        (MailServer(account=("other", "secret")), MailUnsent),
    ],
    ids=["nobody", "later", "not this", "no account"],
)
async def test_a_refusal_is_told_without_address_password_or_reply(server: MailServer, fault: type[Exception]) -> None:
    async with taking(server, user=USER if server.account else ""):
        with pytest.raises(fault) as caught:
            await mail.send(letter())
    told = f"{caught.value} {caught.value.__cause__}"
    assert not any(secret in told for secret in ("ada", "acme", "p@ss", "spam", "nobody"))


async def test_a_server_where_nobody_can_sign_in_is_no_reason_to_lose_mail() -> None:
    async with taking(MailServer(), user=USER):
        with pytest.raises(MailUnsent, match="sign in"):
            await mail.send(letter())


async def test_a_server_that_is_down_or_silent_is_told_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    mail.open_mail(Configured(parse_smtp_url(f"smtp://{NAME}:{free_port()}")))
    with pytest.raises(MailUnsent, match="ConnectionRefusedError"):
        await mail.send(letter())
    monkeypatch.setattr(mail, "SECONDS", 0.05)
    async with taking(MailServer(is_silent=True)):
        with pytest.raises(MailUnsent, match=r"SMTPServerDisconnected|TimeoutError"):
            await mail.send(letter())


async def test_a_server_can_be_looked_at_without_sending_anything() -> None:
    async with mail_server(MailServer(account=ACCOUNT)) as server:
        await mail.check(parse_smtp_url(f"smtp://{USER}{NAME}:{server.port}"))
        with pytest.raises(MailUnsent, match="sign in"):
            await mail.check(parse_smtp_url(f"smtp://somebody:else@{NAME}:{server.port}"))
    assert [command for command in server.commands if not command.startswith(("EHLO", "AUTH", "QUIT"))] == []
    with pytest.raises(MailUnsent, match="ConnectionRefusedError"):
        await mail.check(parse_smtp_url(f"smtp://{NAME}:{free_port()}"))


async def test_without_a_server_nothing_is_sent() -> None:
    mail.open_mail(Configured(None))
    assert not mail.is_sent()
    await mail.send(letter())


@pytest.mark.parametrize(
    "recipient",
    ["ada", "@acme.test", "ada@acme.test\r\nBcc: eve@evil.test", "ada@acme.test, eve@evil.test", "", "a b@c.test"],
)
async def test_nobody_can_be_written_to_by_way_of_an_address(recipient: str) -> None:
    async with taking(MailServer()) as server:
        with pytest.raises(MailRefused):
            await mail.send(letter(recipient))
    assert server.commands == []
    assert not is_address(recipient)


async def test_nothing_can_be_written_by_way_of_a_name() -> None:
    async with taking(MailServer()) as server:
        await mail.send(letter(sender='Acme"\r\nBcc: eve@evil.test\r\n\r\nHello'))
    (message,) = server.taken
    assert message["bcc"] is None
    assert [address.addr_spec for address in message["from"].addresses] == ["no-reply@auth.test"]


def test_a_mail_server_is_read() -> None:
    assert parse_smtp_url(f"smtps://{USER}mail.test") == mail.MailServer("mail.test", 465, True, *ACCOUNT)
    assert parse_smtp_url("smtp://mail.test/") == mail.MailServer("mail.test", 587, is_tls=False)
    assert "p@ss" not in repr(parse_smtp_url(f"smtp://{USER}mail.test:25"))


@pytest.mark.parametrize(
    "url", ["mail.test", "http://mail.test", "smtp://", "smtp://mail.test:x", "smtp://m.test/?a=1"]
)
def test_what_is_no_mail_server_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"must|not a URL"):
        parse_smtp_url(url)
