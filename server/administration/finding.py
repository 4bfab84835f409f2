"""What every act on something that is there begins with: it is found, it is still what the operator saw, it is theirs.

A version is a digest of the record: what is equal has the same, whoever wrote it and when.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import orjson

from server.clients import Client, DynamicRegistration
from server.kernel import database, digests, turns
from server.tenants import SYSTEM_SLUG, Origin
from server.webhooks import Webhook

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from _typeshed import DataclassInstance

    from server.tenants import Tenant

T = TypeVar("T")


class Unknown(LookupError):
    """What the operator names is not there, or not for them to know of."""


class Reserved(Exception):
    """Latchkey itself needs it as it is; nothing was changed."""


class Conflict(Exception):
    """Somebody changed it since the operator looked; nothing was changed. `current` is what it is now."""

    def __init__(self, current: DataclassInstance) -> None:
        super().__init__("changed meanwhile")
        self.current = current


def version_of(record: DataclassInstance) -> str:
    """What names this state of a thing; 22 characters.

    That a client was used is no change of it, nor that a webhook was told something.
    """
    if isinstance(record, Client):
        record = replace(record, registration=DynamicRegistration())
    if isinstance(record, Webhook):
        record = replace(record, seal_number=0, failing_since=None)
    return digests.b64url(digests.sha256(orjson.dumps(record, default=_plain, option=orjson.OPT_SORT_KEYS))[:16])


def _plain(value: object) -> object:
    # Besides mappings only the database driver's own kind of UUID is left, which orjson does not know.
    return dict(value) if isinstance(value, Mapping) else str(value)


def check_version(version: str | None, current: DataclassInstance) -> None:
    """Raise Conflict unless the operator saw this state; None: they do not care."""
    if version is not None and version != version_of(current):
        raise Conflict(current)


def found(record: T | None) -> T:
    """What was looked for; raises Unknown."""
    if record is None:
        raise Unknown
    return record


def check_not_built_in(origin: Origin) -> None:
    """Raise Reserved for what Latchkey brings with it."""
    if origin is Origin.BUILT_IN:
        raise Reserved("it is built in")


def check_not_system(tenant: Tenant) -> None:
    """Raise Reserved for the system tenant, whose clients and permissions are Latchkey's own."""
    if tenant.slug == SYSTEM_SLUG:
        raise Reserved("the system tenant is not described like others")


@asynccontextmanager
async def turn(tenant_id: UUID) -> AsyncIterator[None]:
    """A transaction in which no other operator changes anything of this tenant: what is read in it stays so."""
    async with database.transaction():
        await take_turn(tenant_id)
        yield


async def take_turn(tenant_id: UUID) -> None:
    """The same for the rest of the transaction that is open."""
    await turns.take_turn(f"administration:{tenant_id}")
