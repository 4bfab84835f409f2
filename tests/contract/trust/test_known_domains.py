"""The domains that a tenant knows, and what trust must know of a client."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server import projections, resources, trust
from server.clients import ClientSource
from server.kernel import database, ids
from server.resources import Resource, TokenFormat
from server.trust import Source
from tests.issuing import NOW, make_client, make_tenant

pytestmark = pytest.mark.usefixtures("storage")

OTHER = ids.uuid7()


async def test_domains_of_resources_and_own_clients_are_known_at_once_and_in_their_tenant() -> None:
    acme = await make_tenant()
    before = await projections.known_domains(acme.id)
    assert before.isdisjoint({"bank.test", "app.example"})
    resource = Resource(ids.uuid7(), "https://api.bank.test/mcp", "Notes", (), TokenFormat.JWT, ())
    await resources.create(acme.id, resource, NOW)
    await make_client(acme, redirect_uris=["https://www.app.example/cb"])
    await make_client(acme, "dynamic", source=ClientSource.DYNAMIC, redirect_uris=["https://evil.example/cb"])
    known = await projections.known_domains(acme.id)
    assert known - before == {"bank.test", "app.example"}
    assert await projections.known_domains(OTHER) == frozenset()
    with database.query_count() as count:
        await projections.known_domains(acme.id)
    assert count.total == 0


async def test_what_trust_knows_of_a_client() -> None:
    client = await make_client(await make_tenant(), redirect_uris=["http://127.0.0.1/cb"])
    facts = trust.client_facts(client)
    assert (facts.pk, facts.client_id, facts.source) == (client.id, client.client_id, Source.ADMIN)
    assert (facts.loopback_only, facts.client_id_host) == (True, None)
    document = replace(client, source=ClientSource.METADATA_DOCUMENT, client_id="https://app.example/c.json")
    assert trust.client_facts(document).client_id_host == "app.example"
    assert trust.client_facts(replace(client, source=ClientSource.DYNAMIC), promoted=True).standing is Source.ADMIN
