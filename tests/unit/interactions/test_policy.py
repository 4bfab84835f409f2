"""Who must sign in, who must be asked, and what is granted."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

import pytest

from server.clients import Client, ClientSource
from server.grants import Permission
from server.interactions import policy
from server.interactions.records import SignedIn
from server.kernel import ids
from server.kernel.clock import MINUTE, SECOND
from server.protocol.authorization_request import AuthorizationRequest, read_authorization_request
from server.protocol.client_digests import metadata_digest
from server.protocol.client_metadata import parse_client_metadata
from server.protocol.errors import UnmetAuthenticationRequirements
from server.protocol.parameters import parse_query
from server.resources import Resource
from server.scopes import Scope
from server.sessions import ACR_PASSWORD, begin
from server.tenants import Origin, RememberConsent, TenantSettings
from server.users import User

NOW = 1_800_000_000 * SECOND
TENANT = ids.uuid7()
CHALLENGE = "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWBuGJSstw-cM&code_challenge_method=S256"
LOOPBACK, WEB = "http://127.0.0.1:7000/cb", "https://app.acme.test/cb"

SCOPES = {
    "openid": Scope("openid", ""),
    "read": Scope("read", "Read"),
    "write": Scope("write", "Write", optional=True),
    "purge": Scope("purge", "Purge", sensitive=True),
}
NOTES = Resource(ids.uuid7(), "https://notes.test/", "Notes", scopes=("read", "write"))
ANYTHING = Resource(ids.uuid7(), "https://any.test/", "Anything")


def request(query: str = "", redirect_uri: str = WEB) -> AuthorizationRequest:
    parameters = parse_query(f"response_type=code&redirect_uri=kept&{CHALLENGE}&{query}".encode())
    return read_authorization_request(parameters, client_id="c", redirect_uri=redirect_uri, pkce_required=True)


def client(source: ClientSource = ClientSource.ADMIN, *, first_party: bool = False) -> Client:
    metadata = parse_client_metadata({"redirect_uris": [WEB]}, drop_private_use=False)
    return Client(
        id=ids.uuid7(),
        tenant_id=TENANT,
        client_id="c",
        source=source,
        origin=Origin.MANIFEST,
        metadata=metadata,
        metadata_digest=metadata_digest(metadata),
        scope=(),
        created_at=NOW,
        first_party=first_party,
    )


def signed_in(ago: int = 0) -> SignedIn:
    user = User(
        id=ids.uuid7(), tenant_id=TENANT, sub="sub-1", username="ada", origin=Origin.CLI, created_at=0, updated_at=0
    )
    return SignedIn(begin(TENANT, user.id, idle=MINUTE, longest=MINUTE, now=NOW - ago), user)


@pytest.mark.parametrize(
    ("query", "ago", "needed"),
    [
        ("", 0, False),
        ("prompt=login", 0, True),
        ("prompt=select_account", 0, True),
        ("max_age=60", 59 * SECOND, False),
        ("max_age=60", 61 * SECOND, True),
        ("max_age=0", 1, True),
        ("claims=%7B%22id_token%22%3A%7B%22sub%22%3A%7B%22value%22%3A%22sub-1%22%7D%7D%7D", 0, False),
        ("claims=%7B%22id_token%22%3A%7B%22sub%22%3A%7B%22value%22%3A%22sub-2%22%7D%7D%7D", 0, True),
    ],
)
def test_a_fresh_login_is_asked_for_by_prompt_age_or_subject(query: str, ago: int, *, needed: bool) -> None:
    assert policy.needs_login(request(query), signed_in(ago), None, NOW) is needed


def test_nobody_signed_in_has_to_sign_in() -> None:
    assert policy.needs_login(request(), None, None, NOW)


@pytest.mark.parametrize(
    ("source", "redirect_uri", "assured"),
    [
        (ClientSource.ADMIN, WEB, True),
        (ClientSource.ADMIN, LOOPBACK, False),
        (ClientSource.ADMIN, "com.acme.app:/cb", False),
        (ClientSource.DYNAMIC, WEB, False),
    ],
)
def test_only_an_admins_client_on_the_web_is_assured(source: ClientSource, redirect_uri: str, *, assured: bool) -> None:
    assert policy.is_assured(client(source), redirect_uri) is assured


@pytest.mark.parametrize(
    ("choice", "source", "remembered"),
    [
        (RememberConsent.ASSURED, ClientSource.ADMIN, True),
        (RememberConsent.ASSURED, ClientSource.DYNAMIC, False),
        (RememberConsent.ALWAYS, ClientSource.DYNAMIC, True),
        (RememberConsent.NEVER, ClientSource.ADMIN, False),
    ],
)
def test_the_tenant_chooses_what_is_remembered(
    choice: RememberConsent, source: ClientSource, *, remembered: bool
) -> None:
    settings = replace(TenantSettings(), remember_consent=choice)
    assert policy.remembers_consent(settings, client(source), WEB) is remembered


def acr(name: str) -> str:
    return quote(f'{{"id_token": {{"acr": {{"essential": true, "values": ["{name}"]}}}}}}')


def test_an_essential_context_that_nobody_can_have_is_refused() -> None:
    policy.check_context(request(f"claims={acr(ACR_PASSWORD)}"))
    policy.check_context(request("acr_values=urn:other"))
    with pytest.raises(UnmetAuthenticationRequirements):
        policy.check_context(request(f"claims={acr('urn:other')}"))


READ, WRITE, PURGE = ("", "read"), ("", "write"), ("", "purge")


@pytest.mark.parametrize(
    ("query", "asked", "remembered", "needed"),
    [
        ("", {READ}, {READ, WRITE}, False),
        ("", {READ, WRITE}, {READ}, True),
        ("prompt=consent", {READ}, {READ}, True),
        ("", {PURGE}, {PURGE}, True),
    ],
)
def test_consent_is_needed_for_anything_new_or_sensitive(
    query: str, asked: set[Permission], remembered: set[Permission], *, needed: bool
) -> None:
    assert policy.needs_consent(request(query), client(), asked, remembered, SCOPES) is needed


@pytest.mark.parametrize("query", ["", "prompt=consent"])
def test_a_first_party_client_is_never_asked_about(query: str) -> None:
    assert not policy.needs_consent(request(query), client(first_party=True), {READ}, set(), SCOPES)


def test_permissions_stand_where_they_count() -> None:
    wanted = replace(request("scope=openid+read+purge"), resources=(NOTES.identifier, ANYTHING.identifier))
    groups = policy.permissions(wanted, (NOTES, ANYTHING), SCOPES)
    assert groups == ((NOTES, ("read",)), (ANYTHING, ("read", "purge")), (None, ("openid",)))
    assert policy.asked_permissions(groups) == {
        (NOTES.identifier, "read"),
        (NOTES.identifier, ""),
        (ANYTHING.identifier, "read"),
        (ANYTHING.identifier, "purge"),
        (ANYTHING.identifier, ""),
        ("", "openid"),
    }


def test_without_anything_left_there_is_no_group_of_the_tenant() -> None:
    wanted = replace(request("scope=read"), resources=(NOTES.identifier,))
    assert policy.permissions(wanted, (NOTES, ANYTHING), SCOPES) == ((NOTES, ("read",)),)


def test_required_scopes_are_granted_and_optional_ones_only_when_ticked() -> None:
    wanted = request("scope=openid+read+write+unknown")
    assert policy.granted_scope(wanted, SCOPES, frozenset()) == ("openid", "read", "unknown")
    assert policy.granted_scope(wanted, SCOPES, frozenset({"write"})) == ("openid", "read", "write", "unknown")
