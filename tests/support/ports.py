"""Free loopback ports, and waiting until somebody listens on one."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess

LOOPBACK = "127.0.0.1"


class NeverListened(Exception):
    """The program that should serve a port ended, or did not open it in time."""


def free_port() -> int:
    """A TCP port on the loopback interface that nobody used a moment ago."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def wait_until_open(port: int, process: subprocess.Popen[bytes], *, seconds: float = 20.0) -> None:
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
