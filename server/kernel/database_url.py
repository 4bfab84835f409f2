"""Reading a database URL: SQLite by path, PostgreSQL as libpq spells it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from .places import CHECKOUT

IN_MEMORY = ":memory:"


@dataclass(frozen=True, slots=True)
class SqliteUrl:
    """A database file by its absolute path, or `:memory:`."""

    path: str


@dataclass(frozen=True, slots=True)
class PostgresqlUrl:
    """A PostgreSQL database; host, unix socket, TLS and password are read by the driver."""

    dsn: str = field(repr=False)


def parse_database_url(url: str) -> SqliteUrl | PostgresqlUrl:
    """Read `sqlite://PATH` (relative to the checkout) or `postgres://…`; raises ValueError, without the URL in it."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        raise ValueError("a database URL begins with sqlite:// or postgres://")
    if scheme == "sqlite":
        return SqliteUrl(_sqlite_path(rest))
    if scheme in {"postgres", "postgresql"}:
        _check_postgresql(url)
        return PostgresqlUrl(url)
    raise ValueError("only SQLite (sqlite://PATH) and PostgreSQL (postgres://…) are supported")


def _sqlite_path(rest: str) -> str:
    path = unquote(rest)
    if path == IN_MEMORY:
        return path
    if not path or path.endswith("/") or "?" in path:
        raise ValueError("sqlite:// is followed by the path of a file")
    return str(CHECKOUT / Path(path))


def _check_postgresql(url: str) -> None:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  reading it is the check: it raises ValueError
    except ValueError:
        # The exception quotes what it could not read, and that may be the password.
        raise ValueError("not a PostgreSQL URL; percent-encode special characters of the password") from None
    if not parts.path.strip("/"):
        raise ValueError("a PostgreSQL URL names a database: postgres://host/database")
