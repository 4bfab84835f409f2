"""The metadata that a client wishes to register, as far as this tenant lets it. RFC 7591 §2 and §2.3."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from server import initial_access_tokens, scopes
from server.initial_access_tokens import Template
from server.kernel.clock import SECOND
from server.protocol.client_metadata import MEMBERS, ClientMetadata, parse_client_metadata
from server.protocol.errors import InvalidRequest, InvalidSoftwareStatement
from server.protocol.json_documents import parse_object
from server.protocol.software_statements import read_software_statement
from server.tenants import PrivateUseSchemes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.kernel.clock import Instant
    from server.protocol.json_documents import JsonValue
    from server.tenants import Tenant

    from .wire import WireRequest

_JSON = "application/json"
# What whoever comes without an initial access token may register: grants that a person has to allow.
ANYBODY = Template()


@dataclass(frozen=True, slots=True)
class Wish:
    """Complete metadata that may be registered, and who vouches for some of it, if anybody does."""

    metadata: ClientMetadata
    software_statement: str | None = field(default=None, repr=False)
    statement_issuer: str | None = None


def read_document(request: WireRequest) -> Mapping[str, JsonValue]:
    """The JSON object in the body; raises InvalidRequest."""
    if (request.headers.get("content-type") or "").partition(";")[0].strip().lower() != _JSON:
        raise InvalidRequest("registration is JSON")
    return parse_object(request.body)


async def read_wish(tenant: Tenant, document: Mapping[str, JsonValue], template: Template, now: Instant) -> Wish:
    """What is registered: without scopes, grant types and redirect URIs that this tenant or the template leave out.

    What a software statement says counts for more than what the client says. Raises InvalidClientMetadata,
    InvalidRedirectUri, InvalidSoftwareStatement, UnapprovedSoftwareStatement.
    """
    statement, claims = _read_statement(tenant, document, now)
    drop_private_use = tenant.settings.private_use_schemes is not PrivateUseSchemes.ALL
    said = {**document, **{name: value for name, value in claims.items() if name in MEMBERS}}
    metadata = parse_client_metadata(said, drop_private_use=drop_private_use)
    known = await scopes.list_scopes(tenant.id)
    # An operator who names a scope in a template knows whom it is for.
    allowed = known if template.scope is not None else {name for name, scope in known.items() if scope.dynamic}
    metadata = replace(metadata, scope=tuple(name for name in metadata.scope if name in allowed))
    return Wish(initial_access_tokens.restrict(template, metadata), statement, str(claims["iss"]) if claims else None)


def _read_statement(
    tenant: Tenant, document: Mapping[str, JsonValue], now: Instant
) -> tuple[str | None, Mapping[str, object]]:
    statement = document.get("software_statement")
    if statement is None:
        return None, {}
    if not isinstance(statement, str):
        raise InvalidSoftwareStatement("software_statement is no text")
    issuers = tenant.settings.software_statement_issuers
    return statement, read_software_statement(statement, issuers, audience=tenant.issuer, now_seconds=now / SECOND)
