"""Real Latchkey processes: `latchkey serve` on its own port and database, its log kept, stopped at the end.

What a test changes is an argument; everything else is as an operator would have it, except that rate limits are off.
"""

from __future__ import annotations

import http.client
import os
import secrets
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from tests.support import prepared
from tests.support.ports import LOOPBACK, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

PROJECT = Path(__file__).parents[2]
PROGRAM = Path(sys.executable).with_name("latchkey")
START_TIMEOUT = 180.0  # seconds; generous, since test machines are shared
STOP_TIMEOUT = 120.0
COMMAND_TIMEOUT = 240.0


class ProcessFailed(Exception):
    """A Latchkey process ended or hung; the message carries its last words."""


@dataclass(frozen=True, slots=True)
class Installation:
    """One Latchkey: its database, public URL and secret, shared by every process and command of it."""

    directory: Path
    database_url: str
    public_url: str
    environment: Mapping[str, str] = field(repr=False)

    @property
    def port(self) -> int:
        """The port in the public URL."""
        return int(self.public_url.rpartition(":")[2])

    def issuer(self, slug: str) -> str:
        """The issuer of a tenant without a domain of its own."""
        return f"{self.public_url}/t/{slug}"

    def attempt(self, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run one `latchkey` command and return how it ended."""
        command = [str(PROGRAM), *arguments]
        if prepared.can_run(arguments, self.environment):
            return prepared.run(command, self.environment, self.directory, stdin, COMMAND_TIMEOUT)
        return subprocess.run(
            command,
            input=stdin,
            env=dict(self.environment),
            cwd=self.directory,
            capture_output=True,
            text=True,
            timeout=COMMAND_TIMEOUT,
            check=False,
        )

    def run(self, *arguments: str, stdin: str | None = None) -> str:
        """Run one `latchkey` command that has to succeed; what it printed on stdout."""
        done = self.attempt(*arguments, stdin=stdin)
        if done.returncode != 0:
            message = f"latchkey {' '.join(arguments)} exited {done.returncode}:\n{done.stderr}{done.stdout}"
            raise ProcessFailed(message)
        return done.stdout

    def apply(self, *manifests: Mapping[str, object]) -> str:
        """Bring tenants to what these manifests say; the plan that was printed."""
        paths = []
        for manifest in manifests:
            path = self.directory / f"{manifest['tenant']}.yaml"
            path.write_text(yaml.safe_dump(dict(manifest), allow_unicode=True, sort_keys=False), encoding="utf-8")
            paths.append(str(path))
        return self.run("apply", *paths)


@dataclass(frozen=True, slots=True)
class Server:
    """One running `latchkey serve`."""

    installation: Installation
    port: int
    process: subprocess.Popen[bytes] = field(repr=False)
    log_path: Path

    @property
    def url(self) -> str:
        """Where this process listens: its own port, which differs from the public URL in a second process."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def headers(self) -> dict[str, str]:
        """What a request to a second process must carry to be taken for one to the public URL."""
        return {"host": self.installation.public_url.partition("://")[2]}

    def log(self) -> str:
        """Everything it has written so far."""
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def processes(self) -> list[int]:
        """Its process id and those of its workers."""
        return [self.process.pid, *descendants(self.process.pid)]

    def resident_bytes(self) -> int:
        """Memory of all its processes, pages that they share counted once (proportional set size)."""
        return sum(proportional_bytes(pid) for pid in self.processes())

    def stop(self) -> int:
        """Ask it to end, as a service manager does, and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired as error:
            self.process.kill()
            self.process.wait()
            message = f"latchkey serve ignored SIGTERM for {STOP_TIMEOUT:.0f} s:\n{_tail(self.log())}"
            raise ProcessFailed(message) from error


def install(
    directory: Path,
    *,
    database_url: str | None = None,
    environment: Mapping[str, str] | None = None,
    manifests: Sequence[Mapping[str, object]] = (),
) -> Installation:
    """A migrated Latchkey with these tenants; on SQLite in `directory` unless a database is named."""
    directory.mkdir(parents=True, exist_ok=True)
    public_url = f"http://{LOOPBACK}:{free_port()}"
    url = database_url or f"sqlite://{directory / 'latchkey.sqlite3'}"
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("LATCHKEY_")}
    variables = {
        **inherited,
        "LATCHKEY_DATABASE_URL": url,
        "LATCHKEY_PUBLIC_URL": public_url,
        "LATCHKEY_SECRET_KEY": secrets.token_hex(32),
        "LATCHKEY_RATE_LIMITS": "off",
        **(environment or {}),
    }
    installation = Installation(directory, url, variables["LATCHKEY_PUBLIC_URL"], variables)
    installation.run("migrate")
    if manifests:
        installation.apply(*manifests)
    return installation


def start(installation: Installation, *arguments: str, port: int | None = None) -> Server:
    """Start `latchkey serve` and return once /healthz answers 200."""
    listening = port or installation.port
    log_path = installation.directory / f"serve-{listening}.log"
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [str(PROGRAM), "serve", "--host", LOOPBACK, "--port", str(listening), *arguments],
            env=dict(installation.environment),
            cwd=installation.directory,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    server = Server(installation, listening, process, log_path)
    try:
        wait_until_healthy(listening, process, server.log)
    except ProcessFailed:
        process.kill()
        process.wait()
        raise
    return server


@contextmanager
def serving(installation: Installation, *arguments: str, processes: int = 1) -> Iterator[tuple[Server, ...]]:
    """Serve with one or more processes on the same database; the first one listens at the public URL."""
    servers: list[Server] = []
    try:
        servers.append(start(installation, *arguments))
        while len(servers) < processes:
            servers.append(start(installation, *arguments, port=free_port()))
        yield tuple(servers)
    finally:
        for server in servers:
            server.stop()


def wait_until_healthy(port: int, process: subprocess.Popen[bytes], log: object, path: str = "/healthz") -> None:
    """Return at the first 200; raises ProcessFailed when the process ends first or takes too long."""
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        if _status(port, path) == http.HTTPStatus.OK:
            return
        time.sleep(0.02)
    state = "hangs" if process.poll() is None else f"exited {process.returncode}"
    words = log() if callable(log) else log
    message = f"no 200 from port {port}{path}; the process {state}:\n{_tail(str(words))}"
    raise ProcessFailed(message)


def _status(port: int, path: str) -> int | None:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _tail(text: str, lines: int = 40) -> str:
    return "\n".join(text.splitlines()[-lines:])


def descendants(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    found = [int(child) for child in children.read_text().split()] if children.exists() else []
    return [*found, *(grandchild for child in found for grandchild in descendants(child))]


def proportional_bytes(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0
