"""Sending mail: one text to one person, handed to the mail server that an installation names. RFC 5321, RFC 6409.

`smtps://` is TLS from the first byte (RFC 8314 §3.3); `smtp://` turns to TLS where the server offers it (RFC 3207),
and signs in after that only, except on this machine. Certificates are checked always. Who sends bears being asked
twice for one mail: its id is the Message-ID.
"""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import localtime
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote, urlsplit

from .hosts import is_loopback_host
from .logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

log = get_logger(__name__)

SECONDS = 10.0  # for each step of the conversation
DEFAULT_PORTS = {"smtp": 587, "smtps": 465}
PERMANENT = 500  # replies from here on say that trying again is of no use


class MailUnsent(Exception):
    """The mail server could not be reached, or took the mail for now; another time it may. The message is a name."""


class MailRefused(Exception):
    """There is no sending this mail, ever. The message is a name, and quotes neither addresses nor replies."""


@dataclass(frozen=True, slots=True)
class Mail:
    """What somebody is to read."""

    id: UUID
    recipient: str = field(repr=False)
    sender_name: str
    subject: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over."""

    host: str
    port: int
    is_tls: bool  # from the first byte
    username: str | None = field(default=None, repr=False)
    password: str = field(default="", repr=False)


class MailSettings(Protocol):
    """What must be known to send mail."""

    @property
    def mail_server(self) -> MailServer | None:
        """Where mail is handed over; None: nothing is sent."""

    @property
    def mail_from(self) -> str:
        """The address that mail comes from."""


def parse_smtp_url(url: str) -> MailServer:
    """Read `smtp://` or `smtps://`, user, password, host and port; raises ValueError, whose message quotes nothing."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError("not a URL") from None
    if parts.scheme not in DEFAULT_PORTS:
        raise ValueError("must begin with smtp:// or smtps://")
    if not host or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("must be scheme, user and password where there are some, host and port")
    username = unquote(parts.username) if parts.username else None
    return MailServer(
        host=host,
        port=port or DEFAULT_PORTS[parts.scheme],
        is_tls=parts.scheme == "smtps",
        username=username,
        password=unquote(parts.password or ""),
    )


def is_address(text: str) -> bool:
    """Whether this can be the address of a mail."""
    try:
        address = Address(addr_spec=text)
    except (HeaderParseError, ValueError, IndexError):  # IndexError: what the library makes of some that are none
        return False
    return bool(address.username and address.domain) and text.isprintable() and not any(map(str.isspace, text))


_server: MailServer | None = None
_sender = ""


def open_mail(settings: MailSettings) -> None:
    """Begin; without a mail server mail is logged and not sent."""
    global _server, _sender
    _server, _sender = settings.mail_server, settings.mail_from


def close_mail() -> None:
    """Send no more; nothing happens when nothing was opened."""
    global _server  # noqa: PLW0603  one mail server a process
    _server = None


def is_sent() -> bool:
    """Whether mail is sent at all."""
    return _server is not None


async def send(mail: Mail) -> None:
    """Hand a mail to the mail server; returns when it has taken it. Raises MailUnsent, MailRefused."""
    server = _server
    if server is None:
        log.info("mail not sent, since no mail server is set up", subject=mail.subject, mail=str(mail.id))
        return
    message = _message(mail, _sender)
    await asyncio.to_thread(_hand_over, server, message, _sender, mail.recipient)


async def check(server: MailServer) -> None:
    """Go as far as signing in; raises MailUnsent, whose message says what is wrong."""
    await asyncio.to_thread(_greet, server)


def _greet(server: MailServer) -> None:
    with _told(), _connected(server):
        pass


def _message(mail: Mail, sender: str) -> EmailMessage:
    if not is_address(mail.recipient):
        raise MailRefused("not an address")
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(" ".join(mail.sender_name.split()), addr_spec=sender)
    message["To"] = Address(addr_spec=mail.recipient)
    message["Subject"] = " ".join(mail.subject.split())
    message["Date"] = localtime()
    message["Message-ID"] = f"<{mail.id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834 §5: nobody's holiday notice answers it
    message.set_content(mail.text)
    return message


def _hand_over(server: MailServer, message: EmailMessage, sender: str, recipient: str) -> None:
    with _told(), _connected(server) as connection:
        connection.send_message(message, sender, [recipient])


@contextmanager
def _connected(server: MailServer) -> Iterator[smtplib.SMTP]:
    context = ssl.create_default_context()
    if server.is_tls:
        connection: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=SECONDS, context=context)
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
    with connection:
        connection.ehlo_or_helo_if_needed()
        if not server.is_tls and connection.has_extn("starttls"):
            connection.starttls(context=context)
        elif not server.is_tls and server.username is not None and not is_loopback_host(server.host):
            # Somebody in between may have taken the offer out, so as to hear the password.
            raise MailUnsent("no TLS to sign in by")
        if server.username is not None:
            _sign_in(connection, server.username, server.password)
        yield connection


def _sign_in(connection: smtplib.SMTP, username: str, password: str) -> None:
    try:
        connection.login(username, password)
    except smtplib.SMTPNotSupportedError:
        # A mistake of whoever set it up, which the mail must outlive.
        raise MailUnsent("the server lets nobody sign in, or not as we can") from None


@contextmanager
def _told() -> Iterator[None]:
    """Faults by our own names: the library's quote addresses and what the server said."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        if all(code >= PERMANENT for code, _ in error.recipients.values()):
            raise MailRefused("the recipient is refused") from None
        raise MailUnsent("the recipient is refused for now") from None
    except smtplib.SMTPNotSupportedError:
        raise MailRefused("an address that the server cannot write") from None
    except smtplib.SMTPAuthenticationError:
        raise MailUnsent("the server does not let us sign in") from None
    except smtplib.SMTPResponseException as error:
        raise MailUnsent(f"{type(error).__name__} {error.smtp_code}") from None
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise MailUnsent(type(error).__name__) from None
