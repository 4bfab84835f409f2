"""People in the console: made, changed, imported, many at once."""

from __future__ import annotations

import re

from server import credentials, roles, users
from server.kernel import ids
from server.roles import Affiliations
from tests.admin.conftest import Platform
from tests.admin.test_clients import fields_of


async def ada(platform: Platform) -> str:
    """The path of a person's pages."""
    user = await users.find_by_identifier(platform.acme.id, "ada")
    assert user is not None
    return f"/admin/t/acme/users/{ids.to_short(user.id)}"


async def test_made_up_password_is_shown_once(platform: Platform) -> None:
    manager = await platform.signed_in("user-manager")
    typed = {"username": "carol", "how": "made-up", "roles": ["editor"], "groups": "Staff & friends\r\n"}
    made = await manager.post("/admin/t/acme/users/new", typed)
    page = await manager.get(made.headers["location"])
    assert re.findall(r'class="fresh".*?data-copy="([^"]+)"', page.text, re.DOTALL)
    assert not re.findall('class="fresh"', (await manager.get(made.headers["location"])).text)
    carol = await users.find_by_identifier(platform.acme.id, "carol")
    assert carol is not None
    assert await credentials.password_of(platform.acme.id, carol.id)
    assert await roles.affiliations_of(platform.acme.id, carol.id) == Affiliations(("editor",), ("Staff & friends",))


async def test_refused_person_keeps_what_was_typed(platform: Platform) -> None:
    manager = await platform.signed_in("user-manager")
    typed = {"username": "carol", "email": "nonsense", "how": "typed", "password": "2short", "name": "Carol"}
    page = await manager.post("/admin/t/acme/users/new", typed)
    assert page.status_code == 422
    assert "This is no email address." in page.text
    assert "Use at least 8 characters." in page.text
    assert 'value="Carol"' in page.text
    assert "2short" not in page.text
    taken = await manager.post("/admin/t/acme/users/new", {"username": "ADA", "how": "none"})
    assert (taken.status_code, "This is taken already." in taken.text) == (422, True)
    nowhere = await manager.post("/admin/t/acme/users/new", {"username": "carol", "how": "none", "groups": "Nobody"})
    assert (nowhere.status_code, "Not every line is the name of a group." in nowhere.text) == (422, True)
    assert await users.find_by_identifier(platform.acme.id, "carol") is None


async def test_profile_conflict_shows_both_versions(platform: Platform) -> None:
    manager, owner = await platform.signed_in("user-manager"), await platform.signed_in("owner")
    path = await ada(platform)
    typed = fields_of(await manager.get(path), path)
    assert (await owner.post(path, typed | {"name": "Theirs", "csrf": owner.csrf})).status_code == 303
    conflict = await manager.post(path, typed | {"name": "Mine"})
    assert conflict.status_code == 409
    assert "Theirs" in conflict.text


async def test_many_are_previewed_then_done(platform: Platform) -> None:
    manager = await platform.signed_in("user-manager")
    page = await manager.get("/admin/t/acme/users")
    ticked = re.findall(r'name="selected" value="([^"]+)"', page.text)
    assert len(ticked) == 2
    preview = await manager.post("/admin/t/acme/users/bulk", {"act": "disable", "selected": ticked})
    assert "This would happen to 2." in preview.text
    done = await manager.post("/admin/t/acme/users/bulk/run", {"act": "disable", "selected": ticked})
    assert done.status_code == 303
    again = await manager.post("/admin/t/acme/users/bulk", {"act": "disable", "selected": ticked})
    assert again.text.count("is so already") == 2
    refused = await manager.post("/admin/t/acme/users/bulk/run", {"act": "remove", "selected": ticked})
    assert refused.status_code == 422
    fields = {"act": "remove", "selected": ticked, "confirmation": "acme"}
    assert (await manager.post("/admin/t/acme/users/bulk/run", fields)).status_code == 303
    assert await users.find_by_identifier(platform.acme.id, "ada") is None


async def test_import_says_what_it_skips(platform: Platform) -> None:
    manager = await platform.signed_in("user-manager")
    text = "username,email,roles,groups\ncarol,carol@acme.test,editor,Staff &  friends; \nada,,,\ndan,nonsense,,\n"
    text += "carol,,,\neve,,chief,\nfay,,editor,Staff & friends;No <i>body</i>\n"
    preview = await manager.post("/admin/t/acme/users/import", {"people": text})
    assert "1 would be made." in preview.text
    for reason in (
        "is here already",
        "has no usable email address",
        "stands here twice",
        "has a role that is not defined: <bdi>chief</bdi>",
        "is in a group that there is not: <bdi>No &lt;i&gt;body&lt;/i&gt;</bdi>",
    ):
        assert reason in preview.text
    assert await users.find_by_identifier(platform.acme.id, "carol") is None
    done = await manager.post("/admin/t/acme/users/import", {"people": text, "seen": "y"})
    assert "1 were made." in done.text
    carol = await users.find_by_identifier(platform.acme.id, "carol")
    assert carol is not None
    assert await roles.affiliations_of(platform.acme.id, carol.id) == Affiliations(("editor",), ("Staff & friends",))
    refused = await manager.post("/admin/t/acme/users/import", {"people": "name\nx"})
    assert (refused.status_code, "The first line must name the columns" in refused.text) == (422, True)


async def test_disabled_person_is_enabled_again(platform: Platform) -> None:
    manager = await platform.signed_in("user-manager")
    path = await ada(platform)
    assert (await manager.post(f"{path}/enabled")).status_code == 303
    assert "Disabled." in (await manager.get(path)).text
    assert (await manager.post(f"{path}/enabled", {"enabled": "y"})).status_code == 303
    assert (await manager.post(f"{path}/sign-out")).status_code == 303
    assert (await manager.post(f"{path}/roles", {"roles": []})).status_code == 303
    assert (await manager.post(f"{path}/remove", {"confirmation": "ada"})).status_code == 303
