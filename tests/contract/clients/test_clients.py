"""Clients and their secrets as rows, in two tenants."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest

from server import clients
from server.clients import Client, ClientSource, TooManySecrets
from server.kernel import database, encryption, ids
from server.kernel.database import AlreadyExists
from server.protocol.client_metadata import parse_client_metadata
from server.tenants import Origin
from tests.issuing import NOW

pytestmark = pytest.mark.usefixtures("storage")

ACME, OTHER = ids.uuid7(), ids.uuid7()


async def make(
    tenant_id: UUID = ACME,
    client_id: str = "app",
    *,
    source: ClientSource = ClientSource.ADMIN,
    fingerprint: str | None = None,
) -> Client:
    metadata = parse_client_metadata(
        {
            "client_name": "The application",
            "redirect_uris": ["https://app.test/cb", "http://127.0.0.1/cb"],
            "token_endpoint_auth_method": "client_secret_basic",
            "contacts": ["ops@app.test"],
            "scope": "openid notes:read",
        },
        drop_private_use=False,
    )
    client = clients.new_client(
        tenant_id, client_id, metadata, source=source, origin=Origin.MANIFEST, scope=metadata.scope, now=NOW
    )
    await clients.create(tenant_id, client, fingerprint=fingerprint, now=NOW)
    return client


async def get(tenant_id: UUID = ACME, client_id: str = "app") -> Client:
    found = await clients.find(tenant_id, client_id)
    assert found is not None
    return found


async def test_client_comes_back_as_it_was_stored() -> None:
    client = await make()
    assert await get() == client
    assert await clients.find_by_pk(ACME, client.id) == client


async def test_clients_belong_to_one_tenant() -> None:
    acme, other = await make(), await make(OTHER)
    assert (await get()).id == acme.id
    assert (await get(OTHER)).id == other.id
    assert await clients.find_by_pk(OTHER, acme.id) is None
    assert not await clients.delete(OTHER, acme.id)
    with pytest.raises(AlreadyExists):
        await make()


@pytest.mark.parametrize("client_id", ["nobody", "", "a\x00b", "ä", "x" * 501])
async def test_strange_client_ids_are_nobodys(client_id: str) -> None:
    await make()
    assert await clients.find(ACME, client_id) is None


async def test_known_client_asks_the_database_nothing() -> None:
    client = await make()
    await clients.add_secret(ACME, client.id, now=NOW, secret="the secret")
    await get()
    with database.query_count() as count:
        assert clients.has_secret(await get(), ("the secret",), NOW)
        await clients.update(ACME, client, client, NOW)
    assert count.total == 0


async def test_changes_touch_one_tenant_and_are_seen_at_once() -> None:
    client, other = await make(), await make(OTHER)
    await get()
    metadata = replace(client.metadata, client_name="Another name")
    changed = replace(clients.with_metadata(client, metadata, ("openid",)), first_party=True, enabled=False)
    await clients.update(ACME, client, changed, NOW + 1)
    assert await get() == changed
    assert await get(OTHER) == other


async def test_clients_are_listed_by_source_with_their_secrets() -> None:
    admin = await make()
    dynamic = await make(client_id="dyn", source=ClientSource.DYNAMIC)
    await make(OTHER)
    await clients.add_secret(ACME, admin.id, now=NOW)
    assert await clients.list_clients(ACME, ClientSource.ADMIN) == (await get(),)
    assert await clients.list_clients(ACME, ClientSource.DYNAMIC) == (dynamic,)
    assert await clients.count_dynamic(ACME) == 1
    assert await clients.count_dynamic(OTHER) == 0


async def test_equal_registrations_share_a_fingerprint_in_one_tenant() -> None:
    first = await make(client_id="one", source=ClientSource.DYNAMIC, fingerprint="f" * 64)
    await make(OTHER, "two", source=ClientSource.DYNAMIC, fingerprint="f" * 64)
    assert await clients.find_by_fingerprint(ACME, "f" * 64) == first
    assert await clients.find_by_fingerprint(ACME, "e" * 64) is None
    with pytest.raises(AlreadyExists):
        await make(client_id="three", source=ClientSource.DYNAMIC, fingerprint="f" * 64)


async def test_secret_is_told_once_and_stored_as_a_digest() -> None:
    client = await make()
    text = await clients.add_secret(ACME, client.id, now=NOW)
    assert clients.has_secret(await get(), (text,), NOW)
    rows = await database.rows("SELECT * FROM client_secret WHERE tenant_id = $1", ACME)
    assert text not in str(rows)


async def test_two_secrets_live_at_once_and_no_third() -> None:
    client = await make()
    await clients.add_secret(ACME, client.id, now=NOW, expires_at=NOW + 10)
    await clients.add_secret(ACME, client.id, now=NOW)
    with pytest.raises(TooManySecrets):
        await clients.add_secret(ACME, client.id, now=NOW + 9)
    # The first one has expired by then and makes room.
    await clients.add_secret(ACME, client.id, now=NOW + 10)
    assert len((await get()).secrets) == 2


async def test_of_many_additions_at_once_two_succeed() -> None:
    client = await make()
    results = await asyncio.gather(
        *(clients.add_secret(ACME, client.id, now=NOW) for _ in range(6)), return_exceptions=True
    )
    assert sum(isinstance(result, str) for result in results) == 2
    assert sum(isinstance(result, TooManySecrets) for result in results) == 4


async def test_removed_secret_is_wrong_at_once() -> None:
    client = await make()
    text = await clients.add_secret(ACME, client.id, now=NOW)
    await clients.remove_secrets(OTHER, client.id)
    assert clients.has_secret(await get(), (text,), NOW)
    await clients.remove_secrets(ACME, client.id)
    assert not clients.has_secret(await get(), (text,), NOW)


async def test_client_is_removed_with_its_secrets() -> None:
    client = await make()
    await clients.add_secret(ACME, client.id, now=NOW)
    assert await clients.delete(ACME, client.id)
    assert not await clients.delete(ACME, client.id)
    assert await clients.find(ACME, "app") is None
    assert await database.rows("SELECT id FROM client_secret WHERE tenant_id = $1", ACME) == []


async def test_used_secret_is_brought_under_the_current_master_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encryption, "_masters", encryption._masters)
    client = await make()
    await clients.add_secret(ACME, client.id, now=NOW, secret="the secret")
    encryption.open_master_secrets("another master secret of the tests", "a master secret that only tests know")
    assert await clients.count_former_secrets(ACME) == 1
    await clients.bring_over(ACME, await get(), ("wrong",))
    assert await clients.count_former_secrets(ACME) == 1
    await clients.bring_over(ACME, await get(), ("wrong", "the secret"))
    assert await clients.count_former_secrets(ACME) == 0
    encryption.open_master_secrets("another master secret of the tests")
    assert clients.has_secret(await get(), ("the secret",), NOW)
    with database.query_count() as count:
        await clients.bring_over(ACME, await get(), ("the secret",))
    assert count.total == 0
