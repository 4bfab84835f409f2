"""Documents in which clients describe themselves: as they are published, and as nobody should believe them."""

from __future__ import annotations

import json

import pytest

from server.protocol.client_documents import (
    MAX_URL,
    check_client_document_url,
    host_of_client,
    is_client_document_url,
    is_json,
    parse_client_document,
)
from server.protocol.client_metadata import ClientMetadata
from server.protocol.errors import InvalidClient, InvalidClientMetadata, InvalidRedirectUri, OAuthError
from server.protocol.vocabulary import GrantType, TokenEndpointAuthMethod
from tests.unit.protocol.refusals import refused

URL = "https://app.test/oauth/client.json"
GOOD: dict[str, object] = {
    "client_id": URL,
    "client_name": "App",
    "redirect_uris": ["http://127.0.0.1/callback"],
}
KEY = {"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
       "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}  # fmt: skip


def parse(document: object = None, /, **changes: object) -> ClientMetadata:
    whole = GOOD | changes if document is None else document
    content = {name: value for name, value in whole.items() if value is not ...} if isinstance(whole, dict) else whole
    return parse_client_document(json.dumps(content).encode(), URL)


@pytest.mark.checklist("1d.27")
@pytest.mark.parametrize(
    "url",
    [URL, "https://app.test/c", "https://app.test:8443/c", "https://app.test/c?v=1", "https://app.test/a/b/",
     "https://app.test//c", "https://app.test/..c/.d", "https://8.8.8.8/c", "https://[2606:4700::1111]/c"],
)  # fmt: skip
def test_addresses_that_may_name_a_client(url: str) -> None:
    assert is_client_document_url(url)
    check_client_document_url(url)


PLAIN = "client_id is no https URL of plain characters, or too long"
HOST = "client_id URL has user information, or a doubtful host or port"
DOTS = "client_id URL has a dot segment"


@pytest.mark.checklist("1d.27")
@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://app.test/c", PLAIN),
        ("HTTPS://app.test/c", PLAIN),
        ("https://app.test/ä", PLAIN),
        ("https://app.test/ c", PLAIN),
        ("https://app.test/c\n", PLAIN),
        ("https://app.test/%zz", PLAIN),
        ("https://app.test/" + "c" * MAX_URL, PLAIN),
        ("https://app.test", "client_id URL has no path"),
        ("https://app.test/", "client_id URL has no path"),
        ("https://app.test?c", "client_id URL has no path"),
        ("https://app.test/c#", "client_id URL has a fragment"),
        ("https://app.test/c#me", "client_id URL has a fragment"),
        ("https://app.test/./c", DOTS),
        ("https://app.test/a/../c", DOTS),
        ("https://app.test/a/..", DOTS),
        ("https://app.test/a/%2e%2E/c", DOTS),
        ("https://app.test/a/.%2e/c", DOTS),
        ("https://me@app.test/c", HOST),
        ("https://me:pass@app.test/c", HOST),
        ("https:///c", HOST),
        ("https://127.1/c", HOST),
        ("https://0x7f.0.0.1/c", HOST),
        ("https://2130706433/c", HOST),
        ("https://app.test:0/c", HOST),
        ("https://app.test:70000/c", HOST),
        ("https://app.test./c", HOST),
        ("https://[::1/c", HOST),
    ],
)
def test_addresses_that_may_not(url: str, why: str) -> None:
    with refused(InvalidClient, why):
        check_client_document_url(url)


def test_whose_address_it_is() -> None:
    assert host_of_client("https://App.test:8443/c") == "app.test"
    assert host_of_client("notes-cli") is None
    assert host_of_client("https://") is None


@pytest.mark.parametrize(
    ("media_type", "good"),
    [
        ("application/json", True),
        ("application/oauth-client+json", True),
        ("text/json", False),
        ("text/plain", False),
        ("text/html", False),
        ("image/svg+json", False),
        ("", False),
    ],
)
def test_media_types(media_type: str, good: bool) -> None:
    assert is_json(media_type) is good


