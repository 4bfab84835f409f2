"""Clients: whoever asks for tokens, with metadata (RFC 7591 §2) and at most two live secrets.

`find` and `find_by_pk` answer from a cache and give disabled clients too: callers look at `enabled`.
"""

from .policy import (
    InvalidClientDefinition,
    check_definition,
    check_secret_strength,
    has_secret,
    is_client_id,
    live_secrets,
    may_skip_pkce,
    new_client,
    random_client_id,
    with_metadata,
)
from .records import Client, ClientSecret, ClientSource
from .store import (
    TooManySecrets,
    add_secret,
    bring_over,
    count_dynamic,
    count_former_secrets,
    create,
    delete,
    find,
    find_by_fingerprint,
    find_by_pk,
    list_clients,
    remove_secrets,
    update,
)

__all__ = [
    "Client",
    "ClientSecret",
    "ClientSource",
    "InvalidClientDefinition",
    "TooManySecrets",
    "add_secret",
    "bring_over",
    "check_definition",
    "check_secret_strength",
    "count_dynamic",
    "count_former_secrets",
    "create",
    "delete",
    "find",
    "find_by_fingerprint",
    "find_by_pk",
    "has_secret",
    "is_client_id",
    "list_clients",
    "live_secrets",
    "may_skip_pkce",
    "new_client",
    "random_client_id",
    "remove_secrets",
    "update",
    "with_metadata",
]
