"""Clients that describe themselves in a document, through the whole server, with a real HTTPS host behind it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import httpx2
import pytest

from server import clients, interactions, tenants
from server.administration import trust_inbox
from server.administration.trust_verdicts import NewVerdict
from server.clients import Client
from server.jobs import client_documents
from server.kernel import cache, clock, database, outbound
from server.kernel.clock import DAY, HOUR, MINUTE, Duration
from server.kernel.paging import Paging
from server.projections import HoldFilter
from server.settings import Settings
from server.trust import Judgement
from tests.actors import EndUser, Page, RelyingParty
from tests.conftest import PUBLIC_URL
from tests.flows.conftest import ACME, apply_document
from tests.flows.test_query_budgets import BUDGETS
from tests.support.metadata_host import NAME, MetadataHost, answering
from tests.support.trusting import OPERATOR

PATH = "/oauth/client.json"
LOOPBACK = "http://127.0.0.1:8765/callback"
HTTPS = "https://app.acme.test/callback"


@pytest.fixture
def described(host: MetadataHost, http: httpx2.AsyncClient, issuer: str) -> RelyingParty:
    """A public client at loopback, by its document."""
    return RelyingParty(http, issuer, host.publish(PATH))


async def arrive(ada: EndUser, party: RelyingParty, **parameters: str) -> Page:
    """Where a signed-in person gets to."""
    page = await ada.visit(party.begin(**parameters).url)
    return await ada.log_in(page) if page.step == "login" else page


async def tokens_of(ada: EndUser, party: RelyingParty, **parameters: str) -> dict[str, str]:
    attempt = party.begin(scope="openid offline_access", **parameters)
    answer = (await ada.authorize(attempt.url)).answer
    response = await party.redeem(answer["code"], attempt)
    assert response.status_code == httpx2.codes.OK, response.text
    return dict(response.json())


async def grow_older(age: Duration, *, fresh: Duration = 5 * MINUTE) -> None:
    """Have every document been fetched so long ago."""
    fetched_at = clock.now() - age
    await database.execute(
        "UPDATE client_document SET fetched_at = $1, fresh_until = $2", fetched_at, fetched_at + fresh
    )
    cache.drop_everything()


async def events(name: str) -> list[dict[str, object]]:
    rows = await database.rows("SELECT details FROM audit_event WHERE event = $1 ORDER BY id", name)
    return [json.loads(str(row["details"])) for row in rows]


async def stored(client_id: str) -> list[dict[str, object]]:
    rows = await database.rows("SELECT source, metadata FROM client WHERE client_id = $1", client_id)
    return [dict(row) for row in rows]


# ------------------------------------------------------------------------------------------------------------ the flow


@pytest.mark.checklist("1d.21")
@pytest.mark.checklist("1d.22")
@pytest.mark.checklist("1d.24")
@pytest.mark.checklist("1d.32")
async def test_a_client_known_by_its_document_gets_tokens(
    host: MetadataHost, ada: EndUser, http: httpx2.AsyncClient, issuer: str
) -> None:
    party = RelyingParty(http, issuer, host.publish(PATH, client_name="Notes for everybody"))
    attempt = party.begin(scope="openid notes:read offline_access")
    page = await ada.visit(attempt.url)
    assert page.step == "login"
    assert "Notes for everybody" not in page.html
    assert host.asked == []
    page = await ada.log_in(page)
    assert page.step == "consent"
    assert "unverified: calls itself" in page.document.text
    assert "Notes for everybody" in page.document.text
    assert "clients.test" in page.document.text
    assert await stored(party.client_id) == []
    answer = (await ada.allow(page)).answer
    tokens = (await party.redeem(answer["code"], attempt)).json()
    assert tokens["scope"].split() == ["openid", "notes:read", "offline_access"]
    assert (await party.refresh(tokens["refresh_token"])).status_code == httpx2.codes.OK
    assert (await party.revoke(tokens["access_token"])).status_code == httpx2.codes.OK
    assert [row["source"] for row in await stored(party.client_id)] == ["metadata_document"]
    assert [event["client_id"] for event in await events("client.described")] == [party.client_id]
    assert host.count(PATH) == 1


@pytest.mark.checklist("1d.21")
async def test_the_metadata_say_that_documents_are_read(http: httpx2.AsyncClient, issuer: str) -> None:
    document = (await http.get(f"{issuer}/.well-known/openid-configuration")).json()
    assert document["client_id_metadata_document_supported"] is True
    assert "private_key_jwt" in document["token_endpoint_auth_methods_supported"]


async def test_a_tenant_may_have_none_of_it(
    described: RelyingParty, host: MetadataHost, ada: EndUser, http: httpx2.AsyncClient, settings: Settings
) -> None:
    tokens = await tokens_of(ada, described)
    await apply_document(settings, ACME | {"settings": {"client_id_metadata_documents": False}})
    document = (await http.get(f"{described.issuer}/.well-known/openid-configuration")).json()
    assert "client_id_metadata_document_supported" not in document
    page = await ada.visit(described.begin().url)
    assert (page.status, page.error) == (400, "invalid_client")
    # What people allowed before is theirs to revoke.
    assert (await described.refresh(tokens["refresh_token"])).status_code == httpx2.codes.OK


async def test_a_second_person_causes_no_second_fetch(
    described: RelyingParty, host: MetadataHost, ada: EndUser, stranger: EndUser
) -> None:
    await tokens_of(ada, described)
    stranger.username, stranger.password = "bob", "bobs-battery-staple"
    await tokens_of(stranger, described)
    assert host.count(PATH) == 1
    assert len(await stored(described.client_id)) == 1


async def test_people_who_come_at_once_wait_for_one_fetch(
    described: RelyingParty, host: MetadataHost, ada: EndUser, stranger: EndUser
) -> None:
    publish, released = host.behaviours[PATH], asyncio.Event()

    async def wait(*arguments: object) -> None:
        await released.wait()
        await publish(*arguments)  # type: ignore[arg-type]  # passed on as it came

    host.behaviours[PATH] = wait
    stranger.username, stranger.password = "bob", "bobs-battery-staple"
    both = asyncio.gather(arrive(ada, described), arrive(stranger, described))
    await asyncio.sleep(1)
    released.set()
    first, second = await both
    assert (first.step, second.step) == ("consent", "consent")
    assert host.count(PATH) == 1
    answers = await asyncio.gather(ada.allow(first), stranger.allow(second))
    assert all("code" in page.answer for page in answers)
    assert len(await stored(described.client_id)) == 1


async def test_a_port_of_loopback_is_whichever_was_free(
    host: MetadataHost, ada: EndUser, http: httpx2.AsyncClient, issuer: str
) -> None:
    client_id = host.publish(PATH, redirect_uris=["http://localhost/callback"])
    party = RelyingParty(http, issuer, client_id, redirect_uri="http://localhost:49152/callback")
    assert (await ada.authorize(party.begin().url)).answer["code"]


async def test_who_declines_leaves_no_client_behind(described: RelyingParty, ada: EndUser) -> None:
    page = await ada.deny(await arrive(ada, described))
    assert page.error == "access_denied"
    assert await stored(described.client_id) == []


async def test_consent_to_a_client_at_its_own_host_is_remembered(
    host: MetadataHost, ada: EndUser, http: httpx2.AsyncClient, issuer: str
) -> None:
    back = host.url("/callback")
    party = RelyingParty(http, issuer, host.publish(PATH, redirect_uris=[back, HTTPS]), redirect_uri=back)
    await tokens_of(ada, party)
    assert (await ada.visit(party.begin().url)).callback is not None
    silent = await ada.visit(party.begin(prompt="none").url)
    assert "code" in silent.answer
    elsewhere = replace(party, redirect_uri=HTTPS)
    await tokens_of(ada, elsewhere)
    assert (await ada.visit(elsewhere.begin().url)).step == "consent"


async def test_an_address_that_an_administrator_registered_is_a_client_like_any_other(
    host: MetadataHost, ada: EndUser, http: httpx2.AsyncClient, settings: Settings, issuer: str
) -> None:
    """OAuth Client ID Metadata Document §3: nothing is fetched for it."""
    client_id = host.publish(PATH)
    known = {"client_id": client_id, "token_endpoint_auth_method": "none", "redirect_uris": [HTTPS], "scope": "openid"}
    listed = ACME["clients"]
    assert isinstance(listed, list)
    await apply_document(settings, ACME | {"clients": [*listed, known]})
    party = RelyingParty(http, issuer, client_id, redirect_uri=HTTPS)
    assert (await ada.authorize(party.begin().url)).answer["code"]
    assert host.asked == []


# ------------------------------------------------------------------------------------------- before anybody signed in


@pytest.mark.checklist("1d.27")
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_id": "https://clients.test"}, "invalid_client"),
        ({"client_id": "https://clients.test/a/../b"}, "invalid_client"),
        ({"client_id": "https://me@clients.test/c"}, "invalid_client"),
        ({"client_id": "https://clients.test/c#d"}, "invalid_client"),
        ({"client_id": "http://clients.test/c"}, "invalid_client"),
        ({"client_id": "https://127.1/c"}, "invalid_client"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"redirect_uri": "javascript:alert(1)"}, "invalid_redirect_uri"),
        ({"redirect_uri": "http://app.test/cb"}, "invalid_redirect_uri"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"prompt": "none"}, "login_required"),
    ],
)
async def test_every_error_before_login_is_a_page_and_nothing_is_fetched(
    described: RelyingParty, host: MetadataHost, ada: EndUser, changes: dict[str, str | None], error: str
) -> None:
    page = await ada.visit(described.begin(**changes).url)
    assert (page.status, page.error, page.callback) == (400, error, None)
    assert "data-continue" not in page.html
    assert host.asked == []


async def test_a_disabled_client_is_refused_before_login(
    described: RelyingParty, host: MetadataHost, ada: EndUser, stranger: EndUser
) -> None:
    await tokens_of(ada, described)
    client = await find(described)
    await clients.update(client.tenant_id, client, replace(client, enabled=False), clock.now())
    await grow_older(2 * DAY)
    page = await stranger.visit(described.begin().url)
    assert page.error == "invalid_client"
    # Its document, which says what it said, does not make it a client again.
    assert (await arrive(ada, described)).error == "invalid_client"
    assert host.count(PATH) == 1


async def find(party: RelyingParty) -> Client:
    tenant = await tenants.find_by_slug("acme", party.issuer.removesuffix("/t/acme"))
    assert tenant is not None
    client = await clients.find(tenant.id, party.client_id)
    assert client is not None
    return client


# --------------------------------------------------------------------------------------------- documents that are bad

BAD = {
    "not found": (answering(b"{}", status=404), "status"),
    "fault": (answering(b"{}", status=500), "status"),
    "redirect": (answering(status=302, headers={"location": "/elsewhere.json"}), "status"),
    "web page": (answering(b"<html></html>", media_type="text/html"), "protocol"),
    "JSON as text": (answering(b"{}", media_type="text/plain"), "protocol"),
    "too large": (answering(b" " * 6000), "too_large"),
    "compressed": (answering(b"x", headers={"content-encoding": "gzip"}), "protocol"),
    "no JSON": (answering(b"hello"), "invalid"),
    "another's": (answering(b'{"client_id":"https://other.test/c"}'), "invalid"),
}


@pytest.mark.checklist("1d.28")
@pytest.mark.parametrize("name", BAD)
async def test_a_bad_document_is_one_error_and_is_not_kept(
    described: RelyingParty, host: MetadataHost, ada: EndUser, name: str
) -> None:
    good, (bad, reason) = host.behaviours[PATH], BAD[name]
    host.behaviours[PATH] = bad
    page = await arrive(ada, described)
    assert (page.status, page.error, page.callback) == (400, "invalid_client", None)
    assert "data-continue" not in page.html
    assert await events("client_document.refused") == [{"client_id": described.client_id, "reason": reason}]
    assert host.count("/elsewhere.json") == 0
    # The same page again, once its host has mended it.
    host.behaviours[PATH] = good
    assert (await ada.visit(page.url)).step == "consent"


async def test_a_redirect_uri_that_the_document_does_not_list_is_nobodys(described: RelyingParty, ada: EndUser) -> None:
    page = await arrive(ada, replace(described, redirect_uri=HTTPS))
    assert (page.status, page.error, page.callback) == (400, "invalid_redirect_uri", None)
    assert "data-continue" not in page.html


async def test_a_private_use_scheme_is_for_the_tenant_to_allow(
    host: MetadataHost, ada: EndUser, http: httpx2.AsyncClient, issuer: str
) -> None:
    back = "com.acme.notes:/callback"
    party = RelyingParty(http, issuer, host.publish(PATH, redirect_uris=[back]), redirect_uri=back)
    assert (await arrive(ada, party)).error == "invalid_redirect_uri"


@pytest.mark.parametrize(
    ("parameters", "error"),
    [({"scope": "notes:purge"}, "invalid_scope"), ({"resource": "https://unknown.test/"}, "invalid_target")],
)
async def test_what_the_client_may_be_told_later_is_left_to_the_person(
    described: RelyingParty, ada: EndUser, parameters: dict[str, str], error: str
) -> None:
    page = await arrive(ada, described, **parameters)
    assert (page.error, page.callback) == (error, None)
    assert "data-continue" in page.html


async def test_nothing_is_asked_where_silence_is_wanted(described: RelyingParty, ada: EndUser) -> None:
    await arrive(ada, described)
    page = await ada.visit(described.begin(prompt="none").url)
    assert (page.error, page.callback) == ("consent_required", None)


async def test_a_host_inside_is_not_asked(
    described: RelyingParty, host: MetadataHost, ada: EndUser, settings: Settings
) -> None:
    outbound.open_outbound(settings)
    local = replace(described, client_id=host.url(PATH).replace("clients.test", "localhost"))
    assert (await arrive(ada, local)).error == "invalid_client"
    assert [event["reason"] for event in await events("client_document.refused")] == ["forbidden_address"]
    assert host.asked == []


# ---------------------------------------------------------------------------------------- documents that grow older


@pytest.mark.checklist("1d.25")
async def test_a_stale_document_is_asked_for_again_and_may_be_unchanged(
    host: MetadataHost, ada: EndUser, http: httpx2.AsyncClient, issuer: str
) -> None:
    headers = {"etag": '"one"', "cache-control": "max-age=600"}
    party = RelyingParty(http, issuer, host.publish(PATH, headers=headers))
    await tokens_of(ada, party)
    await grow_older(DAY)
    host.behaviours[PATH] = answering(status=304, headers={"cache-control": "max-age=3600"})
    await tokens_of(ada, party)
    assert host.asked[-1].headers["if-none-match"] == '"one"'
    document = await clients.find_document(party.client_id)
    assert document is not None
    assert document.etag == '"one"'
    assert document.fresh_until - document.fetched_at == HOUR


@pytest.mark.checklist("1d.25")
@pytest.mark.parametrize(
    ("control", "fresh"),
    [("max-age=600", 10 * MINUTE), ("no-store", 5 * MINUTE), ("max-age=1", 5 * MINUTE), ("max-age=31536000", DAY)],
)
async def test_how_long_a_document_is_fresh(
    described: RelyingParty, host: MetadataHost, ada: EndUser, control: str, fresh: Duration
) -> None:
    host.publish(PATH, headers={"cache-control": control})
    await arrive(ada, described)
    document = await clients.find_document(described.client_id)
    assert document is not None
    assert document.fresh_until - document.fetched_at == fresh


async def test_who_is_running_outlives_a_host_that_is_gone_for_a_week(
    described: RelyingParty, host: MetadataHost, ada: EndUser
) -> None:
    tokens = await tokens_of(ada, described)
    host.behaviours[PATH] = answering(status=503)
    await grow_older(6 * DAY)
    page = await ada.visit(described.begin().url)
    assert (page.error, page.callback) == ("invalid_client", None)
    renewed = await described.refresh(tokens["refresh_token"])
    assert renewed.status_code == httpx2.codes.OK
    await grow_older(8 * DAY)
    asked = len(host.asked)
    refused = await described.refresh(renewed.json()["refresh_token"])
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    assert len(host.asked) == asked


@pytest.mark.checklist("1d.30")
async def test_a_client_that_changes_is_consented_to_again_and_the_difference_is_written_down(
    host: MetadataHost, ada: EndUser, http: httpx2.AsyncClient, issuer: str, settings: Settings
) -> None:
    # At this host's port, the policy of every tenant would have an administrator look at a client that changed.
    rule = {"host": NAME, "action": "trust"}
    await apply_document(settings, {"tenant": "acme", "trust_policy": {"rules": [rule]}})
    back = host.url("/callback")
    party = RelyingParty(http, issuer, host.publish(PATH, redirect_uris=[back]), redirect_uri=back)
    await tokens_of(ada, party)
    assert (await ada.visit(party.begin().url)).callback is not None
    host.publish(PATH, redirect_uris=[back, HTTPS], client_name="Your bank")
    await grow_older(DAY)
    page = await ada.visit(party.begin().url)
    assert page.step == "consent"
    assert (await ada.allow(page)).callback is not None
    (event,) = await events("client_metadata.changed")
    assert event["changes"] == [
        'client_name: "Documented" -> "Your bank"',
        f'redirect_uris: ["{back}"] -> ["{back}", "{HTTPS}"]',
    ]
    assert (await ada.visit(party.begin().url)).callback is not None


async def test_a_redirect_uri_that_was_taken_out_counts_at_once(
    described: RelyingParty, host: MetadataHost, ada: EndUser, stranger: EndUser
) -> None:
    page = await arrive(ada, described)
    host.publish(PATH, redirect_uris=[HTTPS])
    await grow_older(DAY)
    stranger.username, stranger.password = "bob", "bobs-battery-staple"
    assert (await arrive(stranger, described)).error == "invalid_redirect_uri"
    assert (await ada.allow(page)).callback is None


@pytest.mark.usefixtures("warm_caches")
async def test_a_refresh_costs_no_query_more_than_that_of_any_client(described: RelyingParty, ada: EndUser) -> None:
    tokens = await tokens_of(ada, described)
    tokens = (await described.refresh(tokens["refresh_token"])).json()
    with database.query_count() as count:
        assert (await described.refresh(tokens["refresh_token"])).status_code == httpx2.codes.OK
    assert count.total == BUDGETS["refresh, JWT"]


async def test_the_job_asks_for_what_tenants_rely_on_and_forgets_the_rest(
    described: RelyingParty, host: MetadataHost, ada: EndUser
) -> None:
    await tokens_of(ada, described)
    nobodys = replace(described, client_id=host.publish("/nobodys.json"))
    await arrive(ada, nobodys)
    await grow_older(10 * DAY)
    await client_documents.refresh_documents(clock.now())
    assert (host.count(PATH), host.count("/nobodys.json")) == (2, 1)
    assert await clients.find_document(described.client_id) is not None
    cache.drop_everything()
    assert await clients.find_document(nobodys.client_id) is None


async def test_documents_in_use_are_kept_current(described: RelyingParty, host: MetadataHost, ada: EndUser) -> None:
    await tokens_of(ada, described)
    client = await find(described)
    await interactions.refresh_document(client.tenant_id, client.client_id, clock.now())
    assert host.count(PATH) == 1
    await grow_older(DAY)
    host.publish(PATH, client_name="Another")
    await interactions.refresh_document(client.tenant_id, client.client_id, clock.now())
    assert host.count(PATH) == 2
    assert (await find(described)).metadata.client_name == "Another"
    assert len(await events("client_metadata.changed")) == 1
    await grow_older(DAY)
    host.behaviours[PATH] = answering(status=500)
    await interactions.refresh_document(client.tenant_id, client.client_id, clock.now())
    assert [event["reason"] for event in await events("client_document.refused")] == ["status"]


# --------------------------------------------------------------------------------------------------------------- held


async def test_an_administrator_can_let_go_who_waits_for_a_client_that_nobody_used_before(
    host: MetadataHost, ada: EndUser, stranger: EndUser, http: httpx2.AsyncClient, issuer: str
) -> None:
    callback = "https://described.github.io/cb"
    party = RelyingParty(http, issuer, host.publish(PATH, redirect_uris=[callback]), redirect_uri=callback)
    pages = []
    bob = EndUser(stranger.http, username="bob", password="bobs-battery-staple")
    for person in (ada, bob):
        page = await person.visit(party.begin().url)
        pages.append(await person.consent(await person.log_in(page)))
    assert [page.step for page in pages] == ["held", "held"]
    tenant = await tenants.find_by_slug("acme", PUBLIC_URL)
    assert tenant is not None
    (line,) = (await trust_inbox.page(OPERATOR, tenant, HoldFilter(), Paging())).items
    assert (line.hold.client_id, line.client_source, line.hold.people) == (party.client_id, "metadata_document", 2)
    wish = NewVerdict(Judgement.TRUST)
    assert await trust_inbox.answer(OPERATOR, tenant, [line.hold.id], wish, clock.now()) == (line.hold.id,)
    assert "code" in (await ada.submit(pages[0])).answer
    # What was trusted is the client as it was.
    host.publish(PATH, redirect_uris=[callback], client_name="Your bank")
    await grow_older(DAY)
    page = await bob.consent(await arrive(bob, party))
    assert (page.step, page.callback) == ("held", None)
