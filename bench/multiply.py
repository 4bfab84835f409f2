"""Many tenants and many people in a moment: copies, by COPY, of rows that Latchkey itself made.

What is sealed is sealed anew for each copy. Only the key pairs of all copies are the same ones, since making an RSA
key takes longer than everything else together; nothing that is measured depends on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias
from uuid import UUID

import asyncpg

from bench.contenders import BATCH_SECRET, WEB_SECRET
from server.clients.policy import digest_secret
from server.kernel import digests, encryption, ids
from server.keys.store import MAC_PURPOSE, SIGNING_PURPOSE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.processes import Installation

    Rows: TypeAlias = list[dict[str, object]]

# What happened, and what is still to happen, belongs to the original alone.
NOT_COPIED = ("audit", "outbox", "job")
SEALED = {("signing_key", "sealed_private"): SIGNING_PURPOSE, ("mac_key", "sealed_secret"): MAC_PURPOSE}
SECRETS = {"web": WEB_SECRET, "batch": BATCH_SECRET}
AT_ONCE = 20_000  # people in one COPY

_TABLES = """
SELECT DISTINCT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'tenant_id'
"""


@dataclass(frozen=True, slots=True)
class Template:
    """Every row of a tenant, private keys opened."""

    tenant: dict[str, object]
    tables: dict[str, Rows]
    secrets: dict[object, str]  # by the client's internal key

    def copy(self, slug: str) -> Iterator[tuple[str, dict[str, object]]]:
        """The rows of another tenant that is the same but for its name."""
        tenant_id = ids.uuid7()
        fresh: dict[object, object] = {self.tenant["id"]: tenant_id}
        fresh.update({row["id"]: ids.uuid7() for rows in self.tables.values() for row in rows if "id" in row})
        yield "tenant", {**self.tenant, "id": tenant_id, "slug": slug}
        for table, rows in self.tables.items():
            for row in rows:
                yield table, self._row(table, row, tenant_id, fresh)

    def _row(
        self, table: str, row: dict[str, object], tenant_id: UUID, fresh: dict[object, object]
    ) -> dict[str, object]:
        # Only ids are looked up: other values may not be hashable.
        made = {name: fresh.get(value, value) if isinstance(value, UUID) else value for name, value in row.items()}
        for name, opened in row.items():
            purpose = SEALED.get((table, name))
            if purpose is not None and isinstance(opened, bytes):
                made[name] = encryption.seal(purpose, tenant_id, str(made["id"]), opened)
        if table == "client_secret":
            made["digest"] = digest_secret(tenant_id, self.secrets[row["client_pk"]])
        return made


async def add_tenants(installation: Installation, slug: str, first: int, last: int) -> None:
    """Copies of a tenant, named `SLUG-first` to `SLUG-last`."""
    encryption.open_master_secrets(installation.environment["LATCHKEY_SECRET_KEY"])
    connection = await asyncpg.connect(installation.database_url)
    try:
        template = await _read(connection, slug)
        rows: dict[str, Rows] = {}
        for number in range(first, last + 1):
            for table, row in template.copy(f"{slug}-{number}"):
                rows.setdefault(table, []).append(row)
        for table, copies in rows.items():
            await _write(connection, table, copies)
        await connection.execute("ANALYZE")
    finally:
        await connection.close()


async def add_people(installation: Installation, slug: str, first: int, last: int) -> None:
    """People of a tenant, named `someone-first` to `someone-last`, with the password of its first person."""
    connection = await asyncpg.connect(installation.database_url)
    try:
        template = await _read(connection, slug, opened=False)
        person = template.tables["person"][0]
        password = next(row for row in template.tables["password"] if row["user_id"] == person["id"])
        for begin in range(first, last + 1, AT_ONCE):
            people = [_person(person, number) for number in range(begin, min(begin + AT_ONCE, last + 1))]
            await _write(connection, "person", people)
            await _write(connection, "password", [{**password, "user_id": one["id"]} for one in people])
        await connection.execute("ANALYZE")
    finally:
        await connection.close()


def _person(person: dict[str, object], number: int) -> dict[str, object]:
    name, address = f"someone-{number}", f"someone-{number}@bench.test"
    names = {"username": name, "username_key": name, "email": address, "email_key": address}
    return {**person, "id": ids.uuid7(), "sub": digests.random_token(128), **names}


async def _read(connection: asyncpg.Connection, slug: str, *, opened: bool = True) -> Template:
    tenant = dict(await connection.fetchrow("SELECT * FROM tenant WHERE slug = $1", slug))
    names = [row["table_name"] for row in await connection.fetch(_TABLES)]
    tables = {
        name: [dict(row) for row in await connection.fetch(f"SELECT * FROM {name} WHERE tenant_id = $1", tenant["id"])]  # noqa: S608 - names of our tables
        for name in names
        if not name.startswith(NOT_COPIED)
    }
    if opened:
        for (table, name), purpose in SEALED.items():
            for row in tables[table]:
                row[name] = encryption.unseal(purpose, tenant["id"], str(row["id"]), row[name])
    secrets = {row["id"]: SECRETS[row["client_id"]] for row in tables["client"] if row["client_id"] in SECRETS}
    return Template(tenant, tables, secrets)


async def _write(connection: asyncpg.Connection, table: str, rows: Rows) -> None:
    columns = list(rows[0])
    records = [tuple(row.values()) for row in rows]
    await connection.copy_records_to_table(table, records=records, columns=columns)
