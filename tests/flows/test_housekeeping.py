"""Background work: what has expired goes, what lives stays."""

from __future__ import annotations

from server import tenants
from server.jobs.schedule import sweep
from server.kernel import clock, database
from server.settings import Settings
from tests.actors import EndUser, RelyingParty

TABLES = ("interaction", "browser_session", "access_grant", "opaque_token")


async def rows_of(table: str) -> int:
    row = await database.row(f"SELECT COUNT(*) AS total FROM {table}")  # noqa: S608 - one of our tables
    assert row is not None
    return database.as_int(row["total"])


async def test_a_round_deletes_what_expired_and_nothing_else(
    ada: EndUser, webapp: RelyingParty, settings: Settings
) -> None:
    attempt = webapp.begin(resource="https://files.acme.test/")
    page = await ada.authorize(attempt.url)
    answer = await webapp.redeem(page.answer["code"], attempt)
    assert answer.status_code == 200, answer.text
    tenant = await tenants.find_by_slug("acme", settings.public_url)
    assert tenant is not None
    await sweep(tenant, clock.now())
    assert [await rows_of(table) for table in TABLES] == [1, 1, 1, 1]
    await sweep(tenant, clock.now() + 400 * clock.DAY)
    assert [await rows_of(table) for table in TABLES] == [0, 0, 0, 0]
