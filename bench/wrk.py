"""One run of the load generator."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.ports import LOOPBACK

if TYPE_CHECKING:
    from bench.contenders import Contender

THREADS = 2
CONNECTIONS = 64
ROOT = Path(__file__).parents[1]


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


def wrk(contender: Contender, seconds: float, script: str, *arguments: str) -> Run:
    """Load a contender for a while with one of the scripts of bench/wrk."""
    url = f"http://{LOOPBACK}:{contender.port}"
    options = [f"-t{THREADS}", f"-c{CONNECTIONS}", f"-d{seconds:g}s", "-s", f"bench/wrk/{script}.lua"]
    before = contender.cpu_seconds()
    done = subprocess.run(
        ["wrk", *options, url, "--", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    used = contender.cpu_seconds() - before
    facts = json.loads(done.stdout.strip().splitlines()[-1])
    errors = facts["refused"] + facts["broken"]
    return Run(facts["requests"], facts["microseconds"] / 1e6, errors, facts["p50"], facts["p99"], used)
