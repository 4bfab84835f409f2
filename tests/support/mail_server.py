"""A mail server: takes mail as RFC 5321 says, over TLS as it is told, refuses what it is told, and keeps the rest."""

from __future__ import annotations

import asyncio
import base64
import email
import email.policy
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator
    from email.message import EmailMessage

LOOPBACK = "127.0.0.1"


@dataclass(slots=True)
class MailServer:
    """What it does, and what it took. A reply that is set is given instead of taking a mail."""

    context: ssl.SSLContext | None = None
    starttls: bool = False  # offered; else, with a context, TLS from the first byte
    account: tuple[str, str] | None = None
    reply_to_recipient: str = "250 fine"
    reply_to_data: str = "250 taken"
    is_silent: bool = False
    port: int = 0
    taken: list[EmailMessage] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)  # with, for each, whether it came over TLS
    attempts: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One conversation."""
        self.attempts += 1
        try:
            await (reader.read() if self.is_silent else self._talk(reader, writer))
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        secure = self.context is not None and not self.starttls
        await self._say(writer, "220 mail.test")
        while line := (await reader.readline()).decode().rstrip("\r\n"):
            verb = line.partition(" ")[0].upper()
            self.commands.append(f"{verb} {'tls' if secure else 'plain'}")
            if verb == "STARTTLS" and self.context is not None:
                await self._say(writer, "220 go on")
                await writer.start_tls(self.context)
                secure = True
                continue
            reply = self._answer(verb, line, secure=secure)
            await self._say(writer, reply)
            if reply.startswith("354"):
                await self._take(reader)
                await self._say(writer, self.reply_to_data)
            if verb == "QUIT":
                break

    async def _take(self, reader: asyncio.StreamReader) -> None:
        lines = []
        while (line := await reader.readline()) != b".\r\n":
            lines.append(line.removeprefix(b"."))
        message = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
        self.taken.append(message)

    def _answer(self, verb: str, line: str, *, secure: bool) -> str:
        match verb:
            case "EHLO":
                offers = [] if secure or not self.starttls else ["STARTTLS"]
                offers += ["AUTH PLAIN"] if self.account else []
                return "\r\n".join([f"250-{offer}" for offer in ("mail.test", *offers)] + ["250 HELP"])
            case "AUTH":
                said = base64.b64decode(line.split(" ")[2]).decode().split("\0")[1:]
                return "235 welcome" if tuple(said) == self.account else "535 no such account"
            case "RCPT":
                return self.reply_to_recipient
            case "DATA":
                return self.reply_to_data if not self.reply_to_data.startswith("250") else "354 go on"
            case _:
                return {"MAIL": "250 fine", "RSET": "250 fine", "QUIT": "221 bye"}.get(verb, "500 what?")

    async def _say(self, writer: asyncio.StreamWriter, reply: str) -> None:
        writer.write(f"{reply}\r\n".encode())
        await writer.drain()


@asynccontextmanager
async def mail_server(server: MailServer) -> AsyncIterator[MailServer]:
    """Have it listen on this machine until the block ends."""
    context = None if server.starttls else server.context
    listening = await asyncio.start_server(server.serve, LOOPBACK, server.port, ssl=context)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
