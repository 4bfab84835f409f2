"""How many processes may serve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.kernel.database_url import SqliteUrl, parse_database_url
from server.settings import BadSettings

if TYPE_CHECKING:
    from server.settings import Settings


def check_workers(settings: Settings, workers: int) -> None:
    """Raise BadSettings for more processes than the database can do with."""
    if workers > 1 and isinstance(parse_database_url(settings.database_url), SqliteUrl):
        raise BadSettings("LATCHKEY_DATABASE_URL: SQLite serves one worker only; use PostgreSQL for more")
