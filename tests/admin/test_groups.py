"""Groups in the console: made, filled and emptied from both ends, changed by two people at once, removed."""

from __future__ import annotations

import re

from server import roles, users
from server.kernel import ids
from tests.admin.conftest import Platform
from tests.admin.test_clients import fields_of
from tests.admin.test_roles import role_path

GROUPS = "/admin/t/acme/groups"


async def group_path(platform: Platform, name: str = "Staff & friends") -> str:
    """The path of a group's pages."""
    found = next(group for group in await roles.list_groups(platform.acme.id) if group.name == name)
    return f"{GROUPS}/{ids.to_short(found.id)}"


async def members(platform: Platform, name: str = "Staff & friends") -> set[str]:
    """Who is in a group."""
    listed = await roles.list_groups_by_person(platform.acme.id)
    people = [await users.find(platform.acme.id, user_id) for user_id, names in listed.items() if name in names]
    return {person.username for person in people if person}


async def test_group_is_made_filled_and_emptied(platform: Platform) -> None:
    manager = await platform.signed_in("user-manager")
    refused = await manager.post(f"{GROUPS}/new", {"name": "a\u202eb", "description": "Writes", "roles": ["editor"]})
    assert (refused.status_code, 'value="Writes"' in refused.text) == (422, True)
    assert "This has characters that cannot be shown." in refused.text
    nameless = await manager.post(f"{GROUPS}/new", {"name": "  ", "description": "Writes"})
    assert (nameless.status_code, "Enter a name." in nameless.text) == (422, True)
    taken = await manager.post(f"{GROUPS}/new", {"name": " Staff &  friends "})
    assert (taken.status_code, "This is taken already." in taken.text) == (422, True)
    writers = {"name": "100 % Böll", "description": "Writes", "roles": ["editor", "editor"]}
    made = await manager.post(f"{GROUPS}/new", writers)
    path = await group_path(platform, "100 % Böll")
    assert made.headers["location"] == f"{path}/members"
    assert "Nobody is in this group" in (await manager.get(f"{path}/members")).text
    assert (await manager.post(f"{path}/members/add", {"people": " "})).status_code == 422
    preview = await manager.post(f"{path}/members/add", {"people": "ADA\nbob@acme.test, nobody"})
    assert ("This would happen to 2." in preview.text, "nobody is called like that" in preview.text) == (True, True)
    chosen = fields_of(preview, "/run")
    assert (await manager.post(f"{path}/members/run", chosen)).status_code == 303
    assert await members(platform, "100 % Böll") == {"ada", "bob"}
    again = await manager.post(f"{path}/members/run", chosen)
    assert again.text.count("is in it already") == 2
    listed = (await manager.get(GROUPS, q="writes")).text
    assert ("editor</span>" in listed, '/members">2</a>' in listed, "Staff" in listed) == (True, True, False)
    ticked = re.findall(r'name="selected" value="([^"]+)"', (await manager.get(f"{path}/members", q="love")).text)
    preview = await manager.post(f"{path}/members/remove", {"selected": ticked})
    assert (await manager.post(f"{path}/members/run", fields_of(preview, "/run"))).status_code == 303
    assert await members(platform, "100 % Böll") == {"bob"}


async def test_person_is_put_into_groups_and_has_their_roles(platform: Platform) -> None:
    manager = await platform.signed_in("user-manager")
    bob = await users.find_by_identifier(platform.acme.id, "bob")
    assert bob is not None
    path = f"/admin/t/acme/users/{ids.to_short(bob.id)}"
    assert "In no group" in (await manager.get(f"{path}/groups")).text
    for typed in ("", "Staff & friends\nNobody"):
        refused = await manager.post(f"{path}/groups/join", {"groups": typed})
        assert (refused.status_code, "row__error" in refused.text) == (422, True)
    assert await members(platform) == {"ada"}
    assert (await manager.post(f"{path}/groups/join", {"groups": "Staff & friends"})).status_code == 303
    assert await members(platform) == {"ada", "bob"}
    assert "By their groups they also have:" in (await manager.get(f"{path}/roles")).text
    ticked = re.findall(r'name="selected" value="([^"]+)"', (await manager.get(f"{path}/groups")).text)
    assert (await manager.post(f"{path}/groups/leave", {"selected": ticked})).status_code == 303
    assert await members(platform) == {"ada"}
    assert "By their groups" not in (await manager.get(f"{path}/roles")).text


async def test_group_is_changed_by_one_of_two_and_removed_by_name(platform: Platform) -> None:
    manager, owner = await platform.signed_in("user-manager"), await platform.signed_in("owner")
    path = await group_path(platform)
    typed = fields_of(await manager.get(path), path)
    assert typed["roles"] == "editor"
    assert f'<a href="{path}"><bdi>Staff &amp; friends' in (await manager.get(await role_path(platform))).text
    theirs = typed | {"name": "Crew", "roles": [], "csrf": owner.csrf}
    assert (await owner.post(path, theirs)).status_code == 303
    assert "No group gives it." in (await manager.get(await role_path(platform))).text
    conflict = await manager.post(path, typed | {"name": "Chiefs"})
    assert (conflict.status_code, "Crew" in conflict.text, "Chiefs" in conflict.text) == (409, True, True)
    changed = (await manager.get(path)).text
    assert re.search(r"group.member_added</code>\s.*\s.*<bdi>ada</bdi>", changed)
    assert ("group.updated" in changed, "<del>Staff &amp; friends</del>" in changed) == (True, True)
    assert await members(platform, "Crew") == {"ada"}
    wrong = await manager.post(f"{path}/remove", {"confirmation": "Staff"})
    assert (wrong.status_code, "This is not the name." in wrong.text) == (422, True)
    assert (await manager.post(f"{path}/remove", {"confirmation": "Crew"})).status_code == 303
    assert (await manager.get(path)).status_code == 404
    auditor = await platform.signed_in("auditor")
    assert "There is no group" in (await auditor.get(GROUPS)).text
