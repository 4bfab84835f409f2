"""Clients: whoever asks for tokens, with metadata (RFC 7591 §2) and at most two live secrets.

`find` and `find_by_pk` answer from a cache and give disabled clients too: callers look at `enabled`.
"""

from .life_store import (
    adopt,
    count_dynamic,
    delete_idle,
    find_by_fingerprint,
    find_idle,
    keep,
    put_off,
    set_state,
)
from .policy import (
    InvalidClientDefinition,
    check_definition,
    check_secret_strength,
    has_registration_token,
    has_secret,
    is_client_id,
    live_secrets,
    may_skip_pkce,
    new_client,
    new_registration_token,
    random_client_id,
    with_metadata,
)
from .records import Client, ClientSecret, ClientSource, ClientState, DynamicRegistration, IdleClient
from .secret_store import bring_over, count_former_secrets, remove_secret
from .store import (
    TooManySecrets,
    add_secret,
    create,
    delete,
    find,
    find_by_pk,
    list_clients,
    remove_secrets,
    update,
)
from .uses import note_use, write_uses

__all__ = [
    "Client",
    "ClientSecret",
    "ClientSource",
    "ClientState",
    "DynamicRegistration",
    "IdleClient",
    "InvalidClientDefinition",
    "TooManySecrets",
    "add_secret",
    "adopt",
    "bring_over",
    "check_definition",
    "check_secret_strength",
    "count_dynamic",
    "count_former_secrets",
    "create",
    "delete",
    "delete_idle",
    "find",
    "find_by_fingerprint",
    "find_by_pk",
    "find_idle",
    "has_registration_token",
    "has_secret",
    "is_client_id",
    "keep",
    "list_clients",
    "live_secrets",
    "may_skip_pkce",
    "new_client",
    "new_registration_token",
    "note_use",
    "put_off",
    "random_client_id",
    "remove_secret",
    "remove_secrets",
    "set_state",
    "update",
    "with_metadata",
    "write_uses",
]
