"""What becomes of clients that registered themselves, as people, their programs and operators see it."""

from __future__ import annotations

import httpx2
import pytest

from server import clients, tenants
from server.administration import NotPermitted, Operator, dynamic_clients, initial_access_tokens
from server.clients import Client, ClientState, InvalidClientDefinition
from server.initial_access_tokens import InvalidInitialAccessToken, Template
from server.jobs import reaping
from server.kernel import cache, clock, database
from server.kernel.clock import DAY, HOUR
from server.protocol.vocabulary import GrantType
from server.roles import AdminRole, Membership
from server.tenants import Tenant
from tests.actors import EndUser, RelyingParty
from tests.conftest import PUBLIC_URL

OPERATOR = Operator.at_the_command_line("test")


@pytest.fixture
async def tenant(issuer: str) -> Tenant:
    found = await tenants.find_by_slug("acme", PUBLIC_URL)
    assert found is not None
    return found


async def stored(tenant: Tenant, party: RelyingParty) -> Client:
    client = await clients.find(tenant.id, party.client_id)
    assert client is not None
    return client


async def bring(tenant: Tenant, party: RelyingParty, state: ClientState, scope: tuple[str, ...] | None = None) -> None:
    client = await stored(tenant, party)
    await dynamic_clients.set_state(OPERATOR, tenant, client, state, clock.now(), scope=scope, reason="a reason")


async def signed_in(party: RelyingParty, person: EndUser) -> dict[str, str]:
    """The tokens of a finished flow."""
    attempt = party.begin(scope="openid notes:read offline_access")
    answer = (await person.authorize(attempt.url)).answer
    return dict((await party.redeem(answer["code"], attempt)).json())


async def test_a_stale_client_id_tells_the_person_what_to_do_and_the_program_to_register(
    http: httpx2.AsyncClient, issuer: str, ada: EndUser
) -> None:
    stale = RelyingParty(http, issuer, "registered-here-once")
    page = await ada.visit(stale.begin().url)
    assert (page.status, page.error, page.callback) == (400, "invalid_client", None)
    assert "remove the connection and add it again" in page.document.text
    refused = await stale.refresh("whatever")
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    ("state", "words"), [(ClientState.BLOCKED, "blocked here"), (ClientState.QUARANTINED, "waits for an administrator")]
)
async def test_a_stopped_client_gets_nowhere_and_the_page_says_why(
    tenant: Tenant, dynamic: RelyingParty, ada: EndUser, state: ClientState, words: str
) -> None:
    tokens = await signed_in(dynamic, ada)
    await bring(tenant, dynamic, state)
    page = await ada.visit(dynamic.begin().url)
    assert (page.status, page.error, page.callback) == (403, "unauthorized_client", None)
    assert words in page.document.text
    refused = await dynamic.refresh(tokens["refresh_token"])
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    await bring(tenant, dynamic, ClientState.ACTIVE)
    again = await dynamic.refresh(tokens["refresh_token"])
    assert again.json().get("error") == ("invalid_grant" if state is ClientState.BLOCKED else None)


async def test_stopping_a_client_stops_a_person_who_is_just_deciding(
    tenant: Tenant, dynamic: RelyingParty, ada: EndUser
) -> None:
    page = await ada.log_in(await ada.visit(dynamic.begin().url))
    await bring(tenant, dynamic, ClientState.BLOCKED)
    assert (await ada.allow(page)).callback is None


async def test_a_blocked_client_cannot_register_its_way_back(
    tenant: Tenant, dynamic: RelyingParty, http: httpx2.AsyncClient, ada: EndUser
) -> None:
    await bring(tenant, dynamic, ClientState.BLOCKED)
    again = await RelyingParty.register(http, dynamic.issuer)
    assert again.client_id == dynamic.client_id
    assert (await ada.visit(again.begin().url)).status == 403


async def test_a_promoted_client_is_as_if_an_administrator_had_registered_it(
    tenant: Tenant, http: httpx2.AsyncClient, ada: EndUser
) -> None:
    party = await RelyingParty.register(
        http, tenant.issuer, redirect_uris=["https://tool.test/cb"], scope="openid notes:read"
    )
    denied = party.begin(scope="nonsense")
    assert (await ada.visit(denied.url)).callback is None
    await bring(tenant, party, ClientState.PROMOTED, ("openid", "notes:purge"))
    assert (await ada.visit(denied.url)).answer["error"] == "invalid_scope"
    # What it could ask for as a stranger is beyond its ceiling now, and what it was given is within.
    assert (await ada.visit(party.begin(scope="notes:read").url)).answer["error"] == "invalid_scope"
    assert "code" in (await ada.authorize(party.begin(scope="openid notes:purge").url)).answer
    await bring(tenant, party, ClientState.ACTIVE)
    assert (await ada.visit(party.begin(scope="notes:purge").url)).callback is None


async def test_consent_of_a_promoted_client_is_remembered(
    tenant: Tenant, http: httpx2.AsyncClient, ada: EndUser
) -> None:
    party = await RelyingParty.register(
        http, tenant.issuer, redirect_uris=["https://tool.test/cb"], scope="openid notes:read"
    )
    for state, is_asked_again in ((ClientState.ACTIVE, True), (ClientState.PROMOTED, False)):
        await bring(tenant, party, state)
        await ada.authorize(party.begin(scope="openid notes:read").url)
        page = await ada.visit(party.begin(scope="openid notes:read").url)
        assert (page.step == "consent") is is_asked_again


