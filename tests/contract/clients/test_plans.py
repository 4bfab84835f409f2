"""However many clients registered themselves, whatever concerns one of them is found by an index."""

from __future__ import annotations

import pytest

from server.kernel import ids
from tests.issuing import NOW
from tests.support import registrations
from tests.support.registration_queries import scanning_queries
from tests.support.statements import settle

pytestmark = pytest.mark.usefixtures("storage")

TENANT = ids.uuid7()
CLIENTS, IN_USE = 8000, 4000
FEW = 8  # some hundred of these few thousand are read sooner by reading them all


async def test_no_query_reads_a_table_from_end_to_end() -> None:
    await registrations.fill(TENANT, ids.uuid7(), clients=CLIENTS, in_use=IN_USE, now=NOW)
    await settle(*registrations.TABLES)
    assert await scanning_queries(TENANT, batch=FEW) == {}
