"""What PostgreSQL's planner knows of tables that grow fast.

A plan is made for the table as it was and kept: on an empty one every index looks as good as that of the key, and once
thousands of rows have come each lookup by key goes through all of a tenant's. Autovacuum looks once a minute.
https://www.postgresql.org/docs/current/routine-vacuuming.html#VACUUM-FOR-STATISTICS
"""

from __future__ import annotations

from . import database

# Beyond so many times its size plans for a table are likely to be wrong; one that nobody looked at has one page.
GROWTH = 10
_GROWN = """
SELECT CAST(CAST(c.oid AS regclass) AS text) AS name FROM pg_class c
WHERE c.relkind = 'r' AND c.relnamespace = CAST(current_schema() AS regnamespace)
 AND pg_relation_size(c.oid) > greatest(c.relpages, 1) * CAST(current_setting('block_size') AS bigint) * $1
"""


async def renew_statistics() -> list[str]:
    """Have PostgreSQL look at tables that grew tenfold since it did, and make its plans anew; their names.

    Raises DatabaseUnavailable.
    """
    if not database.is_postgresql():
        return []
    grown = [str(row["name"]) for row in await database.rows(_GROWN, GROWTH)]
    for name in grown:
        await database.execute(f"ANALYZE {name}")  # quoted by the catalog that it comes from
    return grown
