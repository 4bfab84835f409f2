"""The keys that a client signs with, from its metadata or from where it publishes them. RFC 7591 §2.

What is published is fetched when a key is needed that nobody knows, once a minute, and renewed in the background when
it is a day old, so that a key which was withdrawn does not count for ever.
"""

from __future__ import annotations

import asyncio
from contextvars import Context
from functools import lru_cache
from typing import TYPE_CHECKING

from server.kernel import digests, logs, tasks
from server.kernel.clock import DAY, MINUTE
from server.kernel.json import dump_json
from server.kernel.outbound import Errand, FetchFailed, outbound
from server.kernel.shared_state import shared_state
from server.protocol.client_keys import MAX_KEY_SET, ClientKey, client_keys
from server.protocol.errors import InvalidRequest
from server.protocol.json_documents import parse_object

from . import document_store

if TYPE_CHECKING:
    from uuid import UUID

    from server.kernel.clock import Instant
    from server.protocol.client_metadata import ClientMetadata

log = logs.get_logger(__name__)

RENEWED_AFTER = DAY

_flights: dict[str, asyncio.Task[None]] = {}


async def find_keys(tenant_id: UUID, metadata: ClientMetadata, now: Instant) -> tuple[ClientKey, ...]:
    """The keys that are known; none of a client that has none, or whose keys were never fetched."""
    if metadata.jwks is not None:
        return _keys_in(metadata.jwks)
    kept = None if metadata.jwks_uri is None else await document_store.find_key_set(metadata.jwks_uri)
    if kept is None or metadata.jwks_uri is None:
        return ()
    text, fetched_at = kept
    if now - fetched_at > RENEWED_AFTER:
        tasks.spawn(renew_keys(tenant_id, metadata, now), "renew client keys")
    return _keys_in(text)


async def renew_keys(tenant_id: UUID, metadata: ClientMetadata, now: Instant) -> None:
    """Fetch what a client publishes, unless that was done within a minute; what is under way is waited for."""
    uri = metadata.jwks_uri
    if uri is None:
        return
    flight = _flights.get(uri)
    if flight is None:
        flight = asyncio.create_task(_renew(tenant_id, uri, now), context=Context())
        _flights[uri] = flight
        flight.add_done_callback(lambda _: _flights.pop(uri, None))
    await asyncio.shield(flight)


async def _renew(tenant_id: UUID, uri: str, now: Instant) -> None:
    if not await shared_state().claim(f"client-keys:{digests.sha256(uri).hex()}", MINUTE):
        return
    try:
        fetched = await outbound().run(Errand(uri, tenant_id, MAX_KEY_SET, headers={"accept": "application/json"}))
        key_set = parse_object(fetched.body)
    except (FetchFailed, InvalidRequest) as failure:
        log.info("client keys refused", why=str(failure))
        return
    await document_store.keep_key_set(uri, dump_json(key_set), now)


@lru_cache(maxsize=1000)
def _keys_in(text: str) -> tuple[ClientKey, ...]:
    return client_keys(parse_object(text.encode()))
