"""The metadata document."""

from __future__ import annotations

import pytest

from server.protocol.metadata import MetadataFacts, server_metadata

ISSUER = "https://id.test/t/acme"
FACTS = MetadataFacts(issuer=ISSUER, scopes=("openid", "email", "offline_access", "notes:read"), registration=True)
ALL = ("none", "client_secret_basic", "client_secret_post", "private_key_jwt")
ALGORITHMS = ("ES256", "RS256", "PS256", "Ed25519", "EdDSA")


@pytest.mark.checklist("1a.2")
@pytest.mark.rfc("8414", "2")
def test_the_document_says_what_is_implemented_and_nothing_else() -> None:
    assert server_metadata(FACTS) == {
        "issuer": ISSUER,
        "authorization_endpoint": f"{ISSUER}/authorize",
        "token_endpoint": f"{ISSUER}/token",
        "registration_endpoint": f"{ISSUER}/register",
        "revocation_endpoint": f"{ISSUER}/revoke",
        "introspection_endpoint": f"{ISSUER}/introspect",
        "userinfo_endpoint": f"{ISSUER}/userinfo",
        "end_session_endpoint": f"{ISSUER}/logout",
        "jwks_uri": f"{ISSUER}/jwks",
        "scopes_supported": ["openid", "email", "offline_access", "notes:read"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "token_endpoint_auth_methods_supported": [*ALL],
        "token_endpoint_auth_signing_alg_values_supported": [*ALGORITHMS],
        "revocation_endpoint_auth_methods_supported": [*ALL],
        "revocation_endpoint_auth_signing_alg_values_supported": [*ALGORITHMS],
        "introspection_endpoint_auth_methods_supported": [*ALL[1:]],
        "introspection_endpoint_auth_signing_alg_values_supported": [*ALGORITHMS],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "ui_locales_supported": [],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256", "Ed25519", "EdDSA"],
        "acr_values_supported": [],
        "claim_types_supported": ["normal"],
        "claims_supported": [
            *("sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr"),
            *("email", "email_verified"),
        ],
        "claims_parameter_supported": True,
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "require_request_uri_registration": False,
    }


@pytest.mark.checklist("1a.4")
@pytest.mark.checklist("1b.14")
def test_pkce_and_the_issuer_parameter_are_announced() -> None:
    document = server_metadata(FACTS)
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert document["authorization_response_iss_parameter_supported"] is True


@pytest.mark.rfc("OIDC Discovery", "3")
@pytest.mark.parametrize(
    "member",
    ["jwks_uri", "subject_types_supported", "id_token_signing_alg_values_supported", "response_types_supported"],
)
def test_what_strict_openid_clients_need_is_always_there(member: str) -> None:
    assert server_metadata(MetadataFacts(issuer=ISSUER, scopes=(), registration=False))[member]


@pytest.mark.checklist("1e.33")
def test_registration_is_announced_only_where_it_is_open() -> None:
    closed = MetadataFacts(issuer=ISSUER, scopes=(), registration=False)
    assert "registration_endpoint" not in server_metadata(closed)


@pytest.mark.checklist("1d.21")
def test_metadata_documents_are_announced_only_where_they_are_read() -> None:
    open_to_documents = MetadataFacts(issuer=ISSUER, scopes=(), registration=False, client_id_metadata_documents=True)
    assert server_metadata(open_to_documents)["client_id_metadata_document_supported"] is True
    assert "client_id_metadata_document_supported" not in server_metadata(FACTS)


def test_facts_of_the_installation_are_passed_on() -> None:
    facts = MetadataFacts(
        issuer=ISSUER, scopes=("openid",), registration=False, acr_values=("urn:pwd",), ui_locales=("en", "de")
    )
    document = server_metadata(facts)
    assert document["acr_values_supported"] == ["urn:pwd"]
    assert document["ui_locales_supported"] == ["en", "de"]
