"""Clients that are named by the address of a document about themselves.

OAuth Client ID Metadata Document (draft-ietf-oauth-client-id-metadata-document) §3 to §5. Whoever controls the
address controls the client; what the document says of itself is believed no further.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .client_metadata import parse_client_metadata
from .errors import InvalidClient, InvalidClientMetadata, InvalidRequest
from .json_documents import parse_object
from .uris import find_location, parse_uri
from .vocabulary import GrantType, TokenEndpointAuthMethod

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .client_metadata import ClientMetadata
    from .json_documents import JsonValue

SCHEME = "https://"
MAX_URL = 500
MAX_DOCUMENT = 5 * 1024  # bytes
_DOTS = frozenset({".", "..", "%2e", ".%2e", "%2e.", "%2e%2e"})
_JSON = "application/json"
_JSON_SUFFIX = "+json"
_METHODS = frozenset({TokenEndpointAuthMethod.NONE, TokenEndpointAuthMethod.PRIVATE_KEY_JWT})


def is_client_document_url(client_id: str) -> bool:
    """Whether a client_id asks to be taken for an address; identifiers that we make never do."""
    return client_id.startswith(SCHEME)


def check_client_document_url(client_id: str) -> None:
    """Raise InvalidClient unless the address may name a client: https, a path, and nothing that hides in a URL. §3."""
    uri = parse_uri(client_id) if len(client_id) <= MAX_URL else None
    if uri is None or not is_client_document_url(client_id):
        raise InvalidClient("client_id is no https URL of plain characters, or too long")
    if find_location(uri) is None:
        raise InvalidClient("client_id URL has user information, or a doubtful host or port")
    if uri.fragment is not None:
        raise InvalidClient("client_id URL has a fragment")
    if uri.path in {"", "/"}:
        raise InvalidClient("client_id URL has no path")
    if any(segment.lower() in _DOTS for segment in uri.path.split("/")):
        raise InvalidClient("client_id URL has a dot segment")


def host_of_client(client_id: str) -> str | None:
    """The host that answers for a client which is named by an address; None for all other clients."""
    uri = parse_uri(client_id) if is_client_document_url(client_id) else None
    location = find_location(uri) if uri else None
    return location.host if location else None


def is_json(media_type: str) -> bool:
    """Whether a media type, lower-case and without parameters, is the one of a document. §4.1."""
    return media_type == _JSON or (media_type.startswith("application/") and media_type.endswith(_JSON_SUFFIX))


def parse_client_document(body: bytes, client_id: str) -> ClientMetadata:
    """The metadata in a document fetched from `client_id`; members that are not understood are ignored.

    Raises InvalidClientMetadata or InvalidRedirectUri.
    """
    document = _read(body)
    if document.get("client_id") != client_id:
        raise InvalidClientMetadata("client_id in the document is not its address")
    if any(name.startswith("client_secret") and value is not None for name, value in document.items()):
        raise InvalidClientMetadata("a secret that everybody can read")
    if not document.get("redirect_uris"):
        raise InvalidClientMetadata("redirect_uris is missing")
    read = document | {"token_endpoint_auth_method": _method(document), "grant_types": _grant_types(document)}
    metadata = parse_client_metadata(read, drop_private_use=False)
    if metadata.client_name is None:
        raise InvalidClientMetadata("client_name is missing")
    return metadata


def _read(body: bytes) -> dict[str, JsonValue]:
    try:
        return parse_object(body.removeprefix(b"\xef\xbb\xbf"))
    except InvalidRequest as error:
        raise InvalidClientMetadata(error.why) from error


def _method(document: Mapping[str, JsonValue]) -> str:
    """What the document names, else the first of its choices that is possible here; with keys they are used. §5.

    `token_endpoint_auth_methods_supported` is from OpenID Connect Relying Party Metadata Choices.
    """
    named, choices = document.get("token_endpoint_auth_method"), document.get("token_endpoint_auth_methods_supported")
    has_keys = document.get("jwks") is not None or document.get("jwks_uri") is not None
    if named is not None:
        if named not in _METHODS:
            raise InvalidClientMetadata("token_endpoint_auth_method needs a secret that everybody could read")
        return str(named)
    listed = frozenset(choice for choice in choices if isinstance(choice, str)) if isinstance(choices, list) else None
    if has_keys and (listed is None or TokenEndpointAuthMethod.PRIVATE_KEY_JWT in listed):
        return TokenEndpointAuthMethod.PRIVATE_KEY_JWT
    if listed is not None and TokenEndpointAuthMethod.NONE not in listed:
        raise InvalidClientMetadata("token_endpoint_auth_methods_supported has none that is possible here")
    return TokenEndpointAuthMethod.NONE


def _grant_types(document: Mapping[str, JsonValue]) -> JsonValue:
    """Only grants that a person has to allow, as for every client that nobody registered."""
    named = document.get("grant_types")
    if not isinstance(named, list):
        return named
    if named and GrantType.AUTHORIZATION_CODE not in named:
        raise InvalidClientMetadata("grant_types lacks authorization_code")
    return [name for name in named if name != GrantType.CLIENT_CREDENTIALS]
