"""What every test may ask for. A test that asks for no storage starts no database.

pytest                          on SQLite
pytest --database postgresql    on PostgreSQL: a cluster of our own, or the server that TEST_DATABASE_URL names
pytest -m storage               only what touches storage
"""

from __future__ import annotations

import functools
import gc
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import hypothesis
import pytest

from tests.support.databases import PostgresqlServer, SqliteFolder, postgresql_cluster, redis_server
from tests.support.network import loopback_only

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator

    from server.hosting import Dispatcher
    from server.settings import Settings
    from tests.support.databases import DatabaseServer

# Hypothesis takes an example that is slow once for a failure, and on a busy machine any example is.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")

# Tests and what they import stay until the end. To look for garbage among them again and again is a sixth of all work.
gc.set_threshold(50_000, 20, 100)

TESTS = Path(__file__).parent
# They wait for processes.
TAKE_LONG = frozenset({"browser", "cli", "clients", "deployment", "faults", "golden", "upgrades"})
PUBLIC_URL = "http://127.0.0.1:9000"
WITHOUT_STORAGE = frozenset({"house", "resource_server", "unit"})
# What asks a database nothing that other folders do not ask both: pages as browsers draw them, the wire as clients of
# others read it, and commands before they have opened a database. It runs on SQLite alone.
ON_ONE_DATABASE = (
    "browser",
    "golden",
    "clients/test_authlib.py",
    "clients/test_mcp_by_document.py",
    "clients/test_mcp_python.py",
    "clients/test_mcp_typescript.py",
    "clients/test_openid_client.py",
    "cli/test_tracing.py",
    "cli/test_usage.py",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--database`."""
    parser.addoption(
        "--database",
        choices=["sqlite", "postgresql"],
        default="sqlite",
        help="which database the tests run on (one in each process)",
    )


def pytest_report_header(config: pytest.Config) -> str:
    """Say which database the results are about."""
    return f"database: {config.getoption('--database')}"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave unread what holds nothing that is asked for, where only what touches storage is."""
    only_storage = config.getoption("markexpr") == "storage"
    return True if only_storage and _is_in(collection_path, {*WITHOUT_STORAGE, *ON_ONE_DATABASE}) else None


def _is_in(path: Path, places: Iterable[str]) -> bool:
    return any(path.is_relative_to(TESTS / place) for place in places)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Mark what touches storage, so that `-m storage` finds it, and put first what takes long.

    The order is random otherwise. A file that takes long must not come last, and run alone.
    """
    for item in items:
        if "database_server" not in getattr(item, "fixturenames", ()):
            continue
        if _is_in(item.path, WITHOUT_STORAGE):
            raise pytest.UsageError(f"{item.nodeid} touches storage, in a folder where nothing does")
        if not _is_in(item.path, ON_ONE_DATABASE):
            item.add_marker(pytest.mark.storage)
    yield
    items.sort(key=lambda item: item.path.relative_to(TESTS).parts[0] not in TAKE_LONG)


def pytest_collection_finish() -> None:
    """Look for garbage no more in what was collected."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _closed_network() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch, loopback_only(patch):
        yield


# ------------------------------------------------------------------------------------------------------------- servers


@pytest.fixture(scope="session")
def database_server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DatabaseServer]:
    """Where empty databases come from, of the kind that `--database` names."""
    if request.config.getoption("--database") == "sqlite":
        yield SqliteFolder(tmp_path_factory.mktemp("databases"))
    elif url := os.environ.get("TEST_DATABASE_URL"):
        yield PostgresqlServer(url)
    else:
        with postgresql_cluster() as server:
            yield server


@pytest.fixture(scope="session")
async def database_url(database_server: DatabaseServer) -> str:
    """The database of this test session, migrated."""
    return await database_server.create_migrated()


@pytest.fixture
def new_database(database_server: DatabaseServer) -> Callable[[], Awaitable[str]]:
    """Call it for the URL of one more, empty database: for migrations, or for what is restored."""
    return database_server.create_database


@pytest.fixture
def new_migrated_database(database_server: DatabaseServer) -> Callable[[], Awaitable[str]]:
    """Call it for the URL of one more database without rows: for a process of its own."""
    return database_server.create_migrated


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A real Redis."""
    with redis_server() as url:
        yield url


# ------------------------------------------------------------------------------------------------- the opened program


@pytest.fixture(scope="session")
def session_settings(database_url: str) -> Settings:
    """Loopback, rate limits off, a master secret of its own."""
    from server.settings import load_settings

    return load_settings(
        {
            "LATCHKEY_DATABASE_URL": database_url,
            "LATCHKEY_PUBLIC_URL": PUBLIC_URL,
            "LATCHKEY_SECRET_KEY": "a master secret that only tests know",
            "LATCHKEY_RATE_LIMITS": "off",
        }
    )


@pytest.fixture
def settings(session_settings: Settings, request: pytest.FixtureRequest) -> Settings:
    """The settings of this test; `@pytest.mark.rate_limited` switches the limits on."""
    limited = request.node.get_closest_marker("rate_limited") is not None
    return replace(session_settings, rate_limits=limited)


@pytest.fixture(scope="session")
async def opened(session_settings: Settings) -> AsyncIterator[Settings]:
    """A migrated database, keys, shared state and password pool: all that lies below HTTP."""
    from server import app

    async with app.opened(session_settings):
        yield session_settings


@pytest.fixture
async def storage(opened: Settings, settings: Settings) -> AsyncIterator[None]:
    """Empty tables, caches and shared state; whatever the test wrote is gone afterwards. Secrets are cheap."""
    from tests.support import cheap_secrets, cleaning

    cleaning.start_fresh(settings)
    with cheap_secrets.cheap_secrets(), cleaning.sealing_at_once():
        yield
    await cleaning.empty_tables()


@pytest.fixture
def warm_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is cached stays so, however slow the machine: for tests that count statements."""
    from server.kernel import cache

    monkeypatch.setattr(cache, "MAX_AGE_SECONDS", 3600)


@pytest.fixture
def production_hashes(storage: None) -> Iterator[None]:
    """Passwords are hashed as in production after all."""
    from tests.support import cheap_secrets

    with cheap_secrets.production_hashes():
        yield


@pytest.fixture(scope="session")
def made_app() -> Callable[[Settings], Dispatcher]:
    """Call it for the application of these settings. Its routes take longer to make than most tests do to run."""
    from server.app import create_app

    return functools.cache(create_app)


@pytest.fixture
def app(storage: None, settings: Settings, made_app: Callable[[Settings], Dispatcher]) -> Dispatcher:
    """The whole server as an ASGI application, on the opened storage; it knows of no readiness check yet."""
    from server.hosting import Operations
    from server.kernel.metrics import Figures

    return replace(made_app(settings), operations=Operations(settings, Figures(None)))


@pytest.fixture
async def http(app: Dispatcher) -> AsyncIterator[httpx2.AsyncClient]:
    """A client that follows no redirects, on the public URL."""
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
        yield client
