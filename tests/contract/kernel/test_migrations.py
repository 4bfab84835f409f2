"""Bringing a database up to date, on either database."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import asyncpg
import pytest
from tortoise.connection import get_connection

from server import secret_file, settings
from server.database_config import TORTOISE_ORM
from server.kernel import database, migrations
from server.kernel.faults import DatabaseLocked
from server.kernel.migrations import BrokenReferences, PendingMigrations
from server.kernel.sqlite import SqliteDatabase
from server.settings import BadSettings, Settings

NewDatabase = Callable[[], Awaitable[str]]

HEAD = """
from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import UniqueConstraint

class Migration(migrations.Migration):
"""
FIRST = """
    initial = True
    operations = [
        ops.CreateModel("Shelf", fields=[
            ("id", fields.IntField(primary_key=True, generated=False)),
            ("room", fields.CharField(max_length=20)),
            ("number", fields.IntField()),
            ("note", fields.TextField(null=True)),
        ], options={"table": "shelf", "app": "latchkey", "unique_together": (("room", "number"),),
                    "indexes": [Index(fields=["number"], name="by_number")], "pk_attr": "id"}),
        ops.CreateModel("Book", fields=[
            ("id", fields.IntField(primary_key=True, generated=False)),
            ("shelf", fields.ForeignKeyField("latchkey.Shelf", related_name="books", on_delete=OnDelete.CASCADE)),
        ], options={"table": "book", "app": "latchkey", "pk_attr": "id"}),
    ]
"""
ALTER = """
    dependencies = [("latchkey", "0001_shelves")]
    operations = [ops.AlterField("Shelf", "note", fields.CharField(max_length=50, null=True))]
"""
FAIL = """
    dependencies = [("latchkey", "0001_shelves")]
    operations = [ops.RunSQL("CREATE TABLE half (id INT)"), ops.RunSQL("SELEKT nonsense")]
"""
LOSE = """
    dependencies = [("latchkey", "0001_shelves")]
    operations = [ops.RunSQL("DELETE FROM shelf")]
"""
REINDEX = """
    atomic = False
    dependencies = [("latchkey", "0001_shelves")]
    operations = [
        ops.AddIndex("Shelf", Index(fields=["room"], name="by_room")),
        ops.RemoveIndex("Shelf", name="by_number"),
    ]
"""
ADD = """
    dependencies = [("latchkey", "0001_shelves")]
    operations = [ops.AddField("Shelf", "label", fields.TextField(null=True))]
"""
FILL = (
    "INSERT INTO shelf (id, room, number, note) VALUES (1, 'hall', 7, 'tall')",
    "INSERT INTO book (id, shelf_id) VALUES (1, 1)",
)


class Written:
    """A package of migrations that a test writes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, name: str, text: str) -> None:
        (self.folder / f"{name}.py").write_text(HEAD + text)


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Written]:
    name = f"migrations_{tmp_path.name}".replace("-", "_")
    folder = tmp_path / name
    folder.mkdir()
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(TORTOISE_ORM["apps"]["latchkey"], "migrations", name)
    yield Written(folder)
    for module in [module for module in sys.modules if module.startswith(name)]:
        del sys.modules[module]


async def _run(url: str, *statements: str) -> list[dict[str, object]]:
    """Run statements on a database that is not the open one; the rows of the last one."""
    client = migrations._ours(_client(url))
    await client.create_connection(with_db=True)
    try:
        for statement in statements[:-1]:
            await client.engine.run(statement, ())
        return [dict(row) for row in await client.engine.fetch(statements[-1], ())]
    finally:
        await client.close()


def _client(url: str) -> object:
    connection = database.orm_config(url)["connections"]["default"]
    module = sys.modules[connection["engine"]]
    return module.client_class(**connection["credentials"], connection_name="apart")


async def test_a_new_database_is_brought_up_to_date_once(new_database: NewDatabase) -> None:
    url = await new_database()
    assert await migrations.migrate(url)
    assert await migrations.migrate(url) == []


