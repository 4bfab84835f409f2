"""Client metadata, as clients in use register it and as nobody should."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import pytest

from server.protocol.client_digests import fingerprint, metadata_digest
from server.protocol.client_metadata import (
    MEMBERS,
    ClientMetadata,
    parse_client_metadata,
)
from server.protocol.errors import InvalidClientMetadata, InvalidRedirectUri, OAuthError
from server.protocol.vocabulary import (
    ApplicationType,
    GrantType,
    ResponseType,
    SigningAlgorithm,
    SubjectType,
    TokenEndpointAuthMethod,
)
from tests.unit.protocol.refusals import refused

LOOPBACK = "http://127.0.0.1:53211/callback"
HTTPS = "https://a.test/cb"
PRIVATE = "cursor://anysphere.cursor-mcp/oauth/callback"
CODE_AND_REFRESH = (GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN)

FULL: dict[str, object] = {
    "redirect_uris": [HTTPS, LOOPBACK],
    "token_endpoint_auth_method": "client_secret_post",
    "grant_types": ["refresh_token", "authorization_code"],
    "response_types": ["code"],
    "application_type": "web",
    "client_name": "Notes",
    "client_uri": "https://a.test",
    "logo_uri": "https://a.test/logo.png",
    "tos_uri": "https://a.test/tos",
    "policy_uri": "https://a.test/privacy",
    "contacts": ["ada@a.test", "bob@a.test"],
    "scope": "openid notes:read",
    "software_id": "4NRB1-0XZABZI9E6-5SM3R",
    "software_version": "2.1",
    "post_logout_redirect_uris": ["https://a.test/bye"],
    "id_token_signed_response_alg": "ES256",
    "subject_type": "public",
    "require_auth_time": True,
    "default_max_age": 3600,
    "default_acr_values": ["gold"],
}


def parse(**members: object) -> ClientMetadata:
    return parse_client_metadata(members, drop_private_use=False)


def registered(**changes: object) -> ClientMetadata:
    return parse(**(FULL | changes))


# What the official SDKs send.
CAPTURED: list[dict[str, object]] = [
    {"client_name": "cap", "redirect_uris": [LOOPBACK], "scope": "mcp:read"},
    {
        "client_name": "cap",
        "redirect_uris": [LOOPBACK],
        "grant_types": ["authorization_code", "refresh_token"],
        "application_type": "native",
        "scope": "mcp:read",
    },
    {
        "response_types": ["code"],
        "scope": "mcp:read",
        "client_name": "cap",
        "redirect_uris": [LOOPBACK],
        "grant_types": ["authorization_code", "refresh_token"],
        "application_type": "native",
    },
]


@pytest.mark.checklist("1e.34")
@pytest.mark.rfc("7591", "2")
@pytest.mark.parametrize("document", CAPTURED)
def test_the_official_clients_become_public_native_clients_that_may_refresh(document: dict[str, object]) -> None:
    assert parse(**document) == ClientMetadata(
        redirect_uris=(LOOPBACK,),
        token_endpoint_auth_method=TokenEndpointAuthMethod.NONE,
        grant_types=CODE_AND_REFRESH,
        response_types=(ResponseType.CODE,),
        application_type=ApplicationType.NATIVE,
        client_name="cap",
        scope=("mcp:read",),
    )


@pytest.mark.rfc("7591", "2")
def test_every_member_is_read() -> None:
    assert registered() == ClientMetadata(
        redirect_uris=(HTTPS, LOOPBACK),
        token_endpoint_auth_method=TokenEndpointAuthMethod.CLIENT_SECRET_POST,
        grant_types=(GrantType.REFRESH_TOKEN, GrantType.AUTHORIZATION_CODE),
        response_types=(ResponseType.CODE,),
        application_type=ApplicationType.WEB,
        client_name="Notes",
        client_uri="https://a.test",
        logo_uri="https://a.test/logo.png",
        tos_uri="https://a.test/tos",
        policy_uri="https://a.test/privacy",
        contacts=("ada@a.test", "bob@a.test"),
        scope=("openid", "notes:read"),
        software_id="4NRB1-0XZABZI9E6-5SM3R",
        software_version="2.1",
        post_logout_redirect_uris=("https://a.test/bye",),
        id_token_signed_response_alg=SigningAlgorithm.ES256,
        subject_type=SubjectType.PUBLIC,
        require_auth_time=True,
        default_max_age=3600,
        default_acr_values=("gold",),
    )


@pytest.mark.rfc("7591", "3.2.1")
def test_what_was_registered_is_echoed() -> None:
    assert registered().to_json() == FULL


@pytest.mark.rfc("7591", "3.2.1")
def test_defaults_are_echoed_and_what_there_is_none_of_is_not() -> None:
    assert parse(redirect_uris=[HTTPS]).to_json() == {
        "redirect_uris": [HTTPS],
        "token_endpoint_auth_method": "client_secret_basic",
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "application_type": "web",
        "id_token_signed_response_alg": "RS256",
        "subject_type": "public",
        "require_auth_time": False,
    }


def test_a_max_age_of_zero_is_a_value() -> None:
    metadata = registered(default_max_age=0)
    assert metadata.to_json()["default_max_age"] == 0
    assert ClientMetadata.from_json(metadata.to_json()).default_max_age == 0


@pytest.mark.parametrize("document", [FULL, *CAPTURED, {"redirect_uris": [HTTPS], "scope": None}])
def test_metadata_survive_storage(document: dict[str, object]) -> None:
    metadata = parse(**document)
    assert ClientMetadata.from_json(json.loads(json.dumps(metadata.to_json()))) == metadata


def test_every_member_has_its_name_on_the_wire() -> None:
    assert {field.name for field in fields(ClientMetadata)} == MEMBERS == set(FULL) | {
        "jwks", "jwks_uri", "token_endpoint_auth_signing_alg"
    }  # fmt: skip


@pytest.mark.rfc("7591", "2")
@pytest.mark.checklist("1d.29")
def test_unknown_members_and_unknown_grant_types_are_ignored() -> None:
    metadata = parse(
        redirect_uris=[HTTPS],
        grant_types=["authorization_code", "urn:ietf:params:oauth:grant-type:jwt-bearer", "implicit"],
        response_types=["code", "token"],
        token_endpoint_auth_methods_supported=["none"],
        software_statement=1,
        nested={"a": [None]},
    )
    assert metadata.grant_types == (GrantType.AUTHORIZATION_CODE,)
    assert metadata.response_types == (ResponseType.CODE,)


@pytest.mark.rfc("7592", "2.2")
@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_null_and_empty_texts_count_as_absent(nothing: str | None) -> None:
    metadata = parse(
        redirect_uris=[LOOPBACK],
        client_name=nothing,
        client_uri=nothing,
        scope=nothing,
        application_type=nothing,
        token_endpoint_auth_method=nothing,
    )
    assert metadata == parse(redirect_uris=[LOOPBACK])


@pytest.mark.parametrize("nothing", [None, []])
def test_null_and_empty_arrays_count_as_absent(nothing: list[str] | None) -> None:
    metadata = parse(
        redirect_uris=[LOOPBACK],
        grant_types=nothing,
        response_types=nothing,
        contacts=nothing,
        post_logout_redirect_uris=nothing,
        default_acr_values=nothing,
        require_auth_time=None,
        default_max_age=None,
        id_token_signed_response_alg=None,
        subject_type=None,
    )
    assert metadata == parse(redirect_uris=[LOOPBACK])


@pytest.mark.checklist("1e.34")
@pytest.mark.parametrize(
    ("redirect_uris", "application_type"),
    [
        ([LOOPBACK], "native"),
        (["http://localhost:1/cb", "http://[::1]/cb"], "native"),
        ([PRIVATE], "native"),
        ([LOOPBACK, PRIVATE], "native"),
        ([HTTPS], "web"),
        ([HTTPS, LOOPBACK], "web"),
        ([LOOPBACK, HTTPS], "web"),
    ],
)
def test_who_says_nothing_is_native_when_everything_stays_on_the_machine(
    redirect_uris: list[str], application_type: str
) -> None:
    assert parse(redirect_uris=redirect_uris).application_type == application_type


@pytest.mark.parametrize(("stated", "redirect_uri"), [("native", HTTPS), ("web", LOOPBACK)])
def test_a_stated_application_type_is_kept(stated: str, redirect_uri: str) -> None:
    assert parse(redirect_uris=[redirect_uri], application_type=stated).application_type == stated


@pytest.mark.rfc("7591", "2")
@pytest.mark.parametrize(
    ("members", "method"),
    [
        ({"redirect_uris": [LOOPBACK]}, "none"),
        ({"redirect_uris": [HTTPS]}, "client_secret_basic"),
        ({"redirect_uris": [HTTPS], "application_type": "native"}, "none"),
        ({"redirect_uris": [LOOPBACK], "application_type": "web"}, "client_secret_basic"),
        (
            {"redirect_uris": [LOOPBACK], "grant_types": ["authorization_code", "client_credentials"]},
            "client_secret_basic",
        ),
        ({"grant_types": ["client_credentials"]}, "client_secret_basic"),
        ({"redirect_uris": [HTTPS], "token_endpoint_auth_method": "none"}, "none"),
        ({"redirect_uris": [LOOPBACK], "token_endpoint_auth_method": "client_secret_post"}, "client_secret_post"),
    ],
)
def test_native_clients_are_public_unless_they_say_otherwise(members: dict[str, object], method: str) -> None:
    assert parse(**members).token_endpoint_auth_method == method


def test_a_machine_client_has_no_redirect_uri_and_no_response_type() -> None:
    metadata = parse(grant_types=["client_credentials"], response_types=["token"])
    assert metadata.redirect_uris == ()
    assert metadata.response_types == ()
    assert metadata.application_type is ApplicationType.WEB


NONE_LEFT = "no redirect URI, or none that is allowed here"
NO_GRANT = "grant_types has none that starts a grant here"
TEXT = "{} is no text, too long, or has characters that hide something"
ARRAY = "{} is no array, or has too many items"
ITEM = "{} has an item that is no plain text"


@pytest.mark.rfc("7591", "3.2.2")
@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"redirect_uris": None}, NONE_LEFT),
        ({"redirect_uris": []}, NONE_LEFT),
        ({"redirect_uris": HTTPS}, ARRAY.format("redirect_uris")),
        ({"redirect_uris": [HTTPS, 1]}, ITEM.format("redirect_uris")),
        ({"redirect_uris": [HTTPS, "javascript:x"]}, "redirect URI has a dangerous scheme"),
        ({"redirect_uris": ["http://a.test/"]}, "redirect URI is http and not loopback"),
        ({"redirect_uris": [f"{HTTPS}/{number}" for number in range(51)]}, ARRAY.format("redirect_uris")),
        ({"post_logout_redirect_uris": ["data:x"]}, "redirect URI has a dangerous scheme"),
        ({"post_logout_redirect_uris": {}}, ARRAY.format("post_logout_redirect_uris")),
    ],
)
def test_a_bad_redirect_uri_refuses_the_registration(changes: dict[str, object], why: str) -> None:
    with refused(InvalidRedirectUri, why):
        registered(**changes)


@pytest.mark.rfc("7591", "3.2.2")
@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"grant_types": ["implicit"]}, NO_GRANT),
        ({"grant_types": ["refresh_token"]}, NO_GRANT),
        ({"grant_types": "authorization_code"}, ARRAY.format("grant_types")),
        ({"response_types": ["token"]}, "response_types lacks code, which the authorization_code grant needs"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "private_key_jwt without jwks or jwks_uri"),
        ({"token_endpoint_auth_method": "client_secret_jwt"}, "token_endpoint_auth_method is not supported"),
        (
            {"grant_types": ["client_credentials"], "token_endpoint_auth_method": "none"},
            "client_credentials without client authentication",
        ),
        ({"application_type": "desktop"}, "application_type is not supported"),
        ({"subject_type": "pairwise"}, "subject_type is not supported"),
        ({"id_token_signed_response_alg": "none"}, "id_token_signed_response_alg is not supported"),
        ({"client_name": 1}, TEXT.format("client_name")),
        ({"client_name": "a\x00b"}, TEXT.format("client_name")),
        ({"client_name": "a\nb"}, TEXT.format("client_name")),
        ({"client_name": "bank\u202emoc"}, TEXT.format("client_name")),
        ({"client_name": "a" * 201}, TEXT.format("client_name")),
        ({"client_uri": "javascript:alert(1)"}, "client_uri is not an http or https URI"),
        ({"logo_uri": "data:image/png;base64,AA"}, "logo_uri is not an http or https URI"),
        ({"tos_uri": "a.test/tos"}, "tos_uri is not an http or https URI"),
        ({"policy_uri": "https://user@a.test/"}, "policy_uri is not an http or https URI"),
        ({"policy_uri": "https://a.test/".ljust(2001, "a")}, TEXT.format("policy_uri")),
        ({"scope": ["openid"]}, TEXT.format("scope")),
        ({"scope": 'a"b'}, "scope is malformed"),
        ({"scope": "a" * 2001}, TEXT.format("scope")),
        ({"contacts": "ada@a.test"}, ARRAY.format("contacts")),
        ({"contacts": [f"{number}@a.test" for number in range(51)]}, ARRAY.format("contacts")),
        ({"contacts": ["a\x00b"]}, ITEM.format("contacts")),
        ({"contacts": [{}]}, ITEM.format("contacts")),
        ({"contacts": ["a" * 2001]}, ITEM.format("contacts")),
        ({"software_id": True}, TEXT.format("software_id")),
        ({"software_version": "a" * 201}, TEXT.format("software_version")),
        ({"require_auth_time": "true"}, "require_auth_time is no boolean"),
        ({"require_auth_time": 1}, "require_auth_time is no boolean"),
        ({"default_max_age": "60"}, "default_max_age is no number of seconds"),
        ({"default_max_age": -1}, "default_max_age is no number of seconds"),
        ({"default_max_age": True}, "default_max_age is no number of seconds"),
        ({"default_max_age": 1.5}, "default_max_age is no number of seconds"),
        ({"default_acr_values": 1}, ARRAY.format("default_acr_values")),
    ],
)
def test_a_bad_value_refuses_the_registration(changes: dict[str, object], why: str) -> None:
    with refused(InvalidClientMetadata, why):
        registered(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"client_name": "a" * 200},
        {"client_name": "Zoë 名前 👨‍💻"},
        {"policy_uri": "https://a.test/".ljust(2000, "a")},
        {"contacts": [f"{number}@a.test" for number in range(50)]},
        {"contacts": ["a" * 2000]},
        {"scope": " ".join("a" * 200 for _ in range(9))},
    ],
)
def test_generous_values_pass(changes: dict[str, object]) -> None:
    registered(**changes)


def test_texts_are_trimmed_and_items_counted_once() -> None:
    metadata = registered(client_name="  Notes ", redirect_uris=[HTTPS, LOOPBACK, HTTPS], contacts=["b", "a", "b"])
    assert metadata.client_name == "Notes"
    assert metadata.redirect_uris == (HTTPS, LOOPBACK)
    assert metadata.contacts == ("b", "a")


def test_private_use_schemes_are_dropped_where_a_tenant_does_not_want_them() -> None:
    document = {"redirect_uris": [PRIVATE, LOOPBACK], "post_logout_redirect_uris": [PRIVATE, HTTPS]}
    dropped = parse_client_metadata(document, drop_private_use=True)
    assert (dropped.redirect_uris, dropped.post_logout_redirect_uris) == ((LOOPBACK,), (HTTPS,))
    kept = parse_client_metadata(document, drop_private_use=False)
    assert (kept.redirect_uris, kept.post_logout_redirect_uris) == ((PRIVATE, LOOPBACK), (PRIVATE, HTTPS))


def test_a_registration_fails_when_no_redirect_uri_remains() -> None:
    with refused(InvalidRedirectUri, NONE_LEFT):
        parse_client_metadata({"redirect_uris": [PRIVATE]}, drop_private_use=True)


def test_what_was_dropped_does_not_speak_for_the_client() -> None:
    metadata = parse_client_metadata({"redirect_uris": [PRIVATE, HTTPS]}, drop_private_use=True)
    assert metadata.application_type is ApplicationType.WEB


@pytest.mark.parametrize("document", [None, [], {"redirect_uris": [HTTPS]}])
def test_a_stored_document_that_nobody_wrote_is_a_fault(document: object) -> None:
    with pytest.raises(TypeError):
        ClientMetadata.from_json(document)  # type: ignore[arg-type]  # what the type forbids is the point


def test_what_people_go_by_changes_the_metadata_digest() -> None:
    metadata = registered()
    digest = metadata_digest(metadata)
    assert len(digest) == 64
    for changed in (
        replace(metadata, client_name="Other"),
        replace(metadata, client_name=None),
        replace(metadata, client_uri="https://b.test"),
        replace(metadata, redirect_uris=(HTTPS,)),
        replace(metadata, redirect_uris=(HTTPS, "http://localhost/callback")),
        replace(metadata, scope=("openid",)),
    ):
        assert metadata_digest(changed) != digest


def test_nothing_else_changes_the_metadata_digest() -> None:
    metadata = registered()
    for changed in (
        replace(metadata, redirect_uris=("http://127.0.0.1:1/callback", HTTPS)),
        replace(metadata, scope=("notes:read", "openid")),
        replace(metadata, contacts=()),
        replace(metadata, logo_uri=None),
        replace(metadata, software_version="3"),
    ):
        assert metadata_digest(changed) == metadata_digest(metadata)


def test_digests_are_the_same_in_every_release() -> None:
    assert metadata_digest(registered()) == "19a416bb122f9bef824dfdc690adc43bbf2d8174836265a8693515d0f7b2f896"
    assert fingerprint(registered()) == "3c33e807d8dd096b1ed4b802fad573f1967027f72d9d60cdaaabf9145103e925"


def test_two_installations_of_one_program_have_one_fingerprint() -> None:
    metadata = registered(redirect_uris=[LOOPBACK, HTTPS], post_logout_redirect_uris=["http://localhost:1/bye"])
    for same in (
        replace(metadata, redirect_uris=(HTTPS, "http://127.0.0.1:1/callback")),
        replace(metadata, redirect_uris=(LOOPBACK, "http://127.0.0.1:1/callback", HTTPS)),
        replace(metadata, post_logout_redirect_uris=("http://localhost:2/bye",)),
        replace(metadata, scope=("notes:read", "openid")),
    ):
        assert fingerprint(same) == fingerprint(metadata)


def test_every_member_counts_in_the_fingerprint() -> None:
    document = FULL | {"redirect_uris": [LOOPBACK]}
    changes: dict[str, object] = {
        "redirect_uris": ["http://127.0.0.1/other"],
        "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code"],
        "application_type": "native",
        "id_token_signed_response_alg": "RS256",
        "require_auth_time": False,
        "default_max_age": 60,
        "contacts": ["eve@a.test"],
        "scope": "openid",
        "post_logout_redirect_uris": ["https://a.test/other"],
        "default_acr_values": ["silver"],
        "client_uri": "https://b.test",
        "logo_uri": "https://b.test",
        "tos_uri": "https://b.test",
        "policy_uri": "https://b.test",
        "client_name": "Other",
        "software_id": "Other",
        "software_version": "Other",
    }
    fingerprints = {fingerprint(parse(**(document | {name: value}))) for name, value in changes.items()}
    assert len(fingerprints | {fingerprint(parse(**document))}) == len(changes) + 1


@pytest.mark.parametrize("error", [InvalidRedirectUri, InvalidClientMetadata])
def test_registration_errors_are_bad_requests(error: type[OAuthError]) -> None:
    assert error.status == 400
