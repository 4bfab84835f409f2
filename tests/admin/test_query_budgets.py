"""How many statements a page of the console may cost once the caches are warm, three of them for who is signed in."""

from __future__ import annotations

import pytest

from server.kernel import database
from tests.admin.conftest import Platform
from tests.admin.test_permissions import ELSEWHERE, paths_of
from web.admin.table import ROWS

MOST = 6
# What counts days and what waits, looks at a client, one that is held, a person, keys and webhooks, and lists changes.
# What runs every check of the installation, and looks at its jobs, its schedules and its database.
# The policy: its versions, how often its rules decided, and the versions under which they did.
# A role: the groups that give it, and what else they give.
BUDGETS = {"/t/<tenant>": 11, "/system": 14, "/t/<tenant>/trust/policy": 7, "/t/<tenant>/roles/<role>": 7}


@pytest.mark.usefixtures("warm_caches")
async def test_every_page_keeps_its_budget(platform: Platform) -> None:
    owner, path_of = await platform.signed_in("owner"), await paths_of(platform)
    beyond = {}
    for row in ROWS:
        if row.method == "GET" and row.path not in ELSEWHERE:
            path = path_of(row)
            await owner.get(path)
            with database.query_count() as count:
                await owner.get(path)
            if count.total > BUDGETS.get(row.path, MOST):
                beyond[row.path] = count.total
    assert beyond == {}