# Shaped like those that these clients published in 2026.
CHATGPT = {
    "application_type": "web",
    "client_id": URL,
    "client_name": "ChatGPT",
    "client_uri": "https://chatgpt.com/",
    "grant_types": ["authorization_code", "refresh_token"],
    "jwks_uri": "https://chatgpt.com/oauth/jwks.json",
    "logo_uri": "https://chatgpt.com/logo.png",
    "redirect_uris": ["https://chatgpt.com/connector/oauth/abc"],
    "response_types": ["code"],
    "token_endpoint_auth_method": "private_key_jwt",
    "token_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
    "token_endpoint_auth_signing_alg": "RS256",
}
CLAUDE = {
    "client_id": URL,
    "client_name": "Claude Code",
    "client_uri": "https://claude.ai",
    "redirect_uris": ["http://localhost/callback", "http://127.0.0.1/callback"],
    "grant_types": ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:jwt-bearer"],
    "response_types": ["code"],
    "token_endpoint_auth_method": "none",
}
VS_CODE = {
    "client_id": URL,
    "client_name": "Visual Studio Code",
    "grant_types": ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
    "response_types": ["code"],
    "redirect_uris": ["https://vscode.dev/redirect", "http://127.0.0.1/", "http://127.0.0.1:33418/"],
    "token_endpoint_auth_method": "none",
}
OPENCODE = {
    "client_id": URL,
    "client_name": "opencode",
    "client_uri": "https://opencode.ai",
    "logo_uri": "https://opencode.ai/web-app-manifest-512x512.png",
    "application_type": "native",
    "redirect_uris": ["http://127.0.0.1/callback", "http://localhost/callback"],
    "grant_types": ["authorization_code", "refresh_token"],
    "response_types": ["code"],
    "token_endpoint_auth_method": "none",
    "token_endpoint_auth_methods_supported": ["none"],
}


@pytest.mark.checklist("1d.23")
@pytest.mark.checklist("1d.29")
@pytest.mark.parametrize(
    ("document", "method"),
    [(CHATGPT, "private_key_jwt"), (CLAUDE, "none"), (VS_CODE, "none"), (OPENCODE, "none")],
    ids=["ChatGPT", "Claude", "VS Code", "opencode"],
)
def test_documents_of_clients_in_use_are_good(document: dict[str, object], method: str) -> None:
    metadata = parse(document)
    assert metadata.token_endpoint_auth_method == method
    assert metadata.grant_types == (GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN)
    assert metadata.client_name == document["client_name"]
    assert metadata.redirect_uris == tuple(document["redirect_uris"])  # type: ignore[arg-type]  # a list of texts


@pytest.mark.checklist("1d.29")
def test_unknown_members_are_ignored() -> None:
    assert parse(x_future={"a": [1]}, client_secret=None).client_name == "App"


def test_a_byte_order_mark_is_overlooked() -> None:
    assert parse_client_document(b"\xef\xbb\xbf" + json.dumps(GOOD).encode(), URL).client_name == "App"


@pytest.mark.parametrize(
    ("members", "method"),
    [
        ({}, "none"),
        ({"jwks_uri": "https://app.test/jwks"}, "private_key_jwt"),
        ({"jwks": {"keys": [KEY]}}, "private_key_jwt"),
        ({"jwks_uri": "https://app.test/jwks", "token_endpoint_auth_method": "none"}, "none"),
        ({"jwks_uri": "https://app.test/jwks", "token_endpoint_auth_methods_supported": ["none"]}, "none"),
        ({"token_endpoint_auth_methods_supported": ["client_secret_basic", "none"]}, "none"),
        ({"token_endpoint_auth_methods_supported": "none"}, "none"),
    ],
)
def test_how_the_client_authenticates(members: dict[str, object], method: str) -> None:
    assert parse(GOOD | members).token_endpoint_auth_method is TokenEndpointAuthMethod(method)


