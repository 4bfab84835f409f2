"""The examples and the middleware against the real program, `latchkey serve`, with the demo tenant."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx2
import pytest
import yaml

from examples import quart_api
from server.resource_server import Introspection
from tests.resource_server.serving import reserved_socket, served
from tests.support.ports import LOOPBACK, free_port, wait_until_open
from tests.support.processes import Installation, install, serving

ROOT = Path(__file__).parents[2]
SLUG = "demo"


# The middleware compares what it is told to be with what the token is for, wherever it really listens.
APIS = {"jwt": f"http://{LOOPBACK}:3002/api", "opaque": f"http://{LOOPBACK}:3002/opaque"}


class Demo:
    """The demo tenant, its MCP server on a port that is free here."""

    def __init__(self, directory: Path) -> None:
        self.mcp_port = free_port()
        self.installation: Installation = install(directory, manifests=[self.manifest()])
        self.issuer = self.installation.issuer(SLUG)

    def manifest(self) -> dict[str, object]:
        document = yaml.safe_load((ROOT / "examples" / "demo.yaml").read_text())
        notes, api = document["resources"]
        notes["identifier"] = f"http://{LOOPBACK}:{self.mcp_port}/mcp"
        apis = [{**api, "identifier": url, "token_format": kind} for kind, url in APIS.items()]
        return {**document, "resources": [notes, *apis]}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    demo = Demo(tmp_path_factory.mktemp("demo"))
    with serving(demo.installation):
        yield demo


@contextmanager
def running(module: str, port: int, *arguments: str) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-m", module, "--port", str(port), *arguments], cwd=ROOT)
    try:
        wait_until_open(port, process)
        yield
    finally:
        process.terminate()
        process.wait()


def test_the_example_client_signs_a_person_in_and_calls_the_example_server(demo: Demo) -> None:
    person = f"{sys.executable} -m tests.resource_server.person"
    server = f"http://{LOOPBACK}:{demo.mcp_port}/mcp"
    client = [sys.executable, "-m", "examples.mcp_client", "--server", server, "--open-with", person, "--add", "milk"]
    with running("examples.mcp_server", demo.mcp_port, "--issuer", demo.issuer):
        done = subprocess.run(client, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert "may notes:read\n" in done.stdout
    assert "add_note: kept\nlist_notes: milk\n" in done.stdout
    assert done.stdout.count("Open this address") == 2, "once to sign in, once more because writing needs more"


@asynccontextmanager
async def api(demo: Demo, kind: str, introspection: Introspection | None) -> AsyncIterator[httpx2.AsyncClient]:
    guarded = quart_api.protected_api(APIS[kind], demo.issuer, introspection)
    async with (
        served(guarded, reserved_socket(), "on") as origin,
        httpx2.AsyncClient(base_url=origin, timeout=60) as http,
    ):
        yield http


async def machine_token(demo: Demo, kind: str) -> str:
    form = {"grant_type": "client_credentials", "resource": APIS[kind]}
    async with httpx2.AsyncClient(auth=("batch", "change-me"), timeout=60) as http:
        answer = await http.post(f"{demo.issuer}/token", data=form)
    return str(answer.json()["access_token"])


@pytest.mark.parametrize("kind", ["jwt", "opaque"])
async def test_with_introspection_a_revocation_counts_at_once(demo: Demo, kind: str) -> None:
    token = await machine_token(demo, kind)
    async with api(demo, kind, Introspection("batch", "change-me")) as http:
        bearer = {"Authorization": f"Bearer {token}"}
        assert (await http.get("/api/whoami", headers=bearer)).json()["client_id"] == "batch"
        async with httpx2.AsyncClient(auth=("batch", "change-me"), timeout=60) as batch:
            assert (await batch.post(f"{demo.issuer}/revoke", data={"token": token})).status_code == 200
        assert (await http.get("/api/whoami", headers=bearer)).status_code == 401


async def test_a_token_for_one_resource_is_refused_by_another(demo: Demo) -> None:
    async with api(demo, "opaque", None) as http:
        bearer = {"Authorization": f"Bearer {await machine_token(demo, 'jwt')}"}
        assert (await http.get("/api/whoami", headers=bearer)).status_code == 401


async def test_rotated_keys_are_followed_without_a_pause(demo: Demo) -> None:
    before = await machine_token(demo, "jwt")
    async with api(demo, "jwt", None) as http:
        assert (await http.get("/api/whoami", headers={"Authorization": f"Bearer {before}"})).status_code == 200
        demo.installation.run("keys", "rotate", SLUG)
        for token in (await token_under_another_key(demo, before), before):
            assert (await http.get("/api/whoami", headers={"Authorization": f"Bearer {token}"})).status_code == 200


async def token_under_another_key(demo: Demo, before: str) -> str:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        token = await machine_token(demo, "jwt")
        if token.partition(".")[0] != before.partition(".")[0]:
            return token
        await asyncio.sleep(0.1)
    raise AssertionError("still signed with the old key")
