"""Database URLs."""

import pytest

from server.kernel.database_url import PostgresqlUrl, SqliteUrl, parse_database_url
from server.kernel.places import CHECKOUT


def test_relative_paths_count_from_the_checkout() -> None:
    assert parse_database_url("sqlite://var/latchkey.sqlite3") == SqliteUrl(str(CHECKOUT / "var" / "latchkey.sqlite3"))
    assert parse_database_url("sqlite:///srv/latchkey.sqlite3") == SqliteUrl("/srv/latchkey.sqlite3")
    assert parse_database_url("sqlite://:memory:") == SqliteUrl(":memory:")
    assert (CHECKOUT / "pyproject.toml").exists()


@pytest.mark.parametrize(
    "url",
    [
        "postgres://me@db.test/latchkey",
        "postgresql://me:p%40ss%2Fword@db.test:5433/latchkey?sslmode=verify-full",
        "postgres://me@/latchkey?host=/run/postgresql",
        "postgres:///latchkey?host=/run/postgresql&port=5433",
    ],
)
def test_postgresql_urls_are_passed_on_as_they_are(url: str) -> None:
    assert parse_database_url(url) == PostgresqlUrl(url)


def test_a_postgresql_url_is_not_shown() -> None:
    assert "hunter2" not in repr(parse_database_url("postgres://me:hunter2@db.test/latchkey"))


@pytest.mark.parametrize(
    "url",
    ["", "latchkey.sqlite3", "sqlite://", "sqlite://var/", "sqlite://a?b=c", "mysql://a/b", "postgres://a:b/c", "postgres://a"],
)  # fmt: skip
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_database_url(url)
