"""TXT records: what the owner of a domain says in the DNS. RFC 1035 §3.3.14.

Through the name servers that the machine is set up with; nothing is cached here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from dns import asyncresolver, exception, resolver

from .clock import SECOND

# Given a name, its TXT records, each as one text; raises NamesUnavailable.
ReadTxt: TypeAlias = Callable[[str], Awaitable[tuple[str, ...]]]

PATIENCE = 5 * SECOND


class NamesUnavailable(Exception):
    """No name server answered in time, or none with anything that can be used."""


def reader(name_server: str | None = None, port: int = 53) -> ReadTxt:
    """A way to read TXT records: from the machine's name servers, or from this one."""
    asked = asyncresolver.Resolver(configure=name_server is None)
    if name_server is not None:
        asked.nameservers, asked.port = [name_server], port
    asked.cache = None

    async def read(name: str) -> tuple[str, ...]:
        try:
            answer = await asked.resolve(f"{name}.", "TXT", lifetime=PATIENCE / SECOND, raise_on_no_answer=False)
        except resolver.NXDOMAIN:
            return ()
        except exception.DNSException as fault:
            raise NamesUnavailable(f"no name server says what {name} holds: {type(fault).__name__}") from None
        # A long text comes in pieces of 255 bytes; others may hold what is no UTF-8.
        return tuple(b"".join(record.strings).decode(errors="replace") for record in answer)

    return read
