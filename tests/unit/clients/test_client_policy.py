"""Clients' ids and secrets, and who may do without PKCE."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from server import clients
from server.clients import Client, ClientSecret, ClientSource, InvalidClientDefinition
from server.clients.policy import digest_each, digest_secret, is_under_current_key
from server.kernel import encryption, ids
from server.protocol.client_metadata import parse_client_metadata
from server.protocol.vocabulary import GrantType, TokenEndpointAuthMethod
from server.tenants import Origin

NOW = 1_900_000_000_000_000
TENANT = ids.uuid7()
CURRENT = "the current master secret of the tests"
FORMER = "the former master secret of the tests!"


@pytest.fixture(autouse=True)
def _master_secrets() -> Iterator[None]:
    before = encryption._masters
    encryption.open_master_secrets(CURRENT)
    yield
    encryption._masters = before


def client(
    method: str = "client_secret_basic", scope: str = "openid", source: ClientSource = ClientSource.ADMIN
) -> Client:
    metadata = parse_client_metadata(
        {"redirect_uris": ["https://app.test/cb"], "token_endpoint_auth_method": method, "scope": scope},
        drop_private_use=False,
    )
    return clients.new_client(
        TENANT, "app", metadata, source=source, origin=Origin.MANIFEST, scope=metadata.scope, now=NOW
    )


def secret(text: str, expires_at: int | None = None) -> ClientSecret:
    return ClientSecret(ids.uuid7(), digest_secret(TENANT, text), NOW, expires_at)


@pytest.mark.checklist("1d.31")
def test_generated_client_ids_are_random_and_of_safe_characters() -> None:
    made = {clients.random_client_id() for _ in range(50)}
    assert len(made) == 50
    assert all(name.replace("-", "").replace("_", "").isalnum() and not name.startswith("https://") for name in made)


@pytest.mark.rfc("6749", "A.1")
@pytest.mark.parametrize("text", ["", "x" * 501, "a\x00b", "ä", "a\nb"])
def test_some_texts_are_no_client_id(text: str) -> None:
    assert not clients.is_client_id(text)
    with pytest.raises(InvalidClientDefinition):
        clients.check_definition(replace(client(), client_id=text))


def test_url_may_be_registered_as_a_client_id() -> None:
    clients.check_definition(replace(client(), client_id="https://app.test/client.json"))


@pytest.mark.rfc("6749", "2.1")
def test_client_that_authenticates_is_confidential() -> None:
    assert client().is_confidential
    assert not client("none").is_confidential


@pytest.mark.parametrize(
    "relaxed", [client("none"), client(scope="notes:read"), client(source=ClientSource.DYNAMIC)],
    ids=["public", "not OpenID", "dynamic"],
)  # fmt: skip
def test_only_a_confidential_openid_client_of_an_administrator_may_skip_pkce(relaxed: Client) -> None:
    with pytest.raises(InvalidClientDefinition):
        clients.check_definition(replace(relaxed, require_pkce=False))
    clients.check_definition(replace(client(), require_pkce=False))


@pytest.mark.rfc("6749", "4.4")
def test_public_client_gets_no_tokens_of_its_own() -> None:
    public = client("none")
    metadata = replace(public.metadata, grant_types=(GrantType.CLIENT_CREDENTIALS,))
    with pytest.raises(InvalidClientDefinition):
        clients.check_definition(replace(public, metadata=metadata))


@pytest.mark.parametrize("text", ["short", "x" * 513, "sécret-de-polichinelle", "a\nsecret\nin\nlines"])
def test_secrets_that_cannot_be_sent_or_are_guessed_are_refused(text: str) -> None:
    with pytest.raises(InvalidClientDefinition):
        clients.check_secret_strength(text)
    clients.check_secret_strength("change-me")


def test_either_of_two_secrets_is_right_and_no_other() -> None:
    both = replace(client(), secrets=(secret("the first one"), secret("the second one")))
    assert clients.has_secret(both, ("the first one",), NOW)
    assert clients.has_secret(both, ("wrong", "the second one"), NOW)
    assert not clients.has_secret(both, ("wrong",), NOW)
    assert not clients.has_secret(both, (), NOW)
    assert not clients.has_secret(client(), ("the first one",), NOW)


def test_secret_ends_when_it_expires() -> None:
    one = replace(client(), secrets=(secret("the secret", expires_at=NOW + 1),))
    assert clients.has_secret(one, ("the secret",), NOW)
    assert not clients.has_secret(one, ("the secret",), NOW + 1)
    assert clients.live_secrets(one, NOW + 1) == ()


def test_digest_is_bound_to_the_tenant_and_holds_no_secret() -> None:
    digest = digest_secret(TENANT, "the secret")
    assert digest != digest_secret(ids.uuid7(), "the secret")
    assert "the secret" not in digest
    assert len(digest) <= 64
    assert "digest" not in repr(secret("the secret"))


def test_secret_under_the_former_master_secret_still_counts() -> None:
    encryption.open_master_secrets(FORMER)
    one = replace(client(), secrets=(secret("the secret"),))
    encryption.open_master_secrets(CURRENT, FORMER)
    assert clients.has_secret(one, ("the secret",), NOW)
    assert not is_under_current_key(one.secrets[0])
    assert one.secrets[0].digest in digest_each(TENANT, "the secret")
    encryption.open_master_secrets(CURRENT)
    assert not clients.has_secret(one, ("the secret",), NOW)


def test_description_and_its_digest_change_together() -> None:
    before = client()
    metadata = replace(before.metadata, client_name="Another", token_endpoint_auth_method=TokenEndpointAuthMethod.NONE)
    after = clients.with_metadata(before, metadata, ("notes:read",))
    assert after.metadata_digest != before.metadata_digest
    assert (after.id, after.scope) == (before.id, ("notes:read",))
