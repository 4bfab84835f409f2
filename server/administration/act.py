"""One act of an operator: permitted first, then done and audited in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import asynccontextmanager
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, TypeGuard

from server import audit
from server.kernel import database

from .authorise import check_permitted

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from _typeshed import DataclassInstance

    from server.audit import Event
    from server.kernel.clock import Instant
    from server.kernel.json import JsonValue

    from .authorise import Operator, Permission


@asynccontextmanager
async def act(
    operator: Operator, permission: Permission, tenant_id: UUID, event: Event, now: Instant
) -> AsyncIterator[None]:
    """Surround what is done with the check before it and the event after it; joins a transaction that is open.

    Raises NotPermitted before anything happens.
    """
    check_permitted(operator, permission, tenant_id)
    async with database.transaction():
        yield
        await note(operator, tenant_id, event, now)


async def note(operator: Operator, tenant_id: UUID, event: Event, now: Instant) -> None:
    """Audit what an operator did, where only the deed says what there is to tell; in its transaction."""
    await audit.record(event, tenant_id=tenant_id, now=now, actor=operator.actor)


def changed_fields(before: DataclassInstance, after: DataclassInstance) -> tuple[str, ...]:
    """The names of the fields in which two records of one class differ; records within them are looked into."""
    names: list[str] = []
    for name, old, new in _pairs(before, after):
        if old != new:
            names.extend(changed_fields(old, new) if _is_record(old) and _is_record(new) else (name,))
    return tuple(names)


def changes(before: DataclassInstance, after: DataclassInstance) -> dict[str, JsonValue]:
    """What differs between two records of one class: field to [before, after]. Never called with secrets inside."""
    found: dict[str, JsonValue] = {}
    for name, old, new in _pairs(before, after):
        if old == new:
            continue
        if _is_record(old) and _is_record(new):
            found.update(changes(old, new))
        else:
            found[name] = [_plain(old), _plain(new)]
    return found


def _pairs(before: DataclassInstance, after: DataclassInstance) -> list[tuple[str, object, object]]:
    return [(field.name, getattr(before, field.name), getattr(after, field.name)) for field in fields(before)]


def _is_record(value: object) -> TypeGuard[DataclassInstance]:
    return is_dataclass(value) and not isinstance(value, type)


def _plain(value: object) -> JsonValue:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    return str(value)
