"""The domains that a tenant knows, which others could be taken for: of its resources and its own clients.

Not of clients that registered themselves, nor of people's addresses: what anybody can add proves nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.kernel import database
from server.kernel.cache import TenantCache
from server.kernel.json import load_json
from server.protocol.redirect_uris import host_of
from server.trust import registrable_domain

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

_CLIENTS = "SELECT metadata FROM client WHERE tenant_id = $1 AND source = 'admin'"
_RESOURCES = "SELECT identifier FROM resource WHERE tenant_id = $1"
_ALL = "all"

# By the topics of the slices whose rows they are, so that a change is seen at once.
_of_clients: TenantCache[str, frozenset[str]] = TenantCache("clients", size=10_000)
_of_resources: TenantCache[str, frozenset[str]] = TenantCache("resources", size=10_000)


async def known_domains(tenant_id: UUID) -> frozenset[str]:
    """The registrable domains; cached, two queries where they are not."""
    clients = await _of_clients.get(tenant_id, _ALL, lambda: _load_clients(tenant_id))
    resources = await _of_resources.get(tenant_id, _ALL, lambda: _load_resources(tenant_id))
    return (clients or frozenset()) | (resources or frozenset())


async def _load_clients(tenant_id: UUID) -> frozenset[str]:
    uris: list[str] = []
    for row in await database.rows(_CLIENTS, tenant_id):
        metadata = load_json(str(row["metadata"]))
        if isinstance(metadata, dict):
            listed = metadata.get("redirect_uris")
            uris.extend(map(str, listed if isinstance(listed, list) else ()))
            uris.append(str(metadata.get("client_uri") or ""))
    return _domains(uris)


async def _load_resources(tenant_id: UUID) -> frozenset[str]:
    return _domains(str(row["identifier"]) for row in await database.rows(_RESOURCES, tenant_id))


def _domains(uris: Iterable[str]) -> frozenset[str]:
    hosts = (host_of(uri) for uri in uris)
    return frozenset(registrable_domain(host) for host in hosts if host)
