"""docs/how-to/automate.md, as it is written: its commands are run here, one after the other in one shell."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from server.kernel.json import load_json
from tests.api.tenants import manifest_of
from tests.house.sources import ROOT
from tests.support.databases import DatabaseServer
from tests.support.processes import Installation, install, serving

PAGE = (ROOT / "docs" / "how-to" / "automate.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^<!-- tested: [^\n]* -->\n```\w+\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
async def installation(database_server: DatabaseServer, tmp_path: Path) -> Installation:
    """A Latchkey with the tenant `acme`."""
    return install(tmp_path, database_url=await database_server.create_migrated(), manifests=[manifest_of("acme")])


def test_what_the_page_says_works(installation: Installation, tmp_path: Path) -> None:
    installation.run("admin", "create", "root", "--password-stdin", stdin="a-password-of-the-administrator\n")
    (tmp_path / ".venv").symlink_to(Path(sys.prefix))
    with serving(installation) as (server,):
        environment = {**installation.environment, "LATCHKEY": server.url}
        done = subprocess.run(
            ["sh", "-eu", "-c", "".join(BLOCKS)],
            cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    *_, name, first, second = done.stdout.split("\n")[:-1]
    assert (name, first, second) == ("The shop", "ada", "bob")
    client = load_json((tmp_path / "client.json").read_text())
    assert isinstance(client, dict)
    assert (tmp_path / "new-secret").read_text().strip() not in {"", client["client_secret"]}
