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
from .batches import Batcher, Statement, Unit
from .database_url import PostgresqlUrl, parse_database_url
from .faults import AlreadyExists, DatabaseUnavailable, TransactionAborted, Unavailable
from .postgresql import PostgresqlDatabase
from .rows import Row, as_bool, as_int, as_optional_int, as_optional_text, as_optional_uuid, as_uuid
from .sqlite_client import SqliteModelClient
from .transactions import QueryCounting, TransactionContext, count_statement, current_transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from .sqlite import SqliteDatabase

__all__ = [
    "AlreadyExists",
    "DatabaseUnavailable",
    "Row",
    "Statement",
    "TransactionAborted",
    "Unavailable",
    "after_commit",
    "as_bool",
    "as_int",
    "as_optional_int",
    "as_optional_text",
    "as_optional_uuid",
    "as_uuid",
    "close_database",
    "database",
    "execute",
    "find_row",
    "find_rows",
    "has_content",
    "in_transaction",
    "is_first_in_transaction",
    "is_postgresql",
    "open_database",
    "query_count",
    "row",
    "rows",
    "transaction",
    "write",
]

# NORMAL: after a power cut the last moments may be missing, but nothing is damaged. https://www.sqlite.org/pragma.html
SQLITE_PRAGMAS = {"synchronous": "NORMAL", "journal_size_limit": "67108864", "temp_store": "MEMORY"}

READING_TURNS = 4  # batches under way at once, each on a connection of its own

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


async def find_rows(sql: str, *arguments: object) -> list[Row]:
    """The rows of a SELECT, asked for together with what others are looking for at this moment.

    For the statements of hot paths: under load each costs a fraction of what `rows` does.
    """
    if in_transaction():
        return await rows(sql, *arguments)
    count_statement()
    return await _reads.submit(Statement(sql, arguments))


async def find_row(sql: str, *arguments: object) -> Row | None:
    """The first row of a SELECT; see `find_rows`."""
    found = await find_rows(sql, *arguments)
    return found[0] if found else None


async def write(*rows: Statement, claim: Statement | None = None) -> bool:
    """Write rows together with what others write at this moment: awaited group commit. False when the claim is lost.

    All rows are written, in one transaction with the claim, which must change exactly one row; when it does not,
    nothing is. It is an UPDATE without RETURNING by key (`tenant_id = $1 AND id = $2`), or an INSERT … DO NOTHING whose
    first arguments are the key. Returns after the commit, or joins the surrounding transaction.
    Raises AlreadyExists, DatabaseUnavailable.
    """
    count_statement()
    transaction = current_transaction()
    if transaction is None:
        return await _writes.submit(Unit(rows, claim))
    async with transaction.turn() as session:
        if claim is not None and await session.run(claim.sql, claim.arguments) != 1:
            return False
        for statement in rows:
            await session.run(statement.sql, statement.arguments)
    return True


async def _read_batch(statements: Sequence[Statement]) -> list[list[Row]]:
    return await database().fetch_each(statements)


async def _write_batch(units: Sequence[Unit]) -> list[bool]:
    ordered = sorted(range(len(units)), key=lambda position: units[position].order)
    written = await database().write([units[position] for position in ordered])
    results = dict(zip(ordered, written, strict=True))
    return [results[position] for position in range(len(units))]


_reads = Batcher(_read_batch, "reading rows", turns=READING_TURNS)
_writes = Batcher(_write_batch, "group commit")


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


def is_first_in_transaction(mark: Hashable) -> bool:
    """True once in a transaction for each mark, and always outside of one: what says the same twice is said once."""
    transaction = current_transaction()
    if transaction is None:
        return True
    if mark in transaction.marks:
        return False
    transaction.marks.add(mark)
    return True


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
