"""Loopback ports that nobody else takes, and waiting until somebody listens on one."""

from __future__ import annotations

import socket
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess

LOOPBACK = "127.0.0.1"
_reserved: list[socket.socket] = []


class NeverListened(Exception):
    """The program that should serve a port ended, or did not open it in time."""


def free_port() -> int:
    """A TCP port on the loopback interface, for a program to listen at now, later, or again after it has ended.

    It stays reserved until this process ends, for whoever allows addresses to be used again, as all servers do: Linux
    gives a port that is bound and not listened at to nobody who asks for any port, and to no outgoing connection.
    """
    probe = socket.socket()
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    probe.bind((LOOPBACK, 0))
    port = int(probe.getsockname()[1])
    if sys.platform == "linux":
        _reserved.append(probe)
    else:
        probe.close()
    return port


def wait_until_open(port: int, process: subprocess.Popen[bytes], *, seconds: float = 120.0) -> None:
    """Return as soon as the port accepts connections; NeverListened when the process ends or time is up."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise NeverListened(f"{process.args!r} ended with {process.returncode}")
        with socket.socket() as probe:
            probe.settimeout(1.0)
            if probe.connect_ex((LOOPBACK, port)) == 0:
                return
        time.sleep(0.02)
    raise NeverListened(f"{process.args!r} did not open port {port} within {seconds:.0f} s")
