"""Starting a peer and stopping it at the end."""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.support.processes import wait_until_healthy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Running:
    """A peer that answers."""

    pid: int
    cold_start: float  # seconds until the first 200


@contextmanager
def started(
    command: Sequence[str], folder: Path, log_path: Path, *, environment: Mapping[str, str], port: int, path: str
) -> Iterator[Running]:
    """A program that answers 200 at a path of its port."""
    log_path.parent.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until_healthy(port, process, log_path.read_text, path=path)
        yield Running(process.pid, time.monotonic() - begun)
    finally:
        process.terminate()
        process.wait()
