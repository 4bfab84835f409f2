"""Clients: whoever asks for tokens, with metadata (RFC 7591 §2) and at most two live secrets.

`find` and `find_by_pk` answer from a cache and give disabled clients too: callers look at `enabled`.
"""

from .document_fetching import DocumentUnavailable, get_document
from .document_store import find_document, list_described, sweep_documents
from .documents import ClientDocument, as_described, changes_of, client_of
from .keys import find_keys, renew_keys
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
from .logos import Logo, fetch_logo, find_logo, logo_name
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
    "ClientDocument",
    "ClientSecret",
    "ClientSource",
    "ClientState",
    "DocumentUnavailable",
    "DynamicRegistration",
    "IdleClient",
    "InvalidClientDefinition",
    "Logo",
    "TooManySecrets",
    "add_secret",
    "adopt",
    "as_described",
    "bring_over",
    "changes_of",
    "check_definition",
    "check_secret_strength",
    "client_of",
    "count_dynamic",
    "count_former_secrets",
    "create",
    "delete",
    "delete_idle",
    "fetch_logo",
    "find",
    "find_by_fingerprint",
    "find_by_pk",
    "find_document",
    "find_idle",
    "find_keys",
    "find_logo",
    "get_document",
    "has_registration_token",
    "has_secret",
    "is_client_id",
    "keep",
    "list_clients",
    "list_described",
    "live_secrets",
    "logo_name",
    "may_skip_pkce",
    "new_client",
    "new_registration_token",
    "note_use",
    "put_off",
    "random_client_id",
    "remove_secret",
    "remove_secrets",
    "renew_keys",
    "set_state",
    "sweep_documents",
    "update",
    "with_metadata",
    "write_uses",
]