async def test_a_client_does_not_go_while_somebody_signs_in(
    tenant: Tenant, dynamic: RelyingParty, ada: EndUser
) -> None:
    await database.execute("UPDATE client SET kept_until = $1 WHERE client_id = $2", clock.now() + 1, dynamic.client_id)
    cache.drop_everything()
    attempt = dynamic.begin()
    page = await ada.visit(attempt.url)
    assert await reaping.reap_clients(clock.now() + HOUR) == 0
    page = await ada.allow(await ada.log_in(page))
    assert await reaping.reap_clients(clock.now() + HOUR) == 0
    assert (await dynamic.redeem(page.answer["code"], attempt)).status_code == 200


async def test_a_client_that_has_just_gone_is_one_that_is_unknown(
    tenant: Tenant, dynamic: RelyingParty, ada: EndUser
) -> None:
    client = await stored(tenant, dynamic)
    # Deleted where no cache could be told of it.
    await database.execute("UPDATE client SET kept_until = $1 WHERE id = $2", clock.now(), client.id)
    cache.drop_everything()
    await stored(tenant, dynamic)
    await database.execute("DELETE FROM client WHERE id = $1", client.id)
    assert (await ada.visit(dynamic.begin().url)).error == "invalid_client"


async def test_tokens_are_a_use_and_asking_for_the_page_is_none(
    tenant: Tenant, dynamic: RelyingParty, ada: EndUser
) -> None:
    await ada.visit(dynamic.begin().url)
    await clients.write_uses()
    assert (await _last_used_at(dynamic)) is None
    await signed_in(dynamic, ada)
    await clients.write_uses()
    assert (await _last_used_at(dynamic)) is not None


async def _last_used_at(party: RelyingParty) -> object:
    (row,) = await database.rows("SELECT last_used_at FROM client WHERE client_id = $1", party.client_id)
    return row["last_used_at"]


async def test_history_tells_who_decided_what_and_why(tenant: Tenant, dynamic: RelyingParty) -> None:
    for state in (ClientState.QUARANTINED, ClientState.ACTIVE, ClientState.PROMOTED):
        await bring(tenant, dynamic, state)
    client = await stored(tenant, dynamic)
    history = await database.rows(
        "SELECT details, actor_id FROM audit_event WHERE tenant_id = $1 AND client_pk = $2 AND event = $3 ORDER BY id",
        tenant.id,
        client.id,
        "client_state.changed",
    )
    assert [row["actor_id"] for row in history] == ["test"] * 3
    assert all('"a reason"' in str(row["details"]) for row in history)


async def test_only_clients_that_registered_themselves_have_a_state(tenant: Tenant, webapp: RelyingParty) -> None:
    with pytest.raises(InvalidClientDefinition):
        await bring(tenant, webapp, ClientState.BLOCKED)
    with pytest.raises(InvalidClientDefinition):
        await bring(tenant, await RelyingParty.register(webapp.http, webapp.issuer), ClientState.BLOCKED, ("openid",))


@pytest.mark.parametrize("role", [AdminRole.AUDITOR, AdminRole.USER_MANAGER])
async def test_who_does_not_manage_clients_may_not_decide_about_them(
    tenant: Tenant, dynamic: RelyingParty, role: AdminRole
) -> None:
    client, now = await stored(tenant, dynamic), clock.now()
    operator = Operator.administrator(client.id, [Membership(client.id, role, tenant.id)])
    with pytest.raises(NotPermitted):
        await dynamic_clients.set_state(operator, tenant, client, ClientState.BLOCKED, now)
    with pytest.raises(NotPermitted):
        await initial_access_tokens.create(
            operator, tenant, "mine", Template(), max_uses=1, valid_until=now + DAY, now=now
        )
    assert await initial_access_tokens.list_tokens(operator, tenant) == ()
    assert (await stored(tenant, dynamic)).state is ClientState.ACTIVE


async def test_client_managers_may(tenant: Tenant, dynamic: RelyingParty) -> None:
    client, now = await stored(tenant, dynamic), clock.now()
    operator = Operator.administrator(client.id, [Membership(client.id, AdminRole.CLIENT_MANAGER, tenant.id)])
    await dynamic_clients.set_state(operator, tenant, client, ClientState.BLOCKED, now)
    assert await initial_access_tokens.create(
        operator, tenant, "mine", Template(), max_uses=1, valid_until=now + DAY, now=now
    )


@pytest.mark.parametrize(
    ("name", "template", "uses_", "days"),
    [
        ("", Template(), 1, 1),
        ("\x00", Template(), 1, 1),
        ("x", Template(), 0, 1),
        ("x", Template(), 1_000_001, 1),
        ("x", Template(), 1, 0),
        ("x", Template(), 1, 3651),
        ("x", Template(scope=("unknown",)), 1, 1),
        ("x", Template(grant_types=(GrantType.REFRESH_TOKEN,)), 1, 1),
        ("x", Template(auth_methods=()), 1, 1),
        ("x", Template(redirect_hosts=("*.test",)), 1, 1),
        ("x", Template(redirect_hosts=("App.test",)), 1, 1),
        ("x", Template(redirect_hosts=("app.test:443",)), 1, 1),
        ("x", Template(redirect_hosts=("https://app.test",)), 1, 1),
    ],
)
async def test_tokens_that_cannot_be_made(tenant: Tenant, name: str, template: Template, uses_: int, days: int) -> None:
    now = clock.now()
    with pytest.raises(InvalidInitialAccessToken):
        await initial_access_tokens.create(
            OPERATOR, tenant, name, template, max_uses=uses_, valid_until=now + days * DAY, now=now
        )
    assert await initial_access_tokens.list_tokens(OPERATOR, tenant) == ()
