"""The metadata document of an authorization server and OpenID provider.

RFC 8414 §2, OpenID Connect Discovery §3, RFC 9207 §3, RP-Initiated Logout §2.1. One document is served under both
names, with the members that OpenID Connect requires always there, since strict clients read either.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .claims import CLAIMS_BY_SCOPE
from .vocabulary import (
    AssertionAlgorithm,
    CodeChallengeMethod,
    GrantType,
    Prompt,
    ResponseMode,
    ResponseType,
    SigningAlgorithm,
    SubjectType,
    TokenEndpointAuthMethod,
)

if TYPE_CHECKING:
    from .json_documents import JsonValue

_CONFIDENTIAL_METHODS = tuple(method for method in TokenEndpointAuthMethod if method != TokenEndpointAuthMethod.NONE)
_ID_TOKEN_CLAIMS = ("sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr")


@dataclass(frozen=True, slots=True)
class MetadataFacts:
    """What differs between tenants. `scopes` are those that anybody may know of, and clients ask for them all."""

    issuer: str
    scopes: tuple[str, ...]
    registration: bool
    client_id_metadata_documents: bool = False
    acr_values: tuple[str, ...] = ()
    ui_locales: tuple[str, ...] = ()
    grant_types: tuple[GrantType, ...] = tuple(GrantType)
    # RS256 first: it is what OpenID Connect requires, and what clients get unless they register otherwise.
    id_token_algorithms: tuple[SigningAlgorithm, ...] = (
        SigningAlgorithm.RS256,
        SigningAlgorithm.ES256,
        SigningAlgorithm.ED25519,
        SigningAlgorithm.EDDSA,
    )


def server_metadata(facts: MetadataFacts) -> dict[str, JsonValue]:
    """The document: exactly what is implemented and enabled, nothing else."""
    document = _endpoints(facts) | _capabilities(facts) | _openid(facts)
    if facts.registration:
        document["registration_endpoint"] = f"{facts.issuer}/register"
    if facts.client_id_metadata_documents:
        document["client_id_metadata_document_supported"] = True
    return document


def _endpoints(facts: MetadataFacts) -> dict[str, JsonValue]:
    issuer = facts.issuer
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "revocation_endpoint": f"{issuer}/revoke",
        "introspection_endpoint": f"{issuer}/introspect",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "end_session_endpoint": f"{issuer}/logout",
        "jwks_uri": f"{issuer}/jwks",
    }


def _capabilities(facts: MetadataFacts) -> dict[str, JsonValue]:
    return {
        "scopes_supported": list(facts.scopes),
        "response_types_supported": list(ResponseType),
        "response_modes_supported": list(ResponseMode),
        "grant_types_supported": list(facts.grant_types),
        "token_endpoint_auth_methods_supported": list(TokenEndpointAuthMethod),
        "token_endpoint_auth_signing_alg_values_supported": list(AssertionAlgorithm),
        "revocation_endpoint_auth_methods_supported": list(TokenEndpointAuthMethod),
        "revocation_endpoint_auth_signing_alg_values_supported": list(AssertionAlgorithm),
        "introspection_endpoint_auth_methods_supported": list(_CONFIDENTIAL_METHODS),
        "introspection_endpoint_auth_signing_alg_values_supported": list(AssertionAlgorithm),
        "code_challenge_methods_supported": list(CodeChallengeMethod),
        "authorization_response_iss_parameter_supported": True,
        "ui_locales_supported": list(facts.ui_locales),
    }


def _openid(facts: MetadataFacts) -> dict[str, JsonValue]:
    by_scope = [name for scope in facts.scopes for name in CLAIMS_BY_SCOPE.get(scope, ())]
    return {
        "subject_types_supported": list(SubjectType),
        "id_token_signing_alg_values_supported": list(facts.id_token_algorithms),
        "acr_values_supported": list(facts.acr_values),
        "claim_types_supported": ["normal"],
        "claims_supported": [*_ID_TOKEN_CLAIMS, *by_scope],
        "claims_parameter_supported": True,
        "prompt_values_supported": list(Prompt),
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "require_request_uri_registration": False,
    }