async def test_programs_that_migrate_at_the_same_time_take_turns(new_database: NewDatabase) -> None:
    url = await new_database()
    program = (
        "import asyncio, sys; from server.kernel import migrations; print(asyncio.run(migrations.migrate(sys.argv[1])))"
    )
    running = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", program, url, stdout=asyncio.subprocess.PIPE)
        for _ in range(3)
    ]
    outputs = [(await process.communicate())[0].decode().strip() for process in running]
    assert [process.returncode for process in running] == [0, 0, 0]
    assert outputs.count("[]") == 2


async def test_changing_a_column_loses_no_row_no_index_and_no_constraint(
    new_database: NewDatabase, written: Written
) -> None:
    url = await new_database()
    written.add("0001_shelves", FIRST)
    assert await migrations.migrate(url) == ["0001_shelves"]
    await _run(url, *FILL, "SELECT 1")
    written.add("0002_notes", ALTER)
    assert await migrations.migrate(url) == ["0002_notes"]
    assert await _run(url, "SELECT id, room, number, note FROM shelf") == [
        {"id": 1, "room": "hall", "number": 7, "note": "tall"}
    ]
    assert await _run(url, "SELECT id FROM book") == [{"id": 1}]
    with pytest.raises(database.AlreadyExists):
        await _run(url, "INSERT INTO shelf (id, room, number) VALUES (2, 'hall', 7)", "SELECT 1")
    assert "by_number" in await _indexes(url)


async def _indexes(url: str) -> set[object]:
    on_sqlite = "SELECT name FROM sqlite_master WHERE type = 'index'"
    on_postgresql = "SELECT relname AS name FROM pg_class WHERE relkind = 'i'"
    return {row["name"] for row in await _run(url, on_sqlite if url.startswith("sqlite") else on_postgresql)}


async def test_a_trigger_survives_too_on_sqlite(new_database: NewDatabase, written: Written) -> None:
    url = await new_database()
    if not url.startswith("sqlite"):
        pytest.skip("PostgreSQL rebuilds no tables")
    written.add("0001_shelves", FIRST)
    await migrations.migrate(url)
    await _run(url, *FILL, "CREATE TRIGGER seen AFTER INSERT ON shelf BEGIN UPDATE shelf SET note = 'seen'; END")
    written.add("0002_notes", ALTER)
    await migrations.migrate(url)
    assert await _run(url, "SELECT name FROM sqlite_master WHERE type = 'trigger'") == [{"name": "seen"}]


async def test_a_migration_that_fails_leaves_nothing(new_database: NewDatabase, written: Written) -> None:
    url = await new_database()
    written.add("0001_shelves", FIRST)
    written.add("0002_half", FAIL)
    with pytest.raises(Exception, match="SELEKT"):
        await migrations.migrate(url)
    assert await _run(url, "SELECT name FROM tortoise_migrations") == [{"name": "0001_shelves"}]
    with pytest.raises(Exception, match="half"):
        await _run(url, "SELECT * FROM half")


async def test_a_migration_that_leaves_orphans_is_undone(new_database: NewDatabase, written: Written) -> None:
    url = await new_database()
    written.add("0001_shelves", FIRST)
    await migrations.migrate(url)
    await _run(url, *FILL, "SELECT 1")
    written.add("0002_lose", LOSE)
    if not url.startswith("sqlite"):
        pytest.skip("PostgreSQL checks references all the time")
    with pytest.raises(BrokenReferences, match="1 rows of book"):
        await migrations.migrate(url)
    assert await _run(url, "SELECT id FROM shelf") == [{"id": 1}]


@pytest.mark.usefixtures("storage")
async def test_an_up_to_date_database_passes_the_check() -> None:
    await migrations.check_migrations()


@pytest.mark.usefixtures("storage")
async def test_what_is_pending_is_named(written: Written) -> None:
    written.add("0001_shelves", FIRST)
    with pytest.raises(PendingMigrations, match="0001_shelves"):
        await migrations.check_migrations()


@pytest.mark.usefixtures("storage")
async def test_an_empty_database_is_said_to_be_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    async def has_content() -> bool:
        return False

    monkeypatch.setattr(database, "has_content", has_content)
    with pytest.raises(PendingMigrations, match="empty"):
        await migrations.check_migrations()


