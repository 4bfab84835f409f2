"""The wheel `latchkey-resource-server`, installed where there is no Latchkey."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

import httpx2
import pytest
from packaging.requirements import Requirement

from tests.resource_server.conftest import Protected
from tests.resource_server.issuer import claims_for, signed
from tests.support.ports import LOOPBACK, free_port, wait_until_open

PACKAGE = Path(__file__).parents[2] / "packages" / "resource_server"

PROGRAM = """
import sys
import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
from latchkey_resource_server import ResourceServer, access_token

issuer, port = sys.argv[1], int(sys.argv[2])

async def whoami(request):
    return JSONResponse({"sub": access_token(request.scope).subject})

app = Starlette(routes=[Route("/mcp", whoami)])
app = ResourceServer(app, resource=f"http://127.0.0.1:{port}/mcp", issuer=issuer, scopes=("notes:read",))
uvicorn.run(app, port=port, log_level="error")
"""

IMPORT_EVERYTHING = """
import importlib, importlib.util, pkgutil
import latchkey_resource_server as package

assert importlib.util.find_spec("server") is None, "Latchkey itself is here"
for module in pkgutil.walk_packages(package.__path__, "latchkey_resource_server."):
    importlib.import_module(module.name)
    print(module.name)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=PACKAGE, check=True, capture_output=True)
    return next(folder.glob("latchkey_resource_server-*.whl"))


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment with the wheel, what it says it needs, and what runs the test."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, with_pip=False)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(home), "platbase": str(home)}))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    needed = [
        requirement.name for requirement in requirements(metadata.PathDistribution(next(site.glob("*.dist-info"))))
    ]
    for distribution in with_dependencies([*needed, "starlette", "uvicorn"]):
        link(distribution, site)
    return home / "bin" / "python"


def requirements(distribution: metadata.Distribution) -> list[Requirement]:
    """What a distribution needs here, extras left out."""
    listed = [Requirement(line) for line in distribution.requires or ()]
    return [one for one in listed if one.marker is None or one.marker.evaluate({"extra": ""})]


def with_dependencies(names: list[str]) -> list[metadata.Distribution]:
    """These distributions and all that they need, as they are installed beside us: nothing is downloaded."""
    found: dict[str, metadata.Distribution] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop().lower().replace("_", "-")
        if name not in found:
            found[name] = metadata.distribution(name)
            waiting += [one.name for one in requirements(found[name])]
    return list(found.values())


def link(distribution: metadata.Distribution, site: Path) -> None:
    for top in {file.parts[0] for file in distribution.files or () if file.parts[0] not in {"..", "__pycache__"}}:
        target = site / top
        if not target.exists():
            target.symlink_to(Path(str(distribution.locate_file(top))).resolve())


def test_it_needs_joserfc_and_httpx2_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        lines = archive.read(name).decode().splitlines()
        packed = archive.namelist()
    needed = {
        Requirement(line.removeprefix("Requires-Dist: ")).name for line in lines if line.startswith("Requires-Dist")
    }
    assert needed == {"joserfc", "httpx2"}
    assert "latchkey_resource_server/py.typed" in packed
    assert not [name for name in packed if "__pycache__" in name or name.endswith(".pyc")]


def test_every_module_of_it_imports_without_latchkey(python: Path) -> None:
    run = subprocess.run([python, "-I", "-c", IMPORT_EVERYTHING], check=True, capture_output=True, text=True)
    assert "latchkey_resource_server.resource_server.middleware" in run.stdout
    assert "latchkey_resource_server.protocol.jwt" in run.stdout


@contextmanager
def running(python: Path, issuer: str) -> Iterator[str]:
    port = free_port()
    process = subprocess.Popen([python, "-I", "-c", PROGRAM, issuer, str(port)])
    try:
        wait_until_open(port, process)
        yield f"http://{LOOPBACK}:{port}/mcp"
    finally:
        process.terminate()
        process.wait()


async def test_it_protects_a_starlette_application(python: Path, notes: Protected) -> None:
    with running(python, notes.issuer.url) as resource:
        async with httpx2.AsyncClient(timeout=60) as http:
            refused = await http.get(resource)
            token = signed(claims_for(notes.issuer.url, resource))
            admitted = await http.get(resource, headers={"Authorization": f"Bearer {token}"})
    assert refused.status_code == 401
    assert "resource_metadata=" in refused.headers["www-authenticate"]
    assert admitted.json() == {"sub": "ada"}
