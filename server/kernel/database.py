"""The database: statements, transactions, and what goes wrong with it.

SQL is written once for SQLite and PostgreSQL, with `$1` placeholders, each of which may appear more than once.
Models and statements share the task's transaction, and raise the same faults.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tortoise import Tortoise
from tortoise.connection import get_connection

from server.database_config import TORTOISE_ORM

from .asyncpg_client import PostgresqlModelClient
from .database_url import PostgresqlUrl, parse_database_url
from .faults import AlreadyExists, DatabaseUnavailable, TransactionAborted, Unavailable
from .postgresql import PostgresqlDatabase
from .rows import Row, as_bool, as_int, as_optional_int, as_uuid
from .sqlite_client import SqliteModelClient
from .transactions import QueryCounting, TransactionContext, count_statement, current_transaction

if TYPE_CHECKING:
    from collections.abc import Callable

    from .sqlite import SqliteDatabase

__all__ = [
    "AlreadyExists",
    "DatabaseUnavailable",
    "Row",
    "TransactionAborted",
    "Unavailable",
    "after_commit",
    "as_bool",
    "as_int",
    "as_optional_int",
    "as_uuid",
    "close_database",
    "database",
    "execute",
    "has_content",
    "in_transaction",
    "is_postgresql",
    "open_database",
    "query_count",
    "row",
    "rows",
    "transaction",
]

# NORMAL: after a power cut the last moments may be missing, but nothing is damaged. https://www.sqlite.org/pragma.html
SQLITE_PRAGMAS = {"synchronous": "NORMAL", "journal_size_limit": "67108864", "temp_store": "MEMORY"}

_database: SqliteDatabase | PostgresqlDatabase | None = None


async def open_database(url: str) -> None:
    """Connect; raises ValueError for a URL that is none, DatabaseUnavailable."""
    global _database  # noqa: PLW0603  one database a process; Tortoise's models know only one, too
    await Tortoise.init(config=orm_config(url), _enable_global_fallback=True)
    client = get_connection("default")
    if not isinstance(client, SqliteModelClient | PostgresqlModelClient):
        raise TypeError("the connection is not one of ours")
    try:
        await client.create_connection(with_db=True)
    except BaseException:
        await Tortoise.close_connections()
        raise
    _database = client.engine


async def close_database() -> None:
    """Disconnect; nothing happens when no database is open."""
    global _database  # noqa: PLW0603  see open_database
    if _database is not None:
        _database = None
        await Tortoise.close_connections()


async def rows(sql: str, *arguments: object) -> list[Row]:
    """Run a statement; the rows that it returns."""
    count_statement()
    transaction = current_transaction()
    if transaction is None:
        return await database().fetch(sql, arguments)
    async with transaction.turn() as session:
        return await session.fetch(sql, arguments)


async def row(sql: str, *arguments: object) -> Row | None:
    """Run a statement; the first row that it returns."""
    found = await rows(sql, *arguments)
    return found[0] if found else None


async def execute(sql: str, *arguments: object) -> int:
    """Run a statement; the number of rows that it changed. For RETURNING use `rows`."""
    count_statement()
    transaction = current_transaction()
    if transaction is None:
        return await database().run(sql, arguments)
    async with transaction.turn() as session:
        return await session.run(sql, arguments)


def transaction() -> TransactionContext:
    """`async with`: all or nothing; inside of another one it joins.

    A statement or inner block that failed inside makes it impossible to commit (TransactionAborted), also where
    the exception was caught, and on both databases alike: catch AlreadyExists outside.
    """
    return TransactionContext(database().begin)


def in_transaction() -> bool:
    """Whether this task is in a transaction."""
    return current_transaction() is not None


def after_commit(callback: Callable[[], None]) -> None:
    """Call this when the outermost transaction has been committed; at once outside of one."""
    transaction = current_transaction()
    if transaction is None:
        callback()
    else:
        transaction.callbacks.append(callback)


def query_count() -> QueryCounting:
    """`with … as count`: count.total is the number of statements that ran inside, BEGIN and COMMIT aside."""
    return QueryCounting()


def is_postgresql() -> bool:
    """Whether the open database is PostgreSQL."""
    return isinstance(database(), PostgresqlDatabase)


def database() -> SqliteDatabase | PostgresqlDatabase:
    """The open database; raises DatabaseUnavailable."""
    if _database is None:
        raise DatabaseUnavailable("the database is not open")
    return _database


async def has_content() -> bool:
    """Whether this database was migrated once."""
    sql = (
        "SELECT 1 FROM information_schema.tables WHERE table_name = $1"
        if is_postgresql()
        else "SELECT 1 FROM sqlite_master WHERE name = $1"
    )
    return await row(sql, "tortoise_migrations") is not None


def orm_config(url: str, *, patient: bool = False) -> dict[str, Any]:
    """Tortoise's configuration for a database; `patient` for migrations: no time limits, no foreign key checks.

    Any: as in Tortoise's own signature.
    """
    target = parse_database_url(url)
    if isinstance(target, PostgresqlUrl):
        connection = {"engine": "server.kernel.asyncpg_client", "credentials": {"dsn": target.dsn, "patient": patient}}
    else:
        pragmas = {**SQLITE_PRAGMAS, "foreign_keys": "OFF" if patient else "ON"}
        connection = {"engine": "server.kernel.sqlite_client", "credentials": {"file_path": target.path, **pragmas}}
    return {**TORTOISE_ORM, "connections": {"default": connection}}