async def test_a_database_that_is_not_there_is_unavailable() -> None:
    if isinstance(database._database, SqliteDatabase):
        pytest.skip("one dialect a process")
    with pytest.raises(database.DatabaseUnavailable):
        await migrations.migrate("postgres://nobody@127.0.0.1:1/nothing")


async def test_a_new_secret_beside_old_content_is_refused_and_unmade(
    opened: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret.key"
    monkeypatch.setattr(secret_file, "SECRET_FILE", secret)
    fresh = settings.load_settings({"LATCHKEY_DATABASE_URL": f"sqlite://{tmp_path}/none.sqlite3"})
    assert fresh.secret_is_new
    with pytest.raises(BadSettings, match="bring it back"):
        await settings.check_new_secret(fresh)
    assert not secret.exists()
    await settings.check_new_secret(opened)


@pytest.mark.usefixtures("storage")
def test_the_connection_is_one_of_ours() -> None:
    migrations._ours(get_connection("default"))
    with pytest.raises(TypeError):
        migrations._ours(object())


async def test_indexes_are_made_and_dropped_while_others_write(new_database: NewDatabase, written: Written) -> None:
    """What is not atomic is repeated from the start when it was cut off, on PostgreSQL; on SQLite it is whole."""
    url = await new_database()
    written.add("0001_shelves", FIRST)
    written.add("0002_indexes", REINDEX)
    assert await migrations.migrate(url) == ["0001_shelves", "0002_indexes"]
    assert "by_room" in await _indexes(url)
    assert "by_number" not in await _indexes(url)
    if url.startswith("sqlite"):
        return
    await _run(url, "DELETE FROM tortoise_migrations WHERE name = '0002_indexes'", "SELECT 1")
    writing = _client(url)
    client = migrations._ours(writing)
    await client.create_connection(with_db=True)
    session = await client.engine.begin()
    await session.run("INSERT INTO shelf (id, room, number) VALUES (9, 'attic', 9)", ())
    migrating = [asyncio.create_task(migrations.migrate(url)) for _ in range(2)]
    # Whoever writes is waited for, and keeps writing; who waits for the other program is in nobody's way.
    await asyncio.sleep(0.3)
    await session.run("INSERT INTO shelf (id, room, number) VALUES (10, 'attic', 10)", ())
    await session.commit()
    assert sorted(await asyncio.gather(*migrating)) == [[], ["0002_indexes"]]
    await client.close()
    valid = "SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = 'by_room'::regclass"
    assert await _run(url, valid) == [{"valid": True}]


async def test_a_migration_lets_others_pass_while_a_table_is_in_use(
    new_database: NewDatabase, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits shortly and often: whoever queues behind it for the table would wait as long."""
    if not database.is_postgresql():
        pytest.skip("SQLite has one writer at a time, who is waited for")
    url = await new_database()
    written.add("0001_shelves", FIRST)
    await migrations.migrate(url)
    written.add("0002_label", ADD)
    monkeypatch.setattr(migrations, "LOCK_MILLISECONDS", 50)
    monkeypatch.setattr(migrations, "LOCK_PAUSE_SECONDS", 0.05)
    monkeypatch.setattr(migrations, "LOCK_ATTEMPTS", 1000)
    holder = await asyncpg.connect(url)
    reader = await asyncpg.connect(url, server_settings={"lock_timeout": "4s"})
    try:
        async with holder.transaction():
            await holder.execute("SELECT * FROM shelf")
            migrating = asyncio.create_task(migrations.migrate(url))
            await asyncio.sleep(0.3)
            assert await reader.fetch("SELECT * FROM shelf") == []
            assert not migrating.done()
        assert await migrating == ["0002_label"]
        monkeypatch.setattr(migrations, "LOCK_ATTEMPTS", 2)
        written.add("0003_empty", LOSE.replace("0001_shelves", "0002_label"))
        async with holder.transaction():
            await holder.execute("LOCK TABLE shelf")
            with pytest.raises(DatabaseLocked):
                await migrations.migrate(url)
    finally:
        await holder.close()
        await reader.close()
