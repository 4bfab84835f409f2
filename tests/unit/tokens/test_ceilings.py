"""What a client may have, and what it gets when it names nothing."""

from __future__ import annotations

import pytest

from server.clients import Client, ClientSource, new_client
from server.kernel import ids
from server.protocol.client_metadata import parse_client_metadata
from server.protocol.errors import InvalidScope
from server.resources import Resource
from server.scopes import Scope
from server.scopes.records import IDENTITY
from server.tenants import Origin
from server.tokens import checked_scope, default_scope, permitted_scope

KNOWN = {
    scope.name: scope
    for scope in (
        *IDENTITY,
        Scope("notes:read", "Read"),
        Scope("notes:write", "Write", dynamic=False),
        Scope("notes:purge", "Purge", sensitive=True, dynamic=False),
        Scope("notes:share", "Share", sensitive=True),
    )
}
NOTES = Resource(ids.uuid7(), "https://notes.test/", "Notes", ("notes:read", "notes:share"))


def client(scope: str, source: ClientSource = ClientSource.ADMIN, *, refresh: bool = True) -> Client:
    grant_types = ["authorization_code", "refresh_token"] if refresh else ["authorization_code"]
    metadata = parse_client_metadata(
        {"redirect_uris": ["https://app.test/cb"], "scope": scope, "grant_types": grant_types}, drop_private_use=True
    )
    return new_client(ids.uuid7(), "app", metadata, source=source, origin=Origin.MANIFEST, scope=metadata.scope, now=0)


def test_scope_of_a_registered_client_is_its_ceiling() -> None:
    app = client("openid notes:write notes:purge gone")
    assert permitted_scope(app, KNOWN) == {"openid", "notes:write", "notes:purge", "offline_access"}
    with pytest.raises(InvalidScope):
        checked_scope(("openid", "notes:read"), app, KNOWN)


@pytest.mark.parametrize("source", [ClientSource.DYNAMIC, ClientSource.METADATA_DOCUMENT])
def test_ceiling_of_other_clients_is_what_the_tenant_leaves_to_them(source: ClientSource) -> None:
    app = client("notes:write", source)
    assert "notes:read" in permitted_scope(app, KNOWN)
    assert checked_scope(("openid", "notes:read"), app, KNOWN) == ("openid", "notes:read")
    for name in ("notes:write", "notes:purge", "unknown"):
        with pytest.raises(InvalidScope):
            checked_scope((name,), app, KNOWN)


def test_offline_access_comes_with_the_refresh_grant() -> None:
    assert "offline_access" in checked_scope(("openid", "offline_access"), client("openid"), KNOWN)
    assert checked_scope(("openid", "offline_access"), client("openid", refresh=False), KNOWN) == ("openid",)
    dynamic = client("openid", ClientSource.DYNAMIC, refresh=False)
    assert "offline_access" not in permitted_scope(dynamic, KNOWN)


def test_default_is_what_the_client_registered_within_its_ceiling() -> None:
    assert default_scope(client("openid notes:read gone"), KNOWN, ()) == ("openid", "notes:read")
    dynamic = client("notes:read notes:write", ClientSource.DYNAMIC)
    assert default_scope(dynamic, KNOWN, (NOTES,)) == ("notes:read",)


def test_client_that_registered_no_scope_gets_what_its_resources_list() -> None:
    dynamic = client("", ClientSource.DYNAMIC)
    assert default_scope(dynamic, KNOWN, (NOTES,)) == ("notes:read",)
    assert default_scope(dynamic, KNOWN, ()) == ()


def test_sensitive_scope_has_to_be_named() -> None:
    app = client("notes:read notes:purge")
    assert default_scope(app, KNOWN, ()) == ("notes:read",)
    assert checked_scope(("notes:purge",), app, KNOWN) == ("notes:purge",)
