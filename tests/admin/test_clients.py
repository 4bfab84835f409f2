"""Clients in the console: created by kind, changed by two people at once, tried, evaluated, removed."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qsl, urlsplit

import httpx2

from server import clients
from server.kernel import ids
from tests.admin.conftest import PASSWORD, SAME_ORIGIN, Administrator, Platform
from tests.support.forms import read_document

# What stands in the lists to choose from.
SELECTED: dict[str, object] = {
    "token_endpoint_auth_method": "client_secret_basic",
    "id_token_signed_response_alg": "RS256",
}


def fields_of(page: httpx2.Response, action: str = "") -> dict[str, object]:
    """The form of a page that is sent there, as it stands; without an action the one sent to the page itself."""
    forms = [form for form in read_document(page.text).forms if form.method == "post"]
    form = next(form for form in forms if (form.action.endswith(action) if action else not form.action))
    found: dict[str, object] = {}
    for name, value in form.filled():
        held = found.get(name)
        found[name] = value if held is None else [*(held if isinstance(held, list) else [held]), value]
    return found


async def webapp(platform: Platform) -> str:
    """The path of a client's pages."""
    client = await clients.find(platform.acme.id, "webapp")
    assert client is not None
    return f"/admin/t/acme/clients/{ids.to_short(client.id)}"


async def create(administrator: Administrator, kind: str, **fields: object) -> httpx2.Response:
    """Create a client by its form."""
    return await administrator.post(f"/admin/t/acme/clients/new/{kind}", {"client_name": "Notes", **fields})


async def test_secret_is_shown_once(platform: Platform) -> None:
    manager = await platform.signed_in("client-manager")
    made = await create(manager, "web", redirect_uris="https://app.acme.test/cb", client_id="notes", scope=["openid"])
    assert made.status_code == 303
    page = await manager.get(made.headers["location"])
    (secret,) = re.findall(r'class="fresh".*?data-copy="([^"]+)"', page.text, re.DOTALL)
    client = await clients.find(platform.acme.id, "notes")
    assert client is not None
    assert clients.has_secret(client, [secret], client.created_at + 1)
    assert secret not in (await manager.get(made.headers["location"])).text


async def test_refused_form_keeps_what_was_typed(platform: Platform) -> None:
    manager = await platform.signed_in("client-manager")
    page = await create(manager, "native", redirect_uris="https://good.test/cb\nno uri", client_id="my-id")
    assert page.status_code == 422
    assert 'aria-invalid="true" aria-describedby="redirect_uris-error redirect_uris-help"' in page.text
    assert "The second line is no redirect URI" in page.text
    assert 'value="my-id"' in page.text
    assert "no uri</textarea>" in page.text
    taken = await create(manager, "native", redirect_uris="http://127.0.0.1/cb", client_id="webapp")
    assert (taken.status_code, "This is taken already." in taken.text) == (422, True)


async def test_settings_are_saved_and_told(platform: Platform) -> None:
    manager = await platform.signed_in("client-manager")
    path = await webapp(platform)
    typed = SELECTED | fields_of(await manager.get(f"{path}/settings"))
    typed |= {"client_name": "Renamed", "contacts": "dev@acme.test"}
    saved = await manager.post(f"{path}/settings", typed)
    assert saved.status_code == 303
    page = await manager.get(path)
    assert "Renamed" in page.text
    assert "Saved." in page.text
    assert "client.updated" in page.text
    assert "Saved." not in (await manager.get(path)).text


async def test_second_of_two_administrators_sees_both_versions(platform: Platform) -> None:
    first, second = await platform.signed_in("client-manager"), await platform.signed_in("owner")
    path = f"{await webapp(platform)}/settings"
    typed = SELECTED | fields_of(await first.get(path))
    assert (await second.post(path, typed | {"client_name": "Theirs", "csrf": second.csrf})).status_code == 303
    conflict = await first.post(path, typed | {"client_name": "Mine"})
    assert (conflict.status_code, read_document(conflict.text).error) == (409, "conflict")
    assert "Theirs" in conflict.text
    assert "Mine" in conflict.text
    over = fields_of(conflict, "/settings")
    assert (await first.post(path, over)).status_code == 303
    assert "Mine" in (await first.get(path)).text


