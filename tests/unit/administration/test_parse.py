"""Reading manifests: strict, and with the place of whatever is wrong."""

from __future__ import annotations

import pytest

from server.administration.manifest import ManifestError, parse_manifests
from server.kernel.clock import MINUTE, SECOND
from server.protocol.vocabulary import TokenEndpointAuthMethod
from server.resources import TokenFormat
from server.tenants import Mode, Origin, PrivateUseSchemes, Registration
from tests.factories.manifests import FULL, read, written


def refusal(text: str) -> str:
    with pytest.raises(ManifestError) as caught:
        parse_manifests(text, "acme.yaml")
    return str(caught.value)


def test_everything_is_read() -> None:
    manifest = read(FULL)
    assert (manifest.slug, manifest.tenant) == ("acme", {"display_name": "Acme", "mode": Mode.NATIVE, "domain": None})
    assert manifest.settings == {
        "access_token_lifetime": 10 * MINUTE,
        "refresh_grace": 30 * SECOND,
        # YAML 1.1 would read `off` as false.
        "registration": Registration.OFF,
        "client_id_metadata_documents": True,
        "private_use_schemes": PrivateUseSchemes.OFF,
        "rate_limits": {"token": 600, "register": None},
    }
    assert manifest.branding == {"primary_color": "#1f6feb"}


def test_scopes_are_read_with_their_defaults() -> None:
    read_scope, write, purge = (entry.value for entry in read(FULL).scopes or ())
    assert (read_scope.name, read_scope.description, read_scope.origin) == (
        "notes:read",
        "Read your notes",
        Origin.MANIFEST,
    )
    assert (read_scope.optional, write.optional) == (False, True)
    # A sensitive scope is not for dynamic clients unless it says so.
    assert (read_scope.dynamic, purge.sensitive, purge.dynamic) == (True, True, False)


def test_resources_are_read_with_their_defaults() -> None:
    (notes,) = (entry.value for entry in read(FULL).resources or ())
    assert (notes.display_name, notes.token_format) == ("Notes", TokenFormat.OPAQUE)
    assert (notes.scopes, notes.introspection_clients) == (("notes:read", "notes:write"), ("batch",))
    (bare,) = (entry.value for entry in written(resources=[{"identifier": "https://a.test"}]).resources or ())
    assert (bare.display_name, bare.scopes, bare.token_format) == ("https://a.test", (), TokenFormat.JWT)


@pytest.mark.rfc("7591", "2")
def test_clients_are_read_by_their_registered_names() -> None:
    cli, batch = (entry.value for entry in read(FULL).clients or ())
    assert (cli.client_id, cli.metadata.client_name, cli.secret) == ("notes-cli", "Notes CLI", None)
    assert (cli.first_party, cli.require_pkce, cli.enabled) == (False, True, True)
    assert cli.metadata.redirect_uris == ("http://127.0.0.1/callback",)
    # Who is given a secret is meant to use it.
    assert batch.metadata.token_endpoint_auth_method is TokenEndpointAuthMethod.CLIENT_SECRET_BASIC
    assert batch.secret == "change-me"
    assert "change-me" not in repr(batch)


def test_people_are_read_as_far_as_they_are_written() -> None:
    (ada,) = (entry.value for entry in read(FULL).users or ())
    assert (ada.username, ada.password) == ("ada", "correct-horse-battery")
    assert (ada.roles, ada.groups) == (("editor",), ("Writers, all",))
    assert ada.changes == {
        "email": "ada@acme.test",
        "name": "Ada Lovelace",
        "claims": {"given_name": "Ada", "address": {"country": "GB"}, "zoneinfo": "Europe/London", "nickname": None},
    }
    assert "correct-horse" not in repr(ada)
    (bare,) = (entry.value for entry in written(users=[{"username": "bob"}]).users or ())
    assert (bare.changes, bare.password, bare.roles, bare.groups) == ({}, None, None, None)


def test_missing_section_is_none_and_an_empty_one_is_empty() -> None:
    manifest = read("tenant: acme\nscopes: []\nclients:\n")
    assert (manifest.scopes, manifest.clients) == ((), ())
    assert (manifest.resources, manifest.roles, manifest.groups, manifest.users) == (None, None, None, None)


def test_file_may_hold_several_tenants() -> None:
    manifests = parse_manifests("tenant: acme\n---\n---\ntenant: other\n", "both.yaml")
    assert [(manifest.slug, manifest.place.line) for manifest in manifests] == [("acme", 1), ("other", 4)]
    assert parse_manifests("", "empty.yaml") == ()


