"""JSON as it is kept in text columns and sent on the wire. RFC 8259."""

from __future__ import annotations

from typing import TypeAlias

import orjson

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"


def dump_json(value: object) -> str:
    """Compact JSON; raises TypeError for what JSON cannot say."""
    return orjson.dumps(value).decode()


def load_json(text: str | bytes) -> JsonValue:
    """Read JSON; raises ValueError. For documents of strangers, protocol.json_documents is stricter."""
    value: JsonValue = orjson.loads(text)
    return value