def test_grants_that_nobody_allows_are_left_out() -> None:
    metadata = parse(grant_types=["authorization_code", "client_credentials"])
    assert metadata.grant_types == (GrantType.AUTHORIZATION_CODE,)


SECRET_METHOD = "token_endpoint_auth_method needs a secret that everybody could read"
PUBLIC_SECRET = "a secret that everybody can read"


@pytest.mark.checklist("1d.22")
@pytest.mark.checklist("1d.23")
@pytest.mark.checklist("1d.29")
@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"client_id": "https://app.test/oauth/other.json"}, "client_id in the document is not its address"),
        ({"client_id": URL.upper()}, "client_id in the document is not its address"),
        ({"client_id": ...}, "client_id in the document is not its address"),
        ({"client_id": [URL]}, "client_id in the document is not its address"),
        ({"client_name": ...}, "client_name is missing"),
        ({"client_name": " "}, "client_name is missing"),
        ({"redirect_uris": ...}, "redirect_uris is missing"),
        ({"redirect_uris": []}, "redirect_uris is missing"),
        ({"client_secret": "x"}, PUBLIC_SECRET),
        ({"client_secret_expires_at": 0}, PUBLIC_SECRET),
        ({"token_endpoint_auth_method": "client_secret_basic"}, SECRET_METHOD),
        ({"token_endpoint_auth_method": "client_secret_post"}, SECRET_METHOD),
        ({"token_endpoint_auth_method": "client_secret_jwt"}, SECRET_METHOD),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "private_key_jwt without jwks or jwks_uri"),
        (
            {"token_endpoint_auth_methods_supported": ["client_secret_basic"]},
            "token_endpoint_auth_methods_supported has none that is possible here",
        ),
        ({"grant_types": ["client_credentials"]}, "grant_types lacks authorization_code"),
        ({"grant_types": ["refresh_token"]}, "grant_types lacks authorization_code"),
        ({"jwks_uri": "http://app.test/jwks"}, "jwks_uri is not https"),
        ({"jwks_uri": "https://app.test/jwks", "jwks": {"keys": [KEY]}}, "both jwks and jwks_uri"),
        ({"jwks": "keys"}, "jwks is no JWK set"),
        ({"jwks": {}}, "jwks has no list of keys, or too many"),
        ({"jwks": {"keys": [KEY] * 21}}, "jwks has no list of keys, or too many"),
        ({"jwks": {"keys": []}}, "jwks has no key that could be used"),
        ({"jwks": {"keys": [KEY | {"use": "enc"}]}}, "jwks has no key that could be used"),
        ({"jwks": {"keys": [KEY | {"d": "x"}]}}, "jwks has a key that is secret"),
        ({"jwks": {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}}, "jwks has a key that is secret"),
        ({"jwks": {"keys": [KEY | {"x5c": ["y" * 20_000]}]}}, "jwks is too large"),
        ({"token_endpoint_auth_signing_alg": "HS256"}, "token_endpoint_auth_signing_alg is not supported"),
    ],
)
def test_documents_that_nobody_should_believe_are_refused(changes: dict[str, object], why: str) -> None:
    with refused(InvalidClientMetadata, why):
        parse(GOOD | changes)


@pytest.mark.parametrize(
    "uri", ["javascript:alert(1)", "http://app.test/cb", "https://app.test/cb#x", "https://*.app.test/cb"]
)
def test_redirect_uris_are_held_to_the_hard_rules(uri: str) -> None:
    with pytest.raises(InvalidRedirectUri):
        parse(redirect_uris=[uri])


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b'{"client_id":1,"client_id":1}', b"\xff", b"[" * 5000])
def test_what_is_no_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidClientMetadata):
        parse_client_document(body, URL)


@pytest.mark.parametrize("name", ["client_name", "client_uri", "logo_uri", "scope", "contacts", "default_max_age"])
def test_members_of_the_wrong_type_refuse_the_document(name: str) -> None:
    with pytest.raises(OAuthError):
        parse(**{name: {"a": 1}})
