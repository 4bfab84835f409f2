"""What an access token is good for."""

from __future__ import annotations

import pytest

from server.kernel import ids
from server.protocol.errors import InvalidTarget
from server.resources import Resource, TokenFormat
from server.scopes import Scope
from server.scopes.records import IDENTITY
from server.tokens.entitlements import entitlement, granted_resources

ISSUER = "https://id.test/t/acme"
KNOWN = {scope.name: scope for scope in (*IDENTITY, Scope("notes:read", ""), Scope("files:read", ""))}
NOTES = Resource(ids.uuid7(), "https://notes.test/mcp", "Notes", ("notes:read",))
ANY = Resource(ids.uuid7(), "https://any.test/", "Any")
OPAQUE = Resource(ids.uuid7(), "https://opaque.test/", "Opaque", token_format=TokenFormat.OPAQUE)
SCOPE = ("openid", "profile", "notes:read", "files:read", "offline_access", "gone")


def test_token_without_resource_is_for_the_issuer_with_the_whole_scope() -> None:
    made = entitlement(ISSUER, SCOPE, (), KNOWN)
    assert (made.audience, made.scope, made.token_format) == ((ISSUER,), SCOPE, TokenFormat.JWT)


@pytest.mark.rfc("8707", "2.2")
def test_token_for_a_resource_carries_what_belongs_to_it() -> None:
    made = entitlement(ISSUER, SCOPE, (NOTES,), KNOWN)
    assert (made.audience, made.scope) == (("https://notes.test/mcp",), ("notes:read",))


def test_resource_without_scopes_takes_all_that_say_nothing_about_the_person() -> None:
    assert entitlement(ISSUER, SCOPE, (ANY,), KNOWN).scope == ("notes:read", "files:read")


def test_token_for_several_resources_is_opaque_as_soon_as_one_of_them_wants_that() -> None:
    assert entitlement(ISSUER, SCOPE, (NOTES, ANY), KNOWN).token_format is TokenFormat.JWT
    made = entitlement(ISSUER, SCOPE, (NOTES, OPAQUE), KNOWN)
    assert made.token_format is TokenFormat.OPAQUE
    assert made.audience == (NOTES.identifier, OPAQUE.identifier)


@pytest.mark.rfc("8707", "2.2")
def test_request_may_name_some_of_the_granted_resources() -> None:
    granted = ("https://a.test/", "https://b.test/mcp")
    assert granted_resources(granted, ()) == granted
    assert granted_resources(granted, ("https://b.test/mcp",)) == ("https://b.test/mcp",)
    assert granted_resources(granted, ("https://b.test/mcp", "https://A.test")) == (granted[1], granted[0])
    assert granted_resources(granted, ("https://a.test", "https://a.test/")) == ("https://a.test/",)


@pytest.mark.rfc("8707", "2")
def test_resource_that_was_not_granted_is_no_target() -> None:
    for granted in ((), ("https://a.test/",)):
        with pytest.raises(InvalidTarget):
            granted_resources(granted, ("https://c.test/",))
