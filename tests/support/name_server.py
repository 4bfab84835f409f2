"""A name server of our own on the loopback interface, with the TXT records that a test gives it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from dns import flags, message, rcode, rrset

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@dataclass
class NameServer(asyncio.DatagramProtocol):
    """What it knows: names without the last dot. One of no records answers with none, an unknown one does not exist."""

    records: dict[str, list[str]] = field(default_factory=dict)
    refuses: bool = False
    port: int = 0
    _transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to listen."""
        self._transport = cast("asyncio.DatagramTransport", transport)
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer one question."""
        question = message.from_wire(data)
        answer = message.make_response(question)
        answer.flags |= flags.AA
        name = question.question[0].name
        found = self.records.get(name.to_text(omit_final_dot=True))
        if self.refuses:
            answer.set_rcode(rcode.REFUSED)
        elif found is None:
            answer.set_rcode(rcode.NXDOMAIN)
        elif found:
            answer.answer.append(rrset.from_text(name, 60, "IN", "TXT", *found))
        if self._transport is not None:
            self._transport.sendto(answer.to_wire(), addr)


@asynccontextmanager
async def name_server() -> AsyncIterator[NameServer]:
    """One that runs."""
    loop = asyncio.get_running_loop()
    transport, served = await loop.create_datagram_endpoint(NameServer, local_addr=("127.0.0.1", 0))
    try:
        yield served
    finally:
        transport.close()
