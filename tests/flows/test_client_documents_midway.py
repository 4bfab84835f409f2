"""Clients that describe themselves, while something changes between one step and the next."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from server import clients, interactions, sessions, tenants
from server.clients import ClientState
from server.interactions import PersonChanged, Visit, documented
from server.interactions.records import Interaction
from server.kernel import cache, clock, database, ids
from server.kernel.clock import DAY
from server.kernel.database import AlreadyExists
from server.kernel.json import load_json
from server.protocol.authorization_request import AuthorizationRequest
from server.protocol.errors import InvalidClient
from server.settings import Settings
from server.tenants import Tenant
from tests.actors import EndUser, RelyingParty
from tests.conftest import PUBLIC_URL
from tests.flows.conftest import apply_document
from tests.flows.test_client_documents import PATH, arrive, described, grow_older, tokens_of
from tests.support.metadata_host import NAME, MetadataHost

__all__ = ["described"]


@pytest.fixture
async def acme(issuer: str) -> Tenant:
    found = await tenants.find_by_slug("acme", PUBLIC_URL)
    assert found is not None
    return found


def visit(tenant: Tenant, ada: EndUser) -> Visit:
    cookies = "; ".join(f"{name}={value}" for name, value in ada.http.cookies.items())
    browser = sessions.read_browser(cookies, tenant.id, secure=False)
    return Visit(tenant, browser, "127.0.0.1", secure=False, limited=False, now=clock.now())


async def under_way() -> Interaction:
    row = await database.row("SELECT id, handle, client_pk, request FROM interaction")
    assert row is not None
    pk = database.as_uuid(row["client_pk"]) if row["client_pk"] else None
    request = AuthorizationRequest.from_json(load_json(str(row["request"])))
    return Interaction(database.as_uuid(row["id"]), str(row["handle"]), pk, request)


async def test_without_documents_or_without_its_own_a_client_is_unknown(
    described: RelyingParty, ada: EndUser, acme: Tenant
) -> None:
    await arrive(ada, described)
    interaction = await under_way()
    without = replace(acme, settings=replace(acme.settings, client_id_metadata_documents=False))
    assert await documented.find_known(without, interaction) is None
    with pytest.raises(InvalidClient):
        await documented.get_described(visit(without, ada), interaction)
    await database.execute("DELETE FROM client_document")
    cache.drop_everything()
    assert await documented.find_known(acme, interaction) is None


async def test_a_promoted_client_that_changes_is_promoted_no_more(
    described: RelyingParty, host: MetadataHost, ada: EndUser, acme: Tenant
) -> None:
    await tokens_of(ada, described)
    client = await clients.find(acme.id, described.client_id)
    assert client is not None
    await clients.set_state(acme.id, client, ClientState.PROMOTED, kept_until=None, now=clock.now())
    host.publish(PATH, client_name="Your bank")
    await grow_older(DAY)
    await documented.refresh(acme.id, described.client_id, clock.now())
    client = await clients.find(acme.id, described.client_id)
    assert client is not None
    assert client.state is ClientState.ACTIVE


async def test_a_document_that_no_client_came_from_is_read_and_no_more(host: MetadataHost, acme: Tenant) -> None:
    client_id = host.publish("/oauth/other.json")
    await documented.refresh(acme.id, client_id, clock.now())
    assert await clients.find(acme.id, client_id) is None


async def test_of_two_people_who_allow_it_at_once_one_stores_the_client(
    host: MetadataHost, ada: EndUser, acme: Tenant
) -> None:
    document = await clients.get_document(acme.id, host.publish(PATH), clock.now())
    made = [clients.client_of(acme.id, document, pk=ids.uuid7()) for _ in range(2)]
    kept = await asyncio.gather(*(documented.keep(visit(acme, ada), client) for client in made))
    assert kept[0].id == kept[1].id
    other = await clients.get_document(acme.id, host.publish("/oauth/other.json"), clock.now())
    with pytest.raises(AlreadyExists):
        await documented.keep(visit(acme, ada), clients.client_of(acme.id, other, pk=kept[0].id))


async def test_who_has_to_sign_in_again_is_told_to_the_client_where_nobody_may_be_asked(
    described: RelyingParty, ada: EndUser
) -> None:
    await tokens_of(ada, described)
    await grow_older(DAY)
    page = await ada.visit(described.begin(prompt="none", max_age="0").url)
    assert (page.step, page.error) == (None, "login_required")


async def test_a_place_that_is_trusted_no_more_is_told_to_nobody_without_a_person(
    host: MetadataHost, ada: EndUser, issuer: str, settings: Settings
) -> None:
    back = host.url("/callback")
    party = RelyingParty(ada.http, issuer, host.publish(PATH, redirect_uris=[back]), redirect_uri=back)
    trusted = {"rules": [{"host": NAME, "action": "trust"}]}
    await apply_document(settings, {"tenant": "acme", "trust_policy": trusted})
    await tokens_of(ada, party)
    await apply_document(settings, {"tenant": "acme", "trust_policy": {"rules": []}})
    await grow_older(DAY)
    page = await ada.visit(party.begin(scope="openid offline_access", prompt="none").url)
    assert (page.callback, page.error) == (None, "interaction_required")


async def test_an_answer_before_the_client_is_known_counts_not(
    described: RelyingParty, ada: EndUser, acme: Tenant
) -> None:
    await ada.visit(described.begin().url)
    interaction = await under_way()
    with pytest.raises(PersonChanged):
        await interactions.decide(
            visit(acme, ada), interaction.handle, person_id=ids.uuid7(), allow=True, ticked=frozenset()
        )


async def test_a_person_who_allowed_it_before_is_asked_nothing_when_the_document_is_read_anew(
    host: MetadataHost, ada: EndUser, issuer: str, settings: Settings
) -> None:
    back = host.url("/callback")
    party = RelyingParty(ada.http, issuer, host.publish(PATH, redirect_uris=[back]), redirect_uri=back)
    trusted = {"rules": [{"host": NAME, "action": "trust"}]}
    await apply_document(settings, {"tenant": "acme", "trust_policy": trusted})
    await tokens_of(ada, party)
    await grow_older(DAY)
    page = await ada.visit(party.begin(scope="openid offline_access", prompt="none").url)
    assert page.answer["code"]


async def test_whoever_was_signed_out_elsewhere_signs_in_before_an_answer_counts(
    described: RelyingParty, ada: EndUser
) -> None:
    page = await arrive(ada, described)
    await database.execute("UPDATE browser_session SET ended_at = $1", clock.now())
    assert (await ada.consent(page)).step == "login"


async def test_somebody_else_may_sign_in_before_the_client_is_known(
    described: RelyingParty, ada: EndUser, acme: Tenant
) -> None:
    await ada.visit(described.begin().url)
    assert await interactions.switch_account(visit(acme, ada), (await under_way()).handle)
