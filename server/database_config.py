"""Tortoise's configuration: where the models and the migrations are. `tortoise makemigrations` reads it, too."""

from __future__ import annotations

from typing import Any, Final

MODELS: Final = [
    f"server.{part}.models"
    for part in (
        "kernel",
        "audit",
        "tenants",
        "keys",
        "users",
        "credentials",
        "sessions",
        "roles",
        "scopes",
        "resources",
        "clients",
        "initial_access_tokens",
        "grants",
        "trust",
        "tokens",
        "interactions",
        "webhooks",
    )
]

# Any: the shape is Tortoise's. The connection is for Tortoise's own command line; open_database has its own.
TORTOISE_ORM: Final[dict[str, Any]] = {
    "connections": {
        "default": {"engine": "server.kernel.sqlite_client", "credentials": {"file_path": ":memory:"}},
    },
    "apps": {"latchkey": {"models": MODELS, "default_connection": "default", "migrations": "migrations"}},
}
