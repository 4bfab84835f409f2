"""What a client says of itself. RFC 7591 §2, OpenID Connect Dynamic Client Registration §2.

Where a client is silent, the default is what the clients in use expect: those on a person's own machine are public,
and whoever may redeem codes may refresh.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from .client_keys import read_key_source, stored_key_set
from .errors import InvalidClientMetadata, InvalidRedirectUri
from .metadata_members import Members
from .redirect_uris import check_redirect_uri, is_loopback, is_private_use
from .scopes import format_scope, parse_scope
from .stored_documents import StoredDocument
from .vocabulary import (
    ApplicationType,
    AssertionAlgorithm,
    GrantType,
    ResponseType,
    SigningAlgorithm,
    SubjectType,
    TokenEndpointAuthMethod,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .json_documents import JsonValue


@dataclass(frozen=True, slots=True)
class ClientMetadata:
    """The metadata of a client, complete: what the client left out has its default."""

    redirect_uris: tuple[str, ...]
    token_endpoint_auth_method: TokenEndpointAuthMethod
    grant_types: tuple[GrantType, ...]
    response_types: tuple[ResponseType, ...]
    application_type: ApplicationType
    client_name: str | None = None
    client_uri: str | None = None
    logo_uri: str | None = None
    tos_uri: str | None = None
    policy_uri: str | None = None
    contacts: tuple[str, ...] = ()
    scope: tuple[str, ...] = ()
    software_id: str | None = None
    software_version: str | None = None
    post_logout_redirect_uris: tuple[str, ...] = ()
    id_token_signed_response_alg: SigningAlgorithm = SigningAlgorithm.RS256
    subject_type: SubjectType = SubjectType.PUBLIC
    require_auth_time: bool = False
    default_max_age: int | None = None  # seconds
    default_acr_values: tuple[str, ...] = ()
    jwks: str | None = None  # a JWK set, as JSON with sorted names
    jwks_uri: str | None = None
    token_endpoint_auth_signing_alg: AssertionAlgorithm | None = None

    def to_json(self) -> dict[str, JsonValue]:
        """The registered names; members without a value are left out, those that have a default never are."""
        optional: dict[str, JsonValue] = {
            "client_name": self.client_name,
            "client_uri": self.client_uri,
            "logo_uri": self.logo_uri,
            "tos_uri": self.tos_uri,
            "policy_uri": self.policy_uri,
            "contacts": list(self.contacts),
            "scope": format_scope(self.scope),
            "software_id": self.software_id,
            "software_version": self.software_version,
            "post_logout_redirect_uris": list(self.post_logout_redirect_uris),
            "default_max_age": self.default_max_age,
            "default_acr_values": list(self.default_acr_values),
            "jwks": None if self.jwks is None else json.loads(self.jwks),
            "jwks_uri": self.jwks_uri,
            "token_endpoint_auth_signing_alg": self.token_endpoint_auth_signing_alg,
        }
        document: dict[str, JsonValue] = {
            "redirect_uris": list(self.redirect_uris),
            "token_endpoint_auth_method": self.token_endpoint_auth_method,
            "grant_types": list(self.grant_types),
            "response_types": list(self.response_types),
            "application_type": self.application_type,
            "id_token_signed_response_alg": self.id_token_signed_response_alg,
            "subject_type": self.subject_type,
            "require_auth_time": self.require_auth_time,
        }
        return document | {name: value for name, value in optional.items() if value not in (None, "", [])}

    @classmethod
    def from_json(cls, document: JsonValue) -> ClientMetadata:
        """The inverse of `to_json`; raises TypeError or ValueError for any other document."""
        stored = StoredDocument(document)
        algorithm = stored.optional_text("token_endpoint_auth_signing_alg")
        return cls(
            redirect_uris=stored.texts("redirect_uris"),
            token_endpoint_auth_method=TokenEndpointAuthMethod(stored.text("token_endpoint_auth_method")),
            grant_types=tuple(map(GrantType, stored.texts("grant_types"))),
            response_types=tuple(map(ResponseType, stored.texts("response_types"))),
            application_type=ApplicationType(stored.text("application_type")),
            client_name=stored.optional_text("client_name"),
            client_uri=stored.optional_text("client_uri"),
            logo_uri=stored.optional_text("logo_uri"),
            tos_uri=stored.optional_text("tos_uri"),
            policy_uri=stored.optional_text("policy_uri"),
            contacts=stored.texts("contacts"),
            scope=parse_scope(stored.optional_text("scope")),
            software_id=stored.optional_text("software_id"),
            software_version=stored.optional_text("software_version"),
            post_logout_redirect_uris=stored.texts("post_logout_redirect_uris"),
            id_token_signed_response_alg=SigningAlgorithm(stored.text("id_token_signed_response_alg")),
            subject_type=SubjectType(stored.text("subject_type")),
            require_auth_time=stored.flag("require_auth_time"),
            default_max_age=stored.optional_integer("default_max_age"),
            default_acr_values=stored.texts("default_acr_values"),
            jwks=stored_key_set(stored.value("jwks")),
            jwks_uri=stored.optional_text("jwks_uri"),
            token_endpoint_auth_signing_alg=AssertionAlgorithm(algorithm) if algorithm else None,
        )


# The names that are understood; all others are ignored.
MEMBERS = frozenset(ClientMetadata.__dataclass_fields__)


def parse_client_metadata(document: Mapping[str, object], *, drop_private_use: bool) -> ClientMetadata:
    """Complete metadata from what a client or an administrator wrote.

    `drop_private_use` leaves out redirect URIs with a private-use scheme; none may remain only for a client that needs
    none. Raises InvalidRedirectUri, InvalidClientMetadata.
    """
    members = Members(document)
    grant_types = _read_grant_types(members)
    read_uris = partial(_read_redirect_uris, members, drop_private_use=drop_private_use)
    redirect_uris = _reachable(grant_types, read_uris("redirect_uris"))
    application_type = members.word("application_type", ApplicationType) or _infer_application_type(redirect_uris)
    metadata = ClientMetadata(
        redirect_uris=redirect_uris,
        token_endpoint_auth_method=_read_method(members, grant_types, application_type),
        grant_types=grant_types,
        response_types=_read_response_types(members, grant_types),
        application_type=application_type,
        client_name=members.text("client_name"),
        client_uri=members.link("client_uri"),
        logo_uri=members.link("logo_uri"),
        tos_uri=members.link("tos_uri"),
        policy_uri=members.link("policy_uri"),
        contacts=members.texts("contacts") or (),
        scope=members.scope("scope"),
        software_id=members.text("software_id"),
        software_version=members.text("software_version"),
        post_logout_redirect_uris=read_uris("post_logout_redirect_uris"),
        id_token_signed_response_alg=_read_algorithm(members),
        subject_type=members.word("subject_type", SubjectType) or SubjectType.PUBLIC,
        require_auth_time=members.flag("require_auth_time"),
        default_max_age=members.seconds("default_max_age"),
        default_acr_values=members.texts("default_acr_values") or (),
    )
    return _with_keys(metadata, members)


def _with_keys(metadata: ClientMetadata, members: Members) -> ClientMetadata:
    keys = read_key_source(members)
    if metadata.token_endpoint_auth_method is TokenEndpointAuthMethod.PRIVATE_KEY_JWT and not keys:
        raise InvalidClientMetadata("private_key_jwt without jwks or jwks_uri")
    algorithm = members.word("token_endpoint_auth_signing_alg", AssertionAlgorithm)
    return replace(metadata, jwks=keys.jwks, jwks_uri=keys.jwks_uri, token_endpoint_auth_signing_alg=algorithm)


def _reachable(grant_types: tuple[GrantType, ...], redirect_uris: tuple[str, ...]) -> tuple[str, ...]:
    if GrantType.AUTHORIZATION_CODE in grant_types and not redirect_uris:
        raise InvalidRedirectUri("no redirect URI, or none that is allowed here")
    return redirect_uris


def _read_algorithm(members: Members) -> SigningAlgorithm:
    return members.word("id_token_signed_response_alg", SigningAlgorithm) or SigningAlgorithm.RS256


def _read_grant_types(members: Members) -> tuple[GrantType, ...]:
    grant_types = members.words("grant_types", GrantType)
    if grant_types is None:
        return (GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN)
    if not {GrantType.AUTHORIZATION_CODE, GrantType.CLIENT_CREDENTIALS} & set(grant_types):
        raise InvalidClientMetadata("grant_types has none that starts a grant here")
    return grant_types


def _read_response_types(members: Members, grant_types: tuple[GrantType, ...]) -> tuple[ResponseType, ...]:
    if GrantType.AUTHORIZATION_CODE not in grant_types:
        return ()
    if members.words("response_types", ResponseType) == ():
        raise InvalidClientMetadata("response_types lacks code, which the authorization_code grant needs")
    return (ResponseType.CODE,)


def _read_method(
    members: Members, grant_types: tuple[GrantType, ...], application_type: ApplicationType
) -> TokenEndpointAuthMethod:
    needs_secret = GrantType.CLIENT_CREDENTIALS in grant_types
    method = members.word("token_endpoint_auth_method", TokenEndpointAuthMethod)
    if method is None:
        public = application_type is ApplicationType.NATIVE and not needs_secret
        return TokenEndpointAuthMethod.NONE if public else TokenEndpointAuthMethod.CLIENT_SECRET_BASIC
    if needs_secret and method is TokenEndpointAuthMethod.NONE:
        raise InvalidClientMetadata("client_credentials without client authentication")
    return method


def _infer_application_type(redirect_uris: tuple[str, ...]) -> ApplicationType:
    native = redirect_uris and all(is_loopback(uri) or is_private_use(uri) for uri in redirect_uris)
    return ApplicationType.NATIVE if native else ApplicationType.WEB


def _read_redirect_uris(members: Members, name: str, *, drop_private_use: bool) -> tuple[str, ...]:
    try:
        uris = members.texts(name) or ()
    except InvalidClientMetadata as error:
        raise InvalidRedirectUri(error.why) from error
    for uri in uris:
        check_redirect_uri(uri)
    return tuple(uri for uri in uris if not (drop_private_use and is_private_use(uri)))
