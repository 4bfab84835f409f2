"""The example MCP server as a process of its own, at a tenant that knows it."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.ports import LOOPBACK, free_port
from tests.support.processes import wait_until_healthy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.processes import Installation

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class NotesServer:
    """Where it is, and who issues its tokens."""

    url: str
    issuer: str


def notes_tenant(slug: str, resource: str, **settings: object) -> dict[str, object]:
    """A tenant whose people keep notes at this resource."""
    return {
        "tenant": slug,
        "display_name": slug.title(),
        "settings": settings,
        "scopes": [
            {"name": "notes:read", "description": "Read your notes"},
            {"name": "notes:write", "description": "Change your notes", "optional": True},
        ],
        "resources": [{"identifier": resource, "display_name": "Notes", "scopes": ["notes:read", "notes:write"]}],
        "users": [
            {"username": "ada", "email": "ada@acme.test", "password": "correct-horse-battery", "name": "Ada Lovelace"}
        ],
    }


@contextmanager
def notes_server(installation: Installation, slug: str, **settings: object) -> Iterator[NotesServer]:
    """Make a tenant with these settings and serve notes to its people until the block ends."""
    port = free_port()
    url = f"http://{LOOPBACK}:{port}/mcp"
    issuer = installation.issuer(slug)
    installation.apply(notes_tenant(slug, url, **settings))
    log_path = installation.directory / f"notes-{slug}.log"
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "examples.mcp_server", "--port", str(port), "--issuer", issuer],
            cwd=ROOT,
            env=os.environ,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until_healthy(port, process, log_path.read_text, path="/.well-known/oauth-protected-resource/mcp")
        yield NotesServer(url, issuer)
    finally:
        process.terminate()
        process.wait()
