"""Groups by the API: made, changed by one of two, filled, emptied and removed."""

from __future__ import annotations

from tests.api.conftest import Platform
from tests.api.test_nouns import events

GROUPS = "/tenants/acme/groups"


async def test_group_is_made_changed_and_removed(platform: Platform) -> None:
    new = {"name": "Editors in chief", "description": "Whoever decides", "roles": ["editor"]}
    made = await platform.call("POST", GROUPS, new, caller="user-manager", idempotency_key="one")
    again = await platform.call("POST", GROUPS, new, caller="user-manager", idempotency_key="one")
    path = f"{GROUPS}/{made.json()['id']}"
    assert (made.status_code, made.headers["location"]) == (201, f"/api/v1{path}")
    assert again.json() == made.json() == new | {"id": made.json()["id"], "origin": "console"}
    assert (await platform.call("POST", GROUPS, new)).json()["type"] == "urn:latchkey:problem:already_exists"
    for wrong in ({"name": " a"}, {"name": "a", "roles": ["chief"]}, {"name": "a", "description": "\u202e"}):
        assert (await platform.call("POST", GROUPS, wrong)).status_code == 422, wrong
    assert (await platform.call("PUT", path, {"name": "Chiefs"})).status_code == 428
    changed = await platform.call("PUT", path, {"name": "Chiefs"}, if_match=made.headers["etag"])
    assert (changed.json()["name"], changed.json()["roles"]) == ("Chiefs", [])
    late = await platform.call("PUT", path, {"name": "Others"}, if_match=made.headers["etag"])
    assert (late.status_code, late.json()["current"]["name"]) == (412, "Chiefs")
    (recorded,) = await events(platform, "group.updated")
    assert recorded["changes"] == {
        "name": ["Editors in chief", "Chiefs"],
        "description": ["Whoever decides", ""],
        "roles": [["editor"], []],
    }
    assert (await platform.call("DELETE", path, if_match=made.headers["etag"])).status_code == 412
    assert (await platform.call("DELETE", path, if_match=changed.headers["etag"])).status_code == 204
    assert (await platform.call("GET", path)).status_code == 404


async def test_people_are_put_in_and_taken_out(platform: Platform) -> None:
    staff = await platform.one(GROUPS, name="Staff & friends")
    bob = await platform.one("/tenants/acme/users", username="bob")
    members, one = f"{GROUPS}/{staff['id']}/members", f"{GROUPS}/{staff['id']}/members/{bob['id']}"
    for _ in range(2):
        assert (await platform.call("PUT", one, caller="user-manager")).status_code == 204
    page = (await platform.call("GET", f"{members}?limit=1")).json()
    rest = (await platform.call("GET", f"{members}?limit=1&cursor={page['next']}")).json()
    assert [found["username"] for found in (*page["items"], *rest["items"])] == ["ada", "bob"]
    assert (await platform.one(f"{GROUPS}?search=FRIENDS&member={bob['id']}&role=editor"))["members"] == 2
    listed = (await platform.call("GET", f"/tenants/acme/users?group={staff['id']}")).json()["items"]
    assert len(listed) == 2
    for _ in range(2):
        assert (await platform.call("DELETE", one)).status_code == 204
    assert (await platform.call("GET", f"{GROUPS}?member={bob['id']}")).json()["items"] == []
    named = {"group_id": staff["id"], "name": "Staff & friends"}
    assert (await events(platform, "group.member_added"))[-1] == named
    assert await events(platform, "group.member_removed") == [named]
    assert (await platform.call("PUT", f"{members}/{staff['id']}")).status_code == 404
    assert (await platform.call("PUT", f"{GROUPS}/{bob['id']}/members/{bob['id']}")).status_code == 404
    assert (await platform.call("POST", "/tenants/system/groups", {"name": "Chiefs"})).status_code == 409
