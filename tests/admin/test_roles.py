"""Roles in the console: made, renamed by two people at once, given to several, removed."""

from __future__ import annotations

import re

import pytest

from server import roles, users
from server.kernel import ids
from tests.admin.conftest import Platform
from tests.admin.test_clients import fields_of
from web.admin.roles import forms

ROLES = "/admin/t/acme/roles"


async def role_path(platform: Platform, name: str = "editor") -> str:
    """The path of a role's pages."""
    found = next(role for role in await roles.list_roles(platform.acme.id) if role.name == name)
    return f"{ROLES}/{ids.to_short(found.id)}"


async def holders(platform: Platform, name: str) -> set[str]:
    """Who has a role."""
    assigned = await roles.list_assignments(platform.acme.id)
    people = [await users.find(platform.acme.id, user_id) for user_id, names in assigned.items() if name in names]
    return {person.username for person in people if person}


async def test_role_is_made_and_given_to_several(platform: Platform) -> None:
    manager = await platform.signed_in("user-manager")
    refused = await manager.post(f"{ROLES}/new", {"name": "no role", "description": "Writes"})
    assert (refused.status_code, 'value="Writes"' in refused.text) == (422, True)
    taken = await manager.post(f"{ROLES}/new", {"name": "editor"})
    assert (taken.status_code, "This is taken already." in taken.text) == (422, True)
    made = await manager.post(f"{ROLES}/new", {"name": "author", "description": "Writes"})
    path = await role_path(platform, "author")
    assert made.headers["location"] == f"{path}/people"
    assert "Nobody was given this role" in (await manager.get(f"{path}/people")).text
    assert (await manager.post(f"{path}/people/give", {"people": " "})).status_code == 422
    preview = await manager.post(f"{path}/people/give", {"people": "ADA\nbob@acme.test, nobody ada"})
    assert "This would happen to 2." in preview.text
    assert "nobody is called like that" in preview.text
    assert await holders(platform, "author") == set()
    chosen = fields_of(preview, "/run")
    assert (await manager.post(f"{path}/people/run", chosen)).status_code == 303
    assert await holders(platform, "author") == {"ada", "bob"}
    assert re.search(r'author</bdi></a></th>\s.*Writes.*\s.*/people">2</a>', (await manager.get(ROLES)).text)
    counted = re.compile(rf'{await role_path(platform)}/people">1</a></td>\s*<td><a href="[^"]+">1</a>')
    assert counted.search((await manager.get(ROLES)).text)
    found = (await manager.get(ROLES, q="WRIT")).text
    assert ("author</bdi>" in found, "editor</bdi>" in found) == (True, False)
    assert "No role fits." in (await manager.get(ROLES, q="nothing")).text
    again = await manager.post(f"{path}/people/run", chosen)
    assert again.text.count("has it already") == 2


async def test_roles_beyond_those_on_offer_are_kept(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    manager = await platform.signed_in("user-manager")
    await manager.post(f"{ROLES}/new", {"name": "author"})
    monkeypatch.setattr(forms, "MAX_LIMIT", 1)
    ada = await users.find_by_identifier(platform.acme.id, "ada")
    assert ada is not None
    path = f"/admin/t/acme/users/{ids.to_short(ada.id)}/roles"
    page = await manager.get(path)
    assert re.findall(r'name="roles" value="(\w+)"( checked)?', page.text) == [("author", ""), ("editor", " checked")]
    assert (await manager.post(path, {"roles": ["author", "editor"]})).status_code == 303
    assert await roles.roles_of(platform.acme.id, ada.id) == ("author", "editor")


async def test_role_is_taken_from_several(platform: Platform) -> None:
    manager = await platform.signed_in("user-manager")
    path = await role_path(platform)
    ticked = re.findall(r'name="selected" value="([^"]+)"', (await manager.get(f"{path}/people", q="love")).text)
    bob = await users.find_by_identifier(platform.acme.id, "bob")
    assert bob is not None
    gone, chosen = ids.to_short(ids.uuid7()), [*ticked, ids.to_short(bob.id)]
    preview = await manager.post(f"{path}/people/take", {"selected": [*chosen, gone]})
    assert ("This would happen to 1." in preview.text, "does not have it" in preview.text) == (True, True)
    done = await manager.post(f"{path}/people/run", {"act": "take", "selected": [*chosen, gone]})
    assert ("Done for 1." in done.text, "is gone" in done.text) == (True, True)
    assert await holders(platform, "editor") == set()
    assert (await manager.post(f"{path}/people/take")).status_code == 303
    assert (await manager.post(f"{path}/people/run", {"act": "nonsense"})).status_code == 404


async def test_role_is_renamed_by_one_of_two_and_removed_by_name(platform: Platform) -> None:
    manager, owner = await platform.signed_in("user-manager"), await platform.signed_in("owner")
    path = await role_path(platform)
    typed = fields_of(await manager.get(path), path)
    theirs = typed | {"name": "redactor", "csrf": owner.csrf}
    assert (await owner.post(path, theirs)).status_code == 303
    conflict = await manager.post(path, typed | {"name": "chief"})
    assert (conflict.status_code, "redactor" in conflict.text, "chief" in conflict.text) == (409, True, True)
    assert "role.updated" in (await manager.get(path)).text
    assert await holders(platform, "redactor") == {"ada"}
    await manager.post(f"{ROLES}/new", {"name": "chief"})
    typed = fields_of(await manager.get(path), path)
    taken = await manager.post(path, typed | {"name": "chief"})
    assert (taken.status_code, "This is taken already." in taken.text) == (422, True)
    wrong = await manager.post(f"{path}/remove", {"confirmation": "editor"})
    assert (wrong.status_code, "This is not the name." in wrong.text) == (422, True)
    assert (await manager.post(f"{path}/remove", {"confirmation": "redactor"})).status_code == 303
    assert (await manager.get(path)).status_code == 404