def test_unknown_key_is_refused_with_file_line_and_key() -> None:
    assert refusal("tenant: acme\ndispaly_name: Acme\n") == "acme.yaml:2: dispaly_name: unknown key"
    assert refusal(FULL.replace("    client_name:", "    client_nmae:")) == "acme.yaml:28: client_nmae: unknown key"
    assert refusal(FULL.replace("  refresh_grace", "  refresh_grave")).startswith("acme.yaml:8: refresh_grave: ")
    for entry in ("scopes: [{name: a, x: 1}]", "resources: [{identifier: a, x: 1}]", "users: [{username: a, x: 1}]"):
        assert refusal(f"tenant: acme\n{entry}") == "acme.yaml:2: x: unknown key"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tenant: acme\nmode: broker", "acme.yaml:2: mode: broker is not built yet"),
        ("tenant: acme\nmode: passthrough", "acme.yaml:2: mode: passthrough is not built yet"),
    ],
)
def test_what_is_not_built_yet_is_refused_by_name(text: str, message: str) -> None:
    assert refusal(text) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("display_name: Acme", "acme.yaml:1: manifest: tenant is missing"),
        ("tenant: Ac me", "acme.yaml:1: tenant: a tenant is named by"),
        ("tenant: system", "acme.yaml:1: tenant: system is Latchkey's own tenant"),
        ("- tenant: acme", "acme.yaml:1: manifest: must be a mapping"),
        ("tenant: acme\ntenant: acme", "acme.yaml:2: tenant: is there twice"),
        ("tenant: [acme]", "acme.yaml:1: tenant: must be a text"),
        ("tenant: ~", "acme.yaml:1: tenant: must be a text"),
        ("tenant: acme\ndisplay_name: ~", "acme.yaml:2: display_name: must be a text"),
        ('tenant: acme\ndisplay_name: "a\\nb"', "acme.yaml:2: display_name: must be one line"),
        ("tenant: acme\nmode: native-ish", "acme.yaml:2: mode: must be one of native, broker, passthrough"),
        ("tenant: acme\nsettings: {refresh_grace: 30}", "acme.yaml:2: refresh_grace: must be a duration"),
        ("tenant: acme\nsettings: {max_dynamic_clients: many}", "max_dynamic_clients: must be a whole number"),
        ("tenant: acme\nsettings: {max_dynamic_clients: -1}", "max_dynamic_clients: must be a whole number"),
        ("tenant: acme\nsettings: {rate_limits: {tokens: 1}}", "acme.yaml:2: tokens: unknown key"),
        ("tenant: acme\nsettings: {client_id_metadata_documents: 1}", "must be true or false"),
        ("tenant: acme\nsettings: {software_statement_issuers: [a]}", "must be a mapping of issuers to JWK sets"),
        ("tenant: acme\nsettings: {software_statement_issuers: {a: b}}", "must be a mapping of issuers to JWK sets"),
        ("tenant: acme\nscopes: {name: a}", "acme.yaml:2: scopes: must be a list"),
        ("tenant: acme\nscopes: [notes]", "acme.yaml:2: scopes: must be a mapping"),
        ("tenant: acme\nscopes: [{description: a}]", "acme.yaml:2: scopes: name is missing"),
        ("tenant: acme\nscopes:\n- {name: a}\n- {name: a}", "acme.yaml:4: scopes: has the same entry twice"),
        ("tenant: acme\nroles: [a, a]", "acme.yaml:2: roles: has the same entry twice"),
        ("tenant: acme\nresources: [{identifier: a, scopes: [x, x]}]", "scopes: has an item twice"),
        ("tenant: acme\nusers: [{username: a, claims: [1]}]", "claims: must be a mapping of claims"),
        ("tenant: acme\n? [a]\n: b", "manifest: has a key that is no text"),
        ("tenant: 'acme", "acme.yaml:1: manifest: is no YAML"),
        ("tenant: acme\n  x: y", "acme.yaml:2: manifest: is no YAML"),
        ("tenant: \x01", "acme.yaml:1: manifest: has characters that YAML does not allow"),
        ("tenant: *nobody", "acme.yaml:1: manifest: is no YAML"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, message: str) -> None:
    assert message in refusal(text)


def test_values_that_contain_themselves_end() -> None:
    assert "nested too deeply" in refusal("tenant: acme\nusers: [{username: a, claims: &a {x: *a}}]")


CLIENT = "tenant: acme\nclients:\n- client_id: app\n  redirect_uris: [%s]\n"


@pytest.mark.rfc("9700", "2.1")
@pytest.mark.parametrize(
    "uri",
    [
        "http://app.test/cb",
        "javascript:alert(1)",
        "https://app.test/cb#fragment",
        "https://user@app.test/cb",
        "https://*.app.test/cb",
        "/callback",
    ],
)
def test_redirect_uris_are_held_to_the_hard_rules(uri: str) -> None:
    text = refusal(CLIENT % f"'https://good.test/cb',\n  '{uri}'")
    assert text.startswith("acme.yaml:5: redirect_uris: ")
    assert uri not in text
    assert "post_logout_redirect_uris" in refusal(
        CLIENT % "'https://good.test/cb'" + f"  post_logout_redirect_uris: ['{uri}']"
    )


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ("  grant_types: [password]", "grant_types: must be one of"),
        ("  response_types: [token]", "response_types: must be one of"),
        ("  token_endpoint_auth_method: private_key_jwt", "private_key_jwt without jwks or jwks_uri"),
        ("  token_endpoint_auth_method: none\n  client_secret: something", "client_secret: is of no use"),
        ("  jwks_uri: http://app.test/jwks", "jwks_uri is not https"),
        ("  scope: 'no\"tes'", "scope is malformed"),
        ("  first_party: maybe", "first_party: must be true or false"),
    ],
)
def test_clients_that_cannot_be_are_refused(members: str, message: str) -> None:
    assert message in refusal(CLIENT % "'https://app.test/cb'" + members)


def test_client_that_redeems_codes_needs_a_redirect_uri() -> None:
    assert "no redirect URI" in refusal("tenant: acme\nclients: [{client_id: app}]")