async def test_removal_is_confirmed_by_name(platform: Platform) -> None:
    manager = await platform.signed_in("client-manager")
    path = await webapp(platform)
    refused = await manager.post(f"{path}/remove", {"confirmation": "web"})
    assert (refused.status_code, "This is not the name." in refused.text) == (422, True)
    assert (await manager.post(f"{path}/remove", {"confirmation": "webapp"})).status_code == 303
    assert await clients.find(platform.acme.id, "webapp") is None


async def test_two_secrets_live_at_once_and_no_third(platform: Platform) -> None:
    manager = await platform.signed_in("client-manager")
    path = await webapp(platform)
    assert "fresh=" in (await manager.post(f"{path}/secrets")).headers["location"]
    assert "fresh=" not in (await manager.post(f"{path}/secrets")).headers["location"]
    page = await manager.get(f"{path}/credentials")
    assert "Add a secret" not in page.text
    (first, *_) = re.findall(r'action="([^"]+/remove)"', page.text)
    assert (await manager.post(first)).status_code == 303
    client = await clients.find(platform.acme.id, "webapp")
    assert client is not None
    assert len(client.secrets) == 1


async def test_trying_a_client_ends_in_tokens(platform: Platform) -> None:
    owner = await platform.signed_in("owner")
    path = f"{await webapp(platform)}/try"
    page = await owner.get(path, sent="y", scope="openid")
    (link,) = re.findall(r'<a class="button button--accent" href="([^"]+)"', page.text)
    bob = platform.browser("bob")
    answer = await bob.follow(await bob.get(html.unescape(link)))
    typed = dict(read_document(answer.text).form("login").hidden()) | {"username": "bob", "password": PASSWORD}
    answer = await bob.follow(await bob.http.post(str(answer.url), data=typed, headers=SAME_ORIGIN))
    typed = dict(read_document(answer.text).form("consent").hidden()) | {"decision": "allow"}
    answer = await bob.http.post(str(answer.url), data=typed, headers=SAME_ORIGIN)
    address = answer.headers["location"]
    assert address.startswith("https://app.acme.test/callback?")
    stranger = await platform.signed_in("tenant-admin")
    foreign = await stranger.post(path, {"address": address})
    assert (foreign.status_code, "This address belongs to another try" in foreign.text) == (422, True)
    done = await owner.post(path, {"address": address})
    assert done.status_code == 303
    page = await owner.get(done.headers["location"])
    assert "&#34;sub&#34;" in page.text
    assert "ID token" in page.text
    again = await owner.post(path, {"address": address})
    assert (again.status_code, "The code was refused" in again.text) == (422, True)
    none = await owner.post(path, {"address": "https://app.acme.test/callback"})
    assert "There is no code in this address." in none.text
    assert dict(parse_qsl(urlsplit(address).query))["code"]


async def test_evaluation_says_what_would_be_asked(platform: Platform) -> None:
    auditor = await platform.signed_in("auditor")
    path = f"{await webapp(platform)}/evaluate"
    page = await auditor.get(
        f"{path}?sent=y&person=ada&scope=openid&scope=profile&scope=notes:read&resource=https://api.acme.test/"
    )
    assert "The person would be asked for consent." in page.text
    assert "Ada Lovelace" in page.text
    assert "https://api.acme.test/" in page.text
    nobody = await auditor.get(path, sent="y", person="nobody")
    assert (nobody.status_code, "There is nobody of this name." in nobody.text) == (422, True)
    assert "Choose a person" in (await auditor.get(path)).text
