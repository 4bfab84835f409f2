"""llhttp, which upgrades to nothing: a request that offers another protocol is one of HTTP/1.1. RFC 9110 §7.8.

Java's own client offers HTTP/2 with every first request over cleartext. After such a head llhttp makes no body and
leaves what follows to the other protocol, so it is given the same head once more, without the offer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from httptools import HttpParserUpgrade, HttpRequestParser

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterable

    Data = bytes | bytearray | memoryview[int] | array[int]
    Fields = Iterable[tuple[bytes, bytes]]


class Offered(Protocol):
    """Whom the parser calls."""

    def take_head(self) -> bytes:
        """The head that was read last, without what it offers."""


class Parser(HttpRequestParser):
    """The parser of one connection."""

    def __init__(self, connection: Offered) -> None:
        super().__init__(connection)
        self._connection = connection
        # As uvicorn has it: one that was to be the last request may have another behind it.
        self.set_dangerous_leniencies(lenient_data_after_close=True)

    def feed_data(self, data: Data) -> None:
        """Parse what came; raises HttpParserError."""
        rest: memoryview | None = memoryview(data)
        while rest is not None:
            rest = self._feed(rest)

    def _feed(self, data: memoryview) -> memoryview | None:
        """Parse up to the end of a head that offers another protocol, and that head again; what follows it, if any."""
        try:
            super().feed_data(data)
        except HttpParserUpgrade as offer:
            (end,) = offer.args
            super().feed_data(self._connection.take_head())
            return data[end:]
        return None


def head_without_offer(method: bytes, url: bytes, version: str, fields: Fields) -> bytes:
    """A head as it would have been without `Upgrade`."""
    lines = [b"%b: %b\r\n" % (name, value) for name, value in fields if name != b"upgrade"]
    return b"%b %b HTTP/%b\r\n%b\r\n" % (method, url, version.encode("ascii"), b"".join(lines))
