"""The life of clients that registered themselves, as rows: found again, used, kept, gone."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from server import clients, grants, trust
from server.clients import Client, ClientSource, ClientState, DynamicRegistration, uses
from server.clients.life_store import row_of_use
from server.jobs import reaping
from server.kernel import database, ids
from server.kernel.clock import DAY, HOUR
from server.protocol.client_metadata import parse_client_metadata
from server.tenants import Origin, Tenant
from tests.issuing import NOW, make_grant, make_tenant, make_user

pytestmark = pytest.mark.usefixtures("storage")

LIFETIME = 30 * DAY


@pytest.fixture
async def tenant(storage: None) -> Tenant:
    return await make_tenant()


async def make(
    tenant_id: UUID, client_id: str = "dyn", *, kept_until: int | None = NOW, state: ClientState = ClientState.ACTIVE
) -> Client:
    metadata = parse_client_metadata({"redirect_uris": ["http://127.0.0.1/cb"]}, drop_private_use=False)
    made = clients.new_client(
        tenant_id, client_id, metadata, source=ClientSource.DYNAMIC, origin=Origin.REGISTRATION, scope=(), now=NOW
    )
    client = replace(made, state=state, registration=DynamicRegistration(kept_until=kept_until))
    await clients.create(tenant_id, client, now=NOW)
    return client


async def names() -> list[str]:
    return [str(row["client_id"]) for row in await database.rows("SELECT client_id FROM client ORDER BY client_id")]


async def kept_until(client: Client) -> object:
    (row,) = await database.rows("SELECT kept_until FROM client WHERE id = $1", client.id)
    return row["kept_until"]


async def test_a_registration_comes_back_as_it_was_stored(tenant: Tenant) -> None:
    client = await make(tenant.id, state=ClientState.QUARANTINED)
    registration = DynamicRegistration(
        access_token_digest="d" * 64,
        initial_access_token_id=ids.uuid7(),
        ceiling=(),
        software_statement="a.b.c",
        kept_until=NOW,
    )
    other = replace(client, id=ids.uuid7(), client_id="other", registration=registration)
    await clients.create(tenant.id, other, now=NOW)
    assert await clients.find(tenant.id, "dyn") == client
    assert await clients.find(tenant.id, "other") == other


async def test_idle_clients_go_when_their_time_is_over(tenant: Tenant) -> None:
    await make(tenant.id, "over")
    await make(tenant.id, "in time", kept_until=NOW + 1)
    elsewhere = await make_tenant("globex")
    await make(elsewhere.id, "over elsewhere")
    await clients.add_secret(tenant.id, (await make(tenant.id, "with a secret")).id, now=NOW)
    assert await reaping.reap_clients(NOW + 1) == 3
    assert await names() == ["in time"]
    assert await database.rows("SELECT id FROM client_secret") == []
    events = await database.rows("SELECT tenant_id, details FROM audit_event WHERE event = $1", "clients.expired")
    assert len(events) == 2


@pytest.mark.parametrize("state", [ClientState.QUARANTINED, ClientState.BLOCKED, ClientState.PROMOTED])
async def test_what_operators_decided_about_never_goes_by_itself(tenant: Tenant, state: ClientState) -> None:
    client = await make(tenant.id)
    await clients.set_state(tenant.id, client, state, kept_until=None, now=NOW)
    assert await reaping.reap_clients(NOW + 1000 * DAY) == 0
    assert await names() == ["dyn"]


async def test_what_was_held_of_a_client_that_goes_goes_with_it(tenant: Tenant) -> None:
    gone, other = await make(tenant.id), await make(tenant.id, "other", kept_until=NOW + DAY)
    for client in (gone, other):
        decision = await trust.decide(tenant.id, trust.client_facts(client), "https://a.github.io/", None, NOW)
        await trust.hold(tenant.id, ids.uuid7(), trust.client_facts(client), decision, NOW)
    assert await reaping.reap_clients(NOW + 1) == 1
    assert [hold.client_pk for hold in await trust.list_holds(tenant.id)] == [other.id]


async def test_a_client_with_a_living_grant_stays_and_goes_after_it(tenant: Tenant) -> None:
    client = await make(tenant.id)
    grant = await make_grant(tenant, client, await make_user(tenant), now=NOW)
    assert await reaping.reap_batch(NOW + HOUR) == (1, 0)
    assert await kept_until(client) == NOW + HOUR + reaping.LOOK_AGAIN_AFTER
    await grants.revoke(tenant.id, grant.id, NOW + HOUR)
    assert await reaping.reap_clients(NOW + HOUR + reaping.LOOK_AGAIN_AFTER + 1) == 1


async def test_an_access_token_that_outlives_its_grant_keeps_the_client(tenant: Tenant) -> None:
    client = await make(tenant.id)
    grant = await make_grant(tenant, client, await make_user(tenant), now=NOW)
    assert await reaping.reap_batch(grant.expires_at + DAY - 1) == (1, 0)
    await clients.put_off(tenant.id, [client.id], 0)
    assert await grants.find_clients_in_use(tenant.id, [client.id], grant.expires_at + DAY) == frozenset()


async def test_a_remembered_consent_keeps_the_client(tenant: Tenant) -> None:
    client = await make(tenant.id)
    rows = grants.rows_of_consent(
        tenant.id,
        ids.uuid7(),
        client.id,
        redirect_origin="http://127.0.0.1",
        metadata_digest=client.metadata_digest,
        permissions=frozenset({("", "notes:read")}),
        now=NOW,
    )
    await database.write(*rows)
    assert await reaping.reap_batch(NOW + 1) == (1, 0)
    assert await grants.find_clients_in_use(ids.uuid7(), [client.id], NOW) == frozenset()
    await grants.forget_for_client(tenant.id, client.id)
    assert await reaping.reap_clients(NOW + reaping.LOOK_AGAIN_AFTER + 2) == 1


async def test_what_was_kept_meanwhile_is_not_deleted(tenant: Tenant) -> None:
    client = await make(tenant.id)
    assert await clients.find_idle(NOW + 1, 10)
    assert await clients.keep(tenant.id, client, NOW + DAY)
    assert await clients.delete_idle(tenant.id, [client.id], NOW + 1) == []
    assert await kept_until(client) == NOW + DAY


async def test_keeping_costs_nothing_until_the_end_is_near_and_tells_when_it_is_too_late(tenant: Tenant) -> None:
    client = await make(tenant.id, kept_until=NOW + DAY)
    with database.query_count() as count:
        assert await clients.keep(tenant.id, client, NOW + DAY)
    assert count.total == 0
    assert await clients.keep(tenant.id, client, NOW + DAY + 1, wanted=NOW + LIFETIME)
    assert await kept_until(client) == NOW + LIFETIME
    await clients.delete(tenant.id, client.id)
    assert not await clients.keep(tenant.id, client, NOW + 2 * DAY)


async def test_the_life_of_a_client_is_one_tenants_affair(tenant: Tenant) -> None:
    client, elsewhere = await make(tenant.id), ids.uuid7()
    assert not await clients.keep(elsewhere, client, NOW + DAY)
    await clients.put_off(elsewhere, [client.id], NOW + DAY)
    await clients.set_state(elsewhere, client, ClientState.BLOCKED, kept_until=None, now=NOW)
    assert await clients.delete_idle(elsewhere, [client.id], NOW + DAY) == []
    await database.write(row_of_use(elsewhere, client.id, NOW + DAY, NOW))
    assert await clients.find(tenant.id, "dyn") == client


async def test_clients_of_the_release_before_are_given_a_time(tenant: Tenant) -> None:
    old = await make(tenant.id, kept_until=None)
    admin = replace(old, id=ids.uuid7(), client_id="admin", source=ClientSource.ADMIN)
    await clients.create(tenant.id, admin, now=NOW)
    assert await reaping.reap_clients(NOW) == 0
    assert await kept_until(old) == NOW + reaping.ADOPTED_FOR
    assert await kept_until(admin) is None


async def test_use_is_noted_once_a_day_and_many_at_once(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uses, "WRITE_AFTER_SECONDS", 0)
    used = [await make(tenant.id, f"dyn{n}") for n in range(3)]
    for client in used * 5:
        clients.note_use(client, LIFETIME, NOW)
    with database.query_count() as count:
        await clients.write_uses()
    assert count.total == 1
    assert {await kept_until(client) for client in used} == {NOW + LIFETIME}
    for client in used:
        clients.note_use(client, LIFETIME, NOW + DAY - 1)
    with database.query_count() as count:
        await clients.write_uses()
    assert count.total == 0
    clients.note_use(used[0], LIFETIME, NOW + DAY)
    await clients.write_uses()
    assert await kept_until(used[0]) == NOW + DAY + LIFETIME
    (row,) = await database.rows("SELECT last_used_at FROM client WHERE id = $1", used[0].id)
    assert row["last_used_at"] == NOW + DAY


async def test_use_gives_no_end_to_a_client_that_has_none(tenant: Tenant) -> None:
    promoted = await make(tenant.id, kept_until=None, state=ClientState.PROMOTED)
    admin = replace(promoted, id=ids.uuid7(), client_id="admin", source=ClientSource.ADMIN, state=ClientState.ACTIVE)
    await clients.create(tenant.id, admin, now=NOW)
    for client in (promoted, admin):
        clients.note_use(client, LIFETIME, NOW)
    await clients.write_uses()
    rows = await database.rows("SELECT client_id, last_used_at, kept_until FROM client ORDER BY client_id")
    assert [tuple(row.values()) for row in rows] == [("admin", None, None), ("dyn", NOW, None)]


async def test_batches_go_on_until_nothing_is_left(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reaping, "BATCH", 3)
    monkeypatch.setattr(reaping, "PAUSE_SECONDS", 0)
    for n in range(10):
        await make(tenant.id, f"dyn{n}", kept_until=NOW - n)
    monkeypatch.setattr(reaping, "MOST_BATCHES", 2)
    assert await reaping.reap_clients(NOW + 1) == 6
    assert await names() == ["dyn0", "dyn1", "dyn2", "dyn3"]  # the longest idle went first
    monkeypatch.setattr(reaping, "MOST_BATCHES", 200)
    assert await reaping.reap_clients(NOW + 1) == 4


async def test_counting_stops_where_enough_is_enough(tenant: Tenant) -> None:
    for n in range(5):
        await make(tenant.id, f"dyn{n}")
    assert await clients.count_dynamic(tenant.id, 3) == 3
    assert await clients.count_dynamic(tenant.id) == 5
