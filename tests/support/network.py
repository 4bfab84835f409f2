"""The outside network is closed to tests: whatever they need stands on this machine."""

from __future__ import annotations

import ipaddress
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

_INTERNET = {socket.AF_INET, socket.AF_INET6}


class OutsideNetwork(Exception):
    """A test reached for another machine."""


@contextmanager
def loopback_only(patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let sockets connect to loopback addresses only, and look up no name but `localhost`."""
    connect, connect_ex, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def checked_connect(self: socket.socket, address: tuple[str, int]) -> None:
        _check(self, address)
        connect(self, address)

    def checked_connect_ex(self: socket.socket, address: tuple[str, int]) -> int:
        _check(self, address)
        return connect_ex(self, address)

    def local_getaddrinfo(host: str | bytes | None, *arguments: object, **options: object) -> object:
        name = host.decode() if isinstance(host, bytes) else host
        if name in {None, ""} or is_loopback(str(name)):
            return getaddrinfo(host, *arguments, **options)  # type: ignore[arg-type]  # passed on as it came
        raise socket.gaierror(socket.EAI_NONAME, "tests look up no names")

    patch.setattr(socket.socket, "connect", checked_connect)
    patch.setattr(socket.socket, "connect_ex", checked_connect_ex)
    patch.setattr(socket, "getaddrinfo", local_getaddrinfo)
    yield


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, as a name or an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _check(connecting: socket.socket, address: tuple[str, int]) -> None:
    if connecting.family in _INTERNET and not is_loopback(address[0]):
        raise OutsideNetwork(f"a test reached for {address[0]}")
