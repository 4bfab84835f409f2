"""A small, quick browser for load: keep-alive HTTP/1.1 on one connection, cookies, hidden fields.

It speaks to servers that this benchmark started and knows, so it is no general client.
"""

from __future__ import annotations

import asyncio
import html
import re
from dataclasses import dataclass, field
from urllib.parse import urlencode, urljoin, urlsplit

from tests.support.ports import LOOPBACK

# The header fields that a browser acts upon here.
FIELD = re.compile(r"\r\n(set-cookie|location|content-length|transfer-encoding):[ \t]*([^\r]*)", re.IGNORECASE)
HIDDEN = re.compile(r"<input\b(?=[^>]*\btype=\"?hidden)[^>]*>")
ATTRIBUTE = re.compile(r"\b(name|value)=(?:\"([^\"]*)\"|([^\s>]+))")
STEP = re.compile(r"data-step=\"?([a-z-]+)")
MAX_STEPS = 12


class Lost(Exception):
    """The flow did not come back to the client."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response as far as a browser needs it."""

    status: int
    location: str | None
    body: str = field(repr=False)


class Browser:
    """One person's browser on one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
        self._reader = reader
        self._writer = writer
        self._host = f"{LOOPBACK}:{port}"
        self.cookies: dict[str, str] = {}

    @staticmethod
    async def open(port: int) -> Browser:
        """Connect."""
        return Browser(*await asyncio.open_connection(LOOPBACK, port), port)

    def close(self) -> None:
        """Disconnect."""
        self._writer.close()

    @property
    def cookie_header(self) -> str:
        """What it would send."""
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    async def request(self, method: str, path: str, form: list[tuple[str, str]] | None = None) -> Answer:
        """Send one request and read its response, cookies included."""
        body = urlencode(form).encode() if form is not None else b""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._host}", "Accept: text/html"]
        if self.cookies:
            lines.append(f"Cookie: {self.cookie_header}")
        if form is not None:
            lines += [
                "Content-Type: application/x-www-form-urlencoded",
                f"Content-Length: {len(body)}",
                f"Origin: http://{self._host}",
            ]
        self._writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        return await self._read()

    async def _read(self) -> Answer:
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        location, body = None, b""
        for name, value in FIELD.findall(head):
            match name.lower():
                case "set-cookie":
                    self._keep(value)
                case "location":
                    location = value
                case "content-length" if value != "0":
                    body = await self._reader.readexactly(int(value))
                case "transfer-encoding":
                    body = await self._read_chunks()
        return Answer(int(head[9:12]), location, body.decode())

    async def _read_chunks(self) -> bytes:
        parts = []
        while size := int((await self._reader.readline()).strip(), 16):
            parts.append(await self._reader.readexactly(size))
            await self._reader.readline()
        await self._reader.readline()
        return b"".join(parts)

    def _keep(self, set_cookie: str) -> None:
        pair, _, attributes = set_cookie.partition(";")
        name, _, value = pair.partition("=")
        if not value or "max-age=0" in attributes.lower():
            self.cookies.pop(name, None)
        else:
            self.cookies[name] = value

    async def flow(self, path: str, username: str, password: str) -> str:
        """Go through an authorization, saying yes; the address of the client that the browser is sent to."""
        method, form = "GET", None
        for _ in range(MAX_STEPS):
            answer = await self.request(method, path, form)
            if answer.location is None:
                method, form = "POST", fill_in(answer, username, password)
                continue
            target = urlsplit(urljoin(f"http://{self._host}{path}", answer.location))
            if target.netloc != self._host:
                return target.geturl()
            method, form, path = "GET", None, target._replace(scheme="", netloc="").geturl()
        raise Lost(f"no end after {MAX_STEPS} steps at {path}")


def fill_in(answer: Answer, username: str, password: str) -> list[tuple[str, str]]:
    """What a person types into the step that a page shows."""
    step = STEP.search(answer.body)
    form = answer.body[step.start() :].partition("</form>")[0] if step else ""
    fields = []
    for tag in HIDDEN.findall(form):
        attributes = {name: html.unescape(quoted or bare) for name, quoted, bare in ATTRIBUTE.findall(tag)}
        fields.append((attributes["name"], attributes.get("value", "")))
    match step[1] if step and answer.status == 200 else None:  # noqa: PLR2004 - a status
        case "login":
            return [*fields, ("username", username), ("password", password)]
        case "consent":
            return [*fields, ("decision", "allow")]
        case _:
            raise Lost(f"an unexpected page ({answer.status}): {answer.body[:400]}")


async def sign_in(port: int, path: str, username: str, password: str) -> str:
    """A Cookie header of somebody who went through the flow once."""
    browser = await Browser.open(port)
    try:
        await browser.flow(path, username, password)
        return browser.cookie_header
    finally:
        browser.close()
