"""However much clients do, what operators changed lately is found by an index of changes alone."""

from __future__ import annotations

import pytest

from server.kernel import database, ids
from server.kernel.paging import Paging
from server.projections import About, list_happenings
from tests.contract.projections.test_access_plans import plan_of
from tests.support.statements import settle

pytestmark = pytest.mark.usefixtures("storage")

TENANT, CLIENT = ids.uuid7(), ids.uuid7()
INSERT = """
INSERT INTO audit_event (id, tenant_id, occurred_at, event, outcome, actor_kind, client_pk, details)
VALUES ($1, $2, 1, 'token.issued', 'success', $3, $4, '{}')
"""


@pytest.mark.parametrize("about", [About(by_administrators=True), About(CLIENT, by_administrators=True)])
async def test_changes_are_found_among_everything_else(monkeypatch: pytest.MonkeyPatch, about: About) -> None:
    if about.client_pk is not None and not database.is_postgresql():
        pytest.skip("SQLite goes by the client, and has not millions of events")
    async with database.transaction():
        for number in range(1500):
            kind = "client" if number % 300 else "administrator"
            await database.execute(INSERT, ids.uuid7(), TENANT, kind, CLIENT)
    await settle("audit_event")
    plan = await plan_of(monkeypatch, lambda paging: list_happenings(TENANT, about, paging), Paging(8))
    assert "_changes" in plan
    assert len((await list_happenings(TENANT, about, Paging(8))).items) == 5
