"""Scopes and resources in the console: defined, changed by two people at once, removed."""

from __future__ import annotations

from server import resources, scopes
from server.kernel import ids
from tests.admin.conftest import Platform
from tests.admin.test_clients import fields_of
from web.admin.scopes.contexts import segment_of

SCOPES, RESOURCES = "/admin/t/acme/scopes", "/admin/t/acme/resources"


async def test_scope_is_defined_changed_and_removed(platform: Platform) -> None:
    manager, owner = await platform.signed_in("client-manager"), await platform.signed_in("owner")
    typed = {"name": "https://acme.test/notes", "description": "Change your notes", "sensitive": "y"}
    made = await manager.post(f"{SCOPES}/new", typed)
    path = made.headers["location"]
    page = await manager.get(path)
    assert (made.status_code, "Created." in page.text, "scope.created" in page.text) == (303, True, True)
    fields = fields_of(page, path) | {"description": "Mine"}
    assert (await owner.post(path, fields | {"description": "Theirs", "csrf": owner.csrf})).status_code == 303
    conflict = await manager.post(path, fields)
    assert (conflict.status_code, "Theirs" in conflict.text, "Mine" in conflict.text) == (409, True, True)
    assert (await manager.post(f"{path}/remove", {"confirmation": "notes"})).status_code == 422
    assert (await manager.post(f"{path}/remove", {"confirmation": typed["name"]})).status_code == 303
    assert typed["name"] not in await scopes.list_scopes(platform.acme.id)


async def test_refused_scope_keeps_what_was_typed(platform: Platform) -> None:
    manager = await platform.signed_in("client-manager")
    for name, error in (
        ("two words", "without blanks"),
        ("profile", "OpenID Connect defines this one"),
        ("notes:read", "This is taken already."),
    ):
        page = await manager.post(f"{SCOPES}/new", {"name": name, "description": "A sentence of mine"})
        assert (page.status_code, error in page.text, "A sentence of mine" in page.text) == (422, True, True)


async def test_scope_says_who_has_it_and_what_openid_brings(platform: Platform) -> None:
    auditor = await platform.signed_in("auditor")
    page = await auditor.get(f"{SCOPES}/{segment_of('notes:read')}")
    assert all(text in page.text for text in ("Web application", "Read your notes", "/admin/t/acme/resources/"))
    listed = await auditor.get(SCOPES, q="your notes")
    assert "notes:read" in listed.text
    assert "email_verified" in listed.text
    assert "Nothing found" in (await auditor.get(SCOPES, q="nothing is called like that")).text
    assert (await auditor.get(f"{SCOPES}/{segment_of('profile')}")).status_code == 404
    assert (await auditor.get(f"{SCOPES}/{segment_of('ünlauter')}")).status_code == 404


async def test_resource_is_defined_changed_and_removed(platform: Platform) -> None:
    manager = await platform.signed_in("client-manager")
    typed = {"identifier": "https://mcp.acme.test/tools", "display_name": "Tools", "token_format": "opaque"}
    made = await manager.post(f"{RESOURCES}/new", typed | {"scopes": ["notes:read"]})
    path = made.headers["location"]
    fields = fields_of(await manager.get(path), path) | {"introspection_clients": "webapp\nwebapp"}
    assert (await manager.post(path, fields)).status_code == 303
    (found,) = [one for one in await resources.list_resources(platform.acme.id) if one.display_name == "Tools"]
    assert (found.scopes, found.introspection_clients) == (("notes:read",), ("webapp",))
    assert path.endswith(ids.to_short(found.id))
    conflict = await manager.post(path, fields | {"display_name": "Hammers"})
    assert (conflict.status_code, "Hammers" in conflict.text) == (409, True)
    assert (await manager.post(f"{path}/remove", {"confirmation": "Tools"})).status_code == 422
    assert (await manager.post(f"{path}/remove", {"confirmation": found.identifier})).status_code == 303
    assert "No resource fits" in (await manager.get(RESOURCES, q="tools")).text


async def test_refused_resource_blames_its_address(platform: Platform) -> None:
    manager = await platform.signed_in("client-manager")
    for identifier in ("notes", "https://api.acme.test/#part", "https://API.acme.test/", platform.acme.issuer):
        typed = {"identifier": identifier, "display_name": "Kept", "token_format": "jwt"}
        page = await manager.post(f"{RESOURCES}/new", typed)
        assert (page.status_code, 'id="identifier-error"' in page.text, "Kept" in page.text) == (422, True, True)
