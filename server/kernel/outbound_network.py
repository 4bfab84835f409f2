"""Connections to addresses that were looked at first.

A name is resolved once; every address that it has must be allowed; the connection goes to one of exactly those. What
a second answer of the same name server would say is nobody's affair.
"""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol

import httpcore2
from httpcore2 import AnyIOBackend

from .special_addresses import is_public

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from httpcore2 import SOCKET_OPTION, AsyncNetworkStream

RESOLVING_THREADS = 8
MOST_ADDRESSES = 16
MOST_TRIED = 3


class Unresolved(Exception):
    """The name has no address, or the name server does not say."""


class ForbiddenAddress(Exception):
    """The name leads, among other places, to where nothing outside may lead us."""


class Resolver(Protocol):
    """Turns a name into addresses."""

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        """Every address of a host, best first; raises Unresolved."""
        ...

    def close(self) -> None:
        """Stop resolving."""


class SystemResolver:
    """The operating system's resolver, on threads of its own: slow name servers hold up nobody else."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(RESOLVING_THREADS, thread_name_prefix="resolver")

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        """See Resolver."""
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(
                self._threads, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            )
        except (OSError, UnicodeError) as error:
            raise Unresolved(type(error).__name__) from error
        return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))

    def close(self) -> None:
        """See Resolver."""
        self._threads.shutdown(wait=False, cancel_futures=True)


async def checked_addresses(resolver: Resolver, host: str, port: int, *, allow_private: bool) -> Sequence[str]:
    """The addresses of a host, each of them looked at; raises Unresolved, ForbiddenAddress.

    One bad address among good ones is enough to refuse: whoever adds it wants us to go there.
    """
    addresses = await resolver.resolve(host, port)
    if not addresses or len(addresses) > MOST_ADDRESSES:
        raise Unresolved("no address, or too many")
    if not allow_private and not all(map(is_public, addresses)):
        raise ForbiddenAddress(host)
    return addresses[:MOST_TRIED]


class PinnedBackend(AnyIOBackend):
    """Connects to given addresses, whatever name is asked for. TLS still goes by the name."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses = addresses

    async def connect_tcp(
        self,
        host: str,  # noqa: ARG002 - the name was resolved before
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore2's
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> AsyncNetworkStream:
        """Connect to the first address that answers, in the time given for all; raises httpcore2's errors."""
        failure: httpcore2.ConnectError | httpcore2.ConnectTimeout = httpcore2.ConnectError("no address")
        for address in self._addresses:
            try:
                share = None if timeout is None else timeout / len(self._addresses)
                return await super().connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure
