"""Fetching what clients publish about themselves: once for all who wait, and only what is not current.

OAuth Client ID Metadata Document (draft-ietf-oauth-client-id-metadata-document) §4: only 200 counts, redirects are
not followed, errors and invalid documents are never kept.
"""

from __future__ import annotations

import asyncio
from contextvars import Context
from typing import TYPE_CHECKING

from server.kernel.outbound import OK, Errand, FetchFailed, Trouble, outbound
from server.protocol.client_documents import MAX_DOCUMENT, is_json
from server.protocol.errors import InvalidClient, OAuthError, TemporarilyUnavailable

from . import document_store, documents

if TYPE_CHECKING:
    from uuid import UUID

    from server.kernel.clock import Instant

    from .documents import ClientDocument

NOT_MODIFIED = 304
_PASSING = frozenset({Trouble.TOO_OFTEN, Trouble.TIMED_OUT})

_flights: dict[str, asyncio.Task[ClientDocument]] = {}


class DocumentUnavailable(Exception):
    """There is no current document to go by. `reason` is a stable name; `refusal` is what a person may be told."""

    def __init__(self, reason: str, refusal: OAuthError) -> None:
        super().__init__(reason)
        self.reason = reason
        self.refusal = refusal


async def get_document(tenant_id: UUID, client_id: str, now: Instant) -> ClientDocument:
    """The document at an address that was checked, fetched when there is no fresh copy; raises DocumentUnavailable."""
    known = await document_store.find_document(client_id)
    if known is not None and known.is_fresh(now):
        return known
    flight = _flights.get(client_id)
    if flight is None:
        # A task of its own, in nobody's transaction: that the one who asked first goes away must not fail the others.
        flight = asyncio.create_task(_renew(tenant_id, client_id, known, now), context=Context())
        _flights[client_id] = flight
        flight.add_done_callback(lambda done: _land(client_id, done))
    return await asyncio.shield(flight)


def _land(client_id: str, flight: asyncio.Task[ClientDocument]) -> None:
    _flights.pop(client_id, None)
    if not flight.cancelled():
        flight.exception()  # seen, even when nobody waits any more


async def _renew(tenant_id: UUID, client_id: str, known: ClientDocument | None, now: Instant) -> ClientDocument:
    try:
        document = await _fetch(tenant_id, client_id, known, now)
    except FetchFailed as failure:
        refusal = TemporarilyUnavailable if failure.trouble in _PASSING else InvalidClient
        raise DocumentUnavailable(failure.trouble.value, refusal(f"client document: {failure}")) from failure
    except OAuthError as error:
        raise DocumentUnavailable("invalid", InvalidClient(f"client document: {error.why}")) from error
    await document_store.keep_document(document)
    return document


async def _fetch(tenant_id: UUID, client_id: str, known: ClientDocument | None, now: Instant) -> ClientDocument:
    headers, statuses = {"accept": "application/json"}, {OK}
    if known is not None and known.etag is not None:
        headers["if-none-match"] = known.etag
        statuses.add(NOT_MODIFIED)
    errand = Errand(client_id, tenant_id, MAX_DOCUMENT, headers=headers, statuses=frozenset(statuses))
    fetched = await outbound().run(errand)
    if known is not None and fetched.status == NOT_MODIFIED:
        return documents.confirmed(known, fetched.headers, now)
    if not is_json(fetched.media_type):
        raise FetchFailed(Trouble.PROTOCOL, "not JSON by its media type")
    return documents.new_document(client_id, fetched.body, fetched.headers, now)
