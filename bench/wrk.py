"""One run of the load generator, as fast as it goes or at a pace."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.ports import LOOPBACK

if TYPE_CHECKING:
    from bench.contenders import Contender

THREADS = 2
ROOT = Path(__file__).parents[1]
TIMEOUT = 30  # seconds; what takes longer is an error


@dataclass(frozen=True, slots=True)
class Run:
    """What one run showed. Latencies are in microseconds."""

    requests: int
    seconds: float
    errors: int
    p50: int
    p99: int
    cpu_seconds: float

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds

    @property
    def server_microseconds(self) -> float:
        """Processor time of the server's processes for one request."""
        return self.cpu_seconds / self.requests * 1e6 if self.requests else 0.0


@dataclass(frozen=True, slots=True)
class Load:
    """Who is loaded, for how long, and where what is sent may be written down.

    With `per_second` so many requests are sent each second, evenly; without it the next one follows each answer.
    """

    contender: Contender
    folder: Path
    seconds: float
    per_second: float | None = None

    def run(self, script: str, *arguments: str) -> Run:
        """Load the contender with one of the scripts of bench/wrk."""
        url = f"http://{LOOPBACK}:{self.contender.port}"
        connections, rate = self.contender.connections, self.per_second
        options = [f"-t{THREADS}", f"-c{connections}", f"-d{self.seconds:g}s", "--timeout", f"{TIMEOUT}s"]
        before = self.contender.cpu_seconds()
        done = subprocess.run(
            ["wrk", *options, "-s", f"bench/wrk/{script}.lua", url, "--", *arguments],
            cwd=ROOT,
            env={**os.environ, "BENCH_PER_THREAD": "" if rate is None else str(rate / THREADS)},
            capture_output=True,
            text=True,
            check=True,
        )
        used = self.contender.cpu_seconds() - before
        facts = json.loads(done.stdout.strip().splitlines()[-1])
        errors = facts["refused"] + facts["broken"] + (facts["requests"] == 0)
        return Run(facts["requests"], facts["microseconds"] / 1e6, errors, facts["p50"], facts["p99"], used)

    def write(self, name: str, lines: list[str]) -> str:
        """Something for a script to read, one item a line; its path."""
        path = self.folder / f"{name}.txt"
        path.write_text("\n".join(lines) + "\n")
        return str(path)
