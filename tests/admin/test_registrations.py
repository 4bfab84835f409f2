"""Clients that nobody here registered, and the tokens with which strangers may register."""

from __future__ import annotations

import re

import httpx2

from server import clients
from server.clients import ClientState
from server.kernel import ids
from tests.admin.conftest import Platform
from tests.conftest import PUBLIC_URL


async def test_stranger_is_held_and_answered_for(platform: Platform, http: httpx2.AsyncClient) -> None:
    document = {"redirect_uris": ["https://stranger.test/cb"], "client_name": "Stranger"}
    client_id = (await http.post(f"{PUBLIC_URL}/t/acme/register", json=document)).json()["client_id"]
    client = await clients.find(platform.acme.id, client_id)
    assert client is not None
    manager = await platform.signed_in("client-manager")
    path = f"/admin/t/acme/clients/{ids.to_short(client.id)}"
    assert "Stranger" in (await manager.get("/admin/t/acme/clients/dynamic")).text
    for state in (ClientState.QUARANTINED, ClientState.PROMOTED):
        assert (await manager.post(f"{path}/state", {"state": state.value})).status_code == 303
        found = await clients.find(platform.acme.id, client_id)
        assert found is not None
        assert found.state is state
        if state is ClientState.QUARANTINED:
            assert "is held: decide about it." in (await manager.get("/admin/t/acme")).text
    assert "is held: decide about it." not in (await manager.get("/admin/t/acme")).text
    assert "answered for" in (await manager.get("/admin/t/acme/clients/dynamic")).text
    assert (await manager.post(f"{path}/state", {"state": "nonsense"})).status_code == 404


async def test_initial_access_token_is_shown_once_and_revoked(platform: Platform, http: httpx2.AsyncClient) -> None:
    manager = await platform.signed_in("client-manager")
    path = "/admin/t/acme/clients/tokens"
    refused = await manager.post(path, {"name": "Partner", "max_uses": "many", "days": "9999"})
    assert refused.status_code == 422
    assert 'value="many"' in refused.text
    assert "Enter a number within the bounds." in refused.text
    made = await manager.post(path, {"name": "Partner", "max_uses": "2", "days": "7"})
    page = await manager.get(made.headers["location"])
    (text,) = re.findall(r'class="fresh".*?data-copy="([^"]+)"', page.text, re.DOTALL)
    bearer = {"authorization": f"Bearer {text}"}
    document = {"redirect_uris": ["https://partner.test/cb"]}
    assert (await http.post(f"{PUBLIC_URL}/t/acme/register", json=document, headers=bearer)).status_code == 201
    (revoke,) = re.findall(r'action="([^"]+/revoke)"', page.text)
    assert (await manager.post(revoke)).status_code == 303
    refused = await http.post(f"{PUBLIC_URL}/t/acme/register", json=document, headers=bearer)
    assert refused.status_code == 401
