"""Clients that describe themselves in a document: found at /authorize, fetched after login, stored at consent.

OAuth Client ID Metadata Document (draft-ietf-oauth-client-id-metadata-document) §4 and §6. Until a person is signed
in nothing is fetched for anybody, and until the document is there every error is a page.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING

from server import audit, clients
from server.clients import ClientSource, ClientState, DocumentUnavailable
from server.kernel import database, ids, logs, tasks
from server.kernel.clock import HOUR
from server.kernel.database import AlreadyExists
from server.protocol import redirect_uris
from server.protocol.client_documents import check_client_document_url, is_client_document_url
from server.protocol.errors import InvalidClient, InvalidRedirectUri

from . import policy

if TYPE_CHECKING:
    from uuid import UUID

    from server.clients import Client, ClientDocument
    from server.kernel.clock import Instant
    from server.tenants import Tenant

    from .records import Interaction, Visit

log = logs.get_logger(__name__)


class Undescribed(Enum):
    """A client whose document has to be fetched, for which somebody has to be signed in."""

    UNDESCRIBED = "undescribed"


# Of clients that people rely on; a fresh copy is not asked for again.
REFRESHED_AFTER = 12 * HOUR
UNDESCRIBED = Undescribed.UNDESCRIBED


async def find_client(tenant: Tenant, client_id: str, now: Instant) -> Client | Undescribed | None:
    """The client as it describes itself now, disabled or not; UNDESCRIBED when nobody knows that yet.

    Raises InvalidClient for an address that can name no client.
    """
    client = await clients.find(tenant.id, client_id)
    if client is not None and (client.source is not ClientSource.METADATA_DOCUMENT or not client.enabled):
        return client
    if not tenant.settings.client_id_metadata_documents or not is_client_document_url(client_id):
        return None
    if client is None:
        # Even where another tenant knows it: who is not signed in shall not learn that.
        check_client_document_url(client_id)
        return UNDESCRIBED
    document = await clients.find_document(client_id)
    return clients.as_described(client, document) if document and document.is_fresh(now) else UNDESCRIBED


async def find_known(tenant: Tenant, interaction: Interaction) -> Client | None:
    """The client of an interaction under way, by the last good copy of its document where it has one."""
    client_id = interaction.request.client_id
    client = await clients.find(tenant.id, client_id)
    if client is not None and client.source is not ClientSource.METADATA_DOCUMENT:
        return client if client.id == interaction.client_pk else None
    if interaction.client_pk is None or not tenant.settings.client_id_metadata_documents:
        return None
    document = await clients.find_document(client_id) if is_client_document_url(client_id) else None
    if document is None:
        return None
    if client is None:
        return clients.client_of(tenant.id, document, pk=interaction.client_pk)
    return clients.as_described(client, document)


async def get_described(visit: Visit, interaction: Interaction) -> Client:
    """The client behind an address, its document fetched where need be, good for this redirect URI.

    Somebody is signed in. Raises what a person reads on a page: InvalidClient, InvalidRedirectUri,
    TemporarilyUnavailable.
    """
    tenant, client_id, target = visit.tenant, interaction.request.client_id, interaction.request.redirect_uri
    client = await clients.find(tenant.id, client_id)
    if not tenant.settings.client_id_metadata_documents or (client is not None and not client.enabled):
        raise InvalidClient("client documents are off, or the client is disabled")
    document = await _get_document(visit, client_id)
    described = clients.client_of(tenant.id, document, pk=ids.uuid7())
    if client is not None:
        described = clients.as_described(client, document)
    if not any(redirect_uris.matches(uri, target) for uri in described.metadata.redirect_uris):
        raise InvalidRedirectUri("redirect_uri is not in the client's document")
    if not policy.allows_scheme(tenant.settings, described, target):
        raise InvalidRedirectUri("private-use schemes are off for this kind of client")
    return described


async def keep(visit: Visit, client: Client) -> Client:
    """Store a client that is allowed something, as its document describes it; the client as it is stored.

    For every other kind of client there is nothing to do.
    """
    if client.source is not ClientSource.METADATA_DOCUMENT:
        return client
    tenant_id = visit.tenant.id
    stored = await clients.find(tenant_id, client.client_id)
    if stored is None:
        stored = await _create(visit, client)
    await note_changes(tenant_id, stored, client, visit.now)
    if client.metadata.jwks_uri is not None and not await clients.find_keys(tenant_id, client.metadata, visit.now):
        # So that they are there when the client comes with its code, at whichever process.
        tasks.spawn(clients.renew_keys(tenant_id, client.metadata, visit.now), "fetch client keys")
    return replace(client, id=stored.id, created_at=stored.created_at)


async def note_changes(tenant_id: UUID, stored: Client, described: Client, now: Instant) -> None:
    """Store how a client describes itself now, and what is different; nothing when nothing is."""
    changes = clients.changes_of(stored.metadata, described.metadata)
    if not changes:
        return
    async with database.transaction():
        # All else is as it is stored, whatever was read before: an administrator may have just disabled it.
        after = clients.with_metadata(stored, described.metadata, described.scope)
        await clients.update(tenant_id, stored, after, now)
        if stored.state is ClientState.PROMOTED:
            await clients.set_state(tenant_id, after, ClientState.ACTIVE, kept_until=None, now=now)
        event = audit.ClientMetadataChanged(stored.id, stored.client_id, changes)
        await audit.record(event, tenant_id=tenant_id, now=now, actor=audit.Actor.client(stored.id))


async def refresh(tenant_id: UUID, client_id: str, now: Instant) -> None:
    """Ask for the document of a stored client before those who rely on the last copy no longer can.

    What its host says is noted; that it says nothing is written down, and no error.
    """
    document = await clients.find_document(client_id)
    if document is None or now - document.fetched_at > REFRESHED_AFTER:
        try:
            document = await clients.get_document(tenant_id, client_id, now)
        except DocumentUnavailable as failure:
            await _note_failure(tenant_id, client_id, failure, now)
            return
    client = await clients.find(tenant_id, client_id)
    if client is not None:
        await note_changes(tenant_id, client, clients.as_described(client, document), now)


async def _get_document(visit: Visit, client_id: str) -> ClientDocument:
    try:
        return await clients.get_document(visit.tenant.id, client_id, visit.now)
    except DocumentUnavailable as failure:
        await _note_failure(visit.tenant.id, client_id, failure, visit.now)
        raise failure.refusal from failure


async def _note_failure(tenant_id: UUID, client_id: str, failure: DocumentUnavailable, now: Instant) -> None:
    log.info("client document refused", client_id=client_id, reason=failure.reason)
    await audit.record(audit.ClientDocumentRefused(client_id, failure.reason), tenant_id=tenant_id, now=now)


async def _create(visit: Visit, client: Client) -> Client:
    event = audit.ClientDescribed(
        client_pk=client.id,
        client_id=client.client_id,
        client_name=client.metadata.client_name,
        redirect_origins=tuple(dict.fromkeys(map(redirect_uris.origin_of, client.metadata.redirect_uris))),
    )
    try:
        async with database.transaction():
            await clients.create(visit.tenant.id, replace(client, created_at=visit.now), now=visit.now)
            await audit.record(event, tenant_id=visit.tenant.id, now=visit.now)
    except AlreadyExists:
        # Somebody else allowed the same client something in the same moment.
        found = await clients.find(visit.tenant.id, client.client_id)
        if found is None:
            raise
        return found
    return client
