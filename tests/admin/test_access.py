"""Sessions and consents of a whole tenant: found, previewed, ended, and what is skipped is said."""

from __future__ import annotations

import re
from uuid import UUID

from server import clients, grants, sessions, users
from server.kernel import clock, database, ids, logs
from server.kernel.clock import DAY, HOUR
from server.kernel.paging import Paging
from server.projections import AccessFilter, list_sessions
from tests.admin.conftest import Platform
from web.devices import device_of

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SESSIONS, CONSENTS = "/admin/t/acme/sessions", "/admin/t/acme/consents"


async def signed_in(platform: Platform, name: str, address: str, user_agent: str) -> str:
    """A session of somebody, begun at an address with a browser; its id as pages write it."""
    user = await users.find_by_identifier(platform.acme.id, name)
    assert user is not None
    logs.begin_request("test", address, user_agent)
    session = sessions.begin(platform.acme.id, user.id, idle=HOUR, longest=DAY, now=clock.now())
    await database.write(sessions.new_row(platform.acme.id, session)[0])
    return ids.to_short(session.id)


async def allowed(platform: Platform, name: str) -> str:
    """What somebody allowed the web application, remembered; the two as pages write them."""
    tenant_id = platform.acme.id
    user, client = await users.find_by_identifier(tenant_id, name), await clients.find(tenant_id, "webapp")
    assert user is not None
    assert client is not None
    rows = grants.rows_of_consent(
        tenant_id, user.id, client.id, redirect_origin="https://app.acme.test", metadata_digest="d",
        permissions={("", "openid"), ("", "profile"), ("https://api.acme.test/", "notes:read")}, now=clock.now(),
    )  # fmt: skip
    await database.write(*rows)
    return f"{ids.to_short(user.id)}.{ids.to_short(client.id)}"


async def live(platform: Platform) -> set[UUID]:
    """The sessions of the tenant that last."""
    shown = AccessFilter(live_at=clock.now())
    return {line.id for line in (await list_sessions(platform.acme.id, shown, Paging())).items}


async def test_sessions_are_found_by_person_browser_and_address(platform: Platform) -> None:
    manager = await platform.signed_in("user-manager")
    assert "Nobody is signed in" in (await manager.get(SESSIONS)).text
    await signed_in(platform, "ada", "192.0.2.1", FIREFOX)
    await signed_in(platform, "bob", "2001:db8::1", "curl/8\0")
    page = (await manager.get(SESSIONS)).text
    assert re.findall(r"<bdi>(ada|bob)</bdi></a></th>\s+<td><bdi>(.+)</bdi></td><td>(.+?)</td>", page) == [
        ("bob", "curl/8", "2001:db8::1"),
        ("ada", "Firefox · Linux", "192.0.2.1"),
    ]
    for asked, found in (("LOVE", "ada"), ("firefox", "ada"), ("192.0.2.1", "ada"), ("2001:db8::1", "bob")):
        page = (await manager.get(SESSIONS, q=asked, since="1")).text
        assert re.findall(r"<bdi>(ada|bob)</bdi></a></th>", page) == [found], asked
    assert "Nothing found" in (await manager.get(SESSIONS, q="192.0.2.")).text
    auditor = await platform.signed_in("auditor")
    assert "<form method" not in (await auditor.get(SESSIONS)).text.partition('id="list"')[2]


async def test_sessions_end_one_or_several_or_all_that_fit(platform: Platform) -> None:
    manager = await platform.signed_in("user-manager")
    first, second, third = [await signed_in(platform, name, "192.0.2.1", FIREFOX) for name in ("ada", "bob", "ada")]
    one = await manager.post(f"{SESSIONS}/bulk", {"only": first, "selected": [second]})
    assert "This would happen to 1." in one.text
    assert "ada · Firefox · Linux · 192.0.2.1" in one.text
    assert len(await live(platform)) == 3
    assert (await manager.post(f"{SESSIONS}/bulk/run", {"selected": [first]})).status_code == 303
    gone = ids.to_short(ids.uuid7())
    several = await manager.post(f"{SESSIONS}/bulk", {"selected": [first, second, gone]})
    assert "This would happen to 1." in several.text
    assert ("is over already" in several.text, "is gone" in several.text) == (True, True)
    fitting = await manager.post(f"{SESSIONS}/bulk", {"act": "all", "q": "bob"})
    assert ("This would happen to 1." in fitting.text, 'name="confirmation"' in fitting.text) == (True, False)
    everything = await manager.post(f"{SESSIONS}/bulk", {"act": "all"})
    assert "This would happen to 2." in everything.text
    typed = {"act": "everything", "selected": [second, third, gone]}
    refused = await manager.post(f"{SESSIONS}/bulk/run", typed)
    assert (refused.status_code, "This is not the name." in refused.text) == (422, True)
    done = await manager.post(f"{SESSIONS}/bulk/run", typed | {"confirmation": "acme"})
    assert ("Done for 2." in done.text, done.text.count("is gone")) == (True, 1)
    assert await live(platform) == set()
    assert (await manager.post(f"{SESSIONS}/bulk", {"selected": ["nonsense"]})).status_code == 404


async def test_nobody_signs_themselves_out_with_everybody(platform: Platform) -> None:
    owner = await platform.signed_in("owner")
    await platform.signed_in("auditor")
    page = await owner.post("/admin/t/system/sessions/bulk", {"act": "all"})
    assert ("This would happen to 1." in page.text, page.text.count("is your own")) == (True, 1)


async def test_consents_are_found_and_revoked(platform: Platform) -> None:
    manager = await platform.signed_in("user-manager")
    assert "Nothing is remembered" in (await manager.get(CONSENTS)).text
    ada, bob = await allowed(platform, "ada"), await allowed(platform, "bob")
    page = (await manager.get(CONSENTS)).text
    assert page.count(f'value="{ada}"') == 2  # the tenant's own permissions, and those of the resource
    assert "openid profile" in page
    for query, found in (
        ({"q": "LOVE"}, {ada}),
        ({"q": "Web app", "since": "7"}, {ada, bob}),
        ({"resource": "https://api.acme.test/", "q": "bob@"}, {bob}),
        ({"resource": "-", "q": "nobody"}, set()),
    ):
        page = (await manager.get(CONSENTS, **query)).text
        assert set(re.findall(r'name="selected" value="([^"]+)"', page)) == found, query
    preview = await manager.post(f"{CONSENTS}/bulk", {"selected": [ada, ada]})
    assert "This would happen to 1." in preview.text
    assert "3 permissions are forgotten, 0 grants end" in preview.text
    assert (await manager.post(f"{CONSENTS}/bulk/run", {"selected": [ada]})).status_code == 303
    again = await manager.post(f"{CONSENTS}/bulk/run", {"selected": [ada, bob]})
    assert ("Done for 1." in again.text, "is gone" in again.text) == (True, True)
    assert "Nothing is remembered" in (await manager.get(CONSENTS)).text
    assert (await manager.post(f"{CONSENTS}/bulk", {"selected": ["nonsense"]})).status_code == 404
    assert (await manager.post(f"{CONSENTS}/bulk")).status_code == 303


def test_browsers_are_called_by_their_names() -> None:
    chrome = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36"
    for sent, name in (
        (FIREFOX, "Firefox · Linux"),
        (chrome, "Chrome · Android"),
        (f"{chrome} Edg/140.0", "Edge · Android"),
        ("Safari", "Safari"),
        ("curl/8", "curl/8"),
        (None, ""),
    ):
        assert device_of(sent) == name
