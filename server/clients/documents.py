"""Documents in which clients describe themselves, and how long what they said may be relied upon.

OAuth Client ID Metadata Document (draft-ietf-oauth-client-id-metadata-document) §4.3. Pure.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from server.kernel import ids
from server.kernel.clock import DAY, MINUTE, SECOND
from server.protocol.client_documents import parse_client_document
from server.protocol.http_caching import freshness_seconds
from server.tenants import Origin

from .policy import new_client, with_metadata
from .records import Client, ClientSource, ClientState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from server.kernel.clock import Duration, Instant
    from server.protocol.client_metadata import ClientMetadata

LEAST_FRESH: Duration = 5 * MINUTE
MOST_FRESH: Duration = DAY
# How long running grants outlive a document that cannot be fetched any more.
RELIED_ON: Duration = 7 * DAY
MAX_ETAG = 200
_MAX_SHOWN = 300


@dataclass(frozen=True, slots=True)
class ClientDocument:
    """A good document and when it was last known to be current."""

    client_id: str
    body: str = field(repr=False)
    metadata: ClientMetadata
    etag: str | None
    fetched_at: Instant
    fresh_until: Instant

    def is_fresh(self, now: Instant) -> bool:
        """Whether it need not be asked for again."""
        return now < self.fresh_until

    def is_reliable(self, now: Instant) -> bool:
        """Whether what was allowed before may go on by it."""
        return now < self.fresh_until + RELIED_ON


def new_document(client_id: str, body: bytes, headers: Mapping[str, str], now: Instant) -> ClientDocument:
    """A document that was fetched now; header names are lower-case.

    Raises InvalidClientMetadata or InvalidRedirectUri.
    """
    return ClientDocument(
        client_id=client_id,
        body=body.decode(errors="replace"),
        metadata=parse_client_document(body, client_id),
        etag=_etag(headers),
        fetched_at=now,
        fresh_until=_fresh_until(headers, now),
    )


def confirmed(document: ClientDocument, headers: Mapping[str, str], now: Instant) -> ClientDocument:
    """A document of which its host said now that it has not changed."""
    etag = _etag(headers) or document.etag
    return replace(document, etag=etag, fetched_at=now, fresh_until=_fresh_until(headers, now))


def client_of(tenant_id: UUID, document: ClientDocument, *, pk: UUID | None = None) -> Client:
    """The client that a document describes, not yet stored; under its future key where that is known."""
    client = new_client(
        tenant_id,
        document.client_id,
        document.metadata,
        source=ClientSource.METADATA_DOCUMENT,
        origin=Origin.REGISTRATION,
        scope=document.metadata.scope,
        now=document.fetched_at,
    )
    return replace(client, id=pk or ids.uuid7())


def as_described(client: Client, document: ClientDocument) -> Client:
    """A stored client as its document describes it now."""
    if client.metadata == document.metadata:
        return client
    # An administrator promoted what they saw, and nothing else.
    state = ClientState.ACTIVE if client.state is ClientState.PROMOTED else client.state
    return replace(with_metadata(client, document.metadata, document.metadata.scope), state=state)


def changes_of(before: ClientMetadata, after: ClientMetadata) -> tuple[str, ...]:
    """What differs, one line for each member: its name, what it was, what it is."""
    old, new = before.to_json(), after.to_json()
    names = [name for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name)]
    return tuple(f"{name}: {_shown(old.get(name))} -> {_shown(new.get(name))}" for name in names)


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"


def _etag(headers: Mapping[str, str]) -> str | None:
    etag = headers.get("etag", "")
    return etag if 0 < len(etag) <= MAX_ETAG and etag.isascii() and etag.isprintable() else None


def _fresh_until(headers: Mapping[str, str], now: Instant) -> Instant:
    said = freshness_seconds(headers) * SECOND
    return now + min(max(said, LEAST_FRESH), MOST_FRESH)
