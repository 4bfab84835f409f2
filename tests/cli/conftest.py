"""One installation for the commands of all tests, and one that serves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.factories.manifests import FULL
from tests.support import processes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.databases import DatabaseServer
    from tests.support.processes import Installation, Server


@pytest.fixture(scope="session")
async def installation(database_server: DatabaseServer, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """A migrated Latchkey with the tenant `acme`."""
    made = processes.install(tmp_path_factory.mktemp("cli"), database_url=await database_server.create_migrated())
    (made.directory / "acme.yaml").write_text(FULL, encoding="utf-8")
    made.run("apply", "acme.yaml")
    return made


@pytest.fixture(scope="session")
def server(installation: Installation) -> Iterator[Server]:
    """The same, serving."""
    with processes.serving(installation) as (running,):
        yield running
