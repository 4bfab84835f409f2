"""What a client is told of its registration. RFC 7591 §3.2.1, RFC 7592 §3."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.kernel.clock import to_seconds

if TYPE_CHECKING:
    from server.clients import Client
    from server.protocol.client_metadata import ClientMetadata
    from server.tenants import Tenant


def client_information(
    tenant: Tenant,
    client: Client,
    metadata: ClientMetadata,
    *,
    secret: str | None = None,
    registration_token: str | None = None,
) -> dict[str, object]:
    """Everything that is registered, `token_endpoint_auth_method` always among it.

    A secret is told when it is issued and never again, for only its digest is kept; the registration access token is
    told to whoever presents it.
    """
    document: dict[str, object] = {
        "client_id": client.client_id,
        "client_id_issued_at": to_seconds(client.created_at),
        **metadata.to_json(),
    }
    if client.registration.software_statement is not None:
        document["software_statement"] = client.registration.software_statement
    if secret is not None:
        document |= {"client_secret": secret, "client_secret_expires_at": 0}
    if registration_token is not None:
        document["registration_access_token"] = registration_token
        document["registration_client_uri"] = f"{tenant.issuer}/register/{client.client_id}"
    return document
