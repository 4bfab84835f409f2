"""No unexpected answer, whatever is asked. See tests/api/fuzzing.py."""

from __future__ import annotations

from pathlib import Path

from tests.api.fuzzing import fuzz
from tests.api.tenants import manifest_of
from tests.support.databases import DatabaseServer
from tests.support.processes import install, serving

SECONDS = 10


async def test_every_answer_is_one_that_the_description_promises(
    database_server: DatabaseServer, tmp_path: Path
) -> None:
    url = await database_server.create_migrated()
    installation = install(tmp_path, database_url=url, manifests=[manifest_of("acme")])
    with serving(installation) as (server,):
        done = fuzz(server, tmp_path, SECONDS, "--seed", "1", "--max-examples", "15", "--no-shrink")
        assert done.returncode == 0, done.stdout[-8000:] + done.stderr
        assert "api failed" not in server.log()
