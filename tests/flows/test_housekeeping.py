"""Background work: what has expired goes, what lives stays."""

from __future__ import annotations

from server.jobs.sweeping import sweep_expired
from server.kernel import clock, database
from tests.actors import EndUser, RelyingParty

TABLES = ("interaction", "browser_session", "access_grant", "opaque_token")


async def rows_of(table: str) -> int:
    row = await database.row(f"SELECT COUNT(*) AS total FROM {table}")  # noqa: S608 - one of our tables
    assert row is not None
    return database.as_int(row["total"])


async def test_a_round_deletes_what_expired_and_nothing_else(ada: EndUser, webapp: RelyingParty) -> None:
    attempt = webapp.begin(resource="https://files.acme.test/")
    page = await ada.authorize(attempt.url)
    answer = await webapp.redeem(page.answer["code"], attempt)
    assert answer.status_code == 200, answer.text
    await sweep_expired(clock.now())
    assert [await rows_of(table) for table in TABLES] == [1, 1, 1, 1]
    await sweep_expired(clock.now() + 400 * clock.DAY)
    assert [await rows_of(table) for table in TABLES] == [0, 0, 0, 0]
