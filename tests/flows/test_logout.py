"""RP-initiated logout. OpenID Connect RP-Initiated Logout 1.0."""

from __future__ import annotations

import asyncio
from urllib.parse import urlencode

import httpx2

from server.kernel import database
from server.settings import Settings
from tests.actors import EndUser, RelyingParty
from tests.flows.conftest import ACME, apply_document

GOODBYE = "https://app.acme.test/goodbye"


async def sign_in(person: EndUser, client: RelyingParty) -> dict[str, str]:
    attempt = client.begin(scope="openid")
    page = await person.authorize(attempt.url)
    answer: dict[str, str] = (await client.redeem(page.answer["code"], attempt)).json()
    return answer


def logout_url(client: RelyingParty, **parameters: str) -> str:
    return f"{client.issuer}/logout?{urlencode(parameters)}"


async def test_a_good_hint_logs_out_at_once_and_goes_back(ada: EndUser, webapp: RelyingParty) -> None:
    answer = await sign_in(ada, webapp)
    url = logout_url(webapp, id_token_hint=answer["id_token"], post_logout_redirect_uri=GOODBYE, state="s-1")
    page = await ada.visit(url)
    assert page.callback == f"{GOODBYE}?state=s-1"
    assert (await ada.visit(webapp.begin(prompt="none").url)).answer["error"] == "login_required"


async def test_without_a_hint_the_person_is_asked(ada: EndUser, webapp: RelyingParty) -> None:
    await sign_in(ada, webapp)
    page = await ada.visit(logout_url(webapp))
    assert page.step == "logout"
    assert "code" in (await ada.visit(webapp.begin(prompt="none").url)).answer
    page = await ada.submit(page)
    assert page.callback is None
    assert (await ada.visit(webapp.begin(prompt="none").url)).answer["error"] == "login_required"


async def test_of_two_logouts_at_once_one_ends_the_session(ada: EndUser, webapp: RelyingParty) -> None:
    answer = await sign_in(ada, webapp)
    url = logout_url(webapp, id_token_hint=answer["id_token"])
    pages = await asyncio.gather(ada.visit(url), ada.visit(url))
    assert [page.status for page in pages] == [200, 200]
    ended = await database.rows("SELECT id FROM audit_event WHERE event = $1", "session.ended")
    assert len(ended) == 1


async def test_logout_never_goes_to_an_unregistered_place(ada: EndUser, webapp: RelyingParty) -> None:
    answer = await sign_in(ada, webapp)
    for uri in ("https://evil.test/", GOODBYE + "/", GOODBYE + "?x=1"):
        page = await ada.visit(logout_url(webapp, id_token_hint=answer["id_token"], post_logout_redirect_uri=uri))
        assert (page.callback, page.status) == (None, 400)


async def test_logging_out_ends_grants_that_are_not_offline(ada: EndUser, webapp: RelyingParty) -> None:
    answer = await sign_in(ada, webapp)
    await ada.visit(logout_url(webapp, id_token_hint=answer["id_token"]))
    assert (await webapp.refresh(answer["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await webapp.userinfo(answer["access_token"])).status_code == 401


async def test_logging_out_leaves_offline_grants_alone(ada: EndUser, webapp: RelyingParty) -> None:
    attempt = webapp.begin(scope="openid offline_access")
    page = await ada.authorize(attempt.url)
    answer = (await webapp.redeem(page.answer["code"], attempt)).json()
    await ada.visit(logout_url(webapp, id_token_hint=answer["id_token"]))
    assert (await webapp.refresh(answer["refresh_token"])).status_code == 200


async def test_a_forged_hint_is_refused(ada: EndUser, webapp: RelyingParty) -> None:
    answer = await sign_in(ada, webapp)
    head, body, _ = answer["id_token"].split(".")
    page = await ada.visit(logout_url(webapp, id_token_hint=f"{head}.{body}.AAAA"))
    assert page.callback is None
    assert page.step == "logout" or page.status == 400
    assert "code" in (await ada.visit(webapp.begin(prompt="none").url)).answer


async def test_a_hint_and_a_client_that_disagree_are_refused(ada: EndUser, webapp: RelyingParty) -> None:
    answer = await sign_in(ada, webapp)
    page = await ada.visit(logout_url(webapp, id_token_hint=answer["id_token"], client_id="portal"))
    assert (page.callback, page.status) == (None, 400)
    assert "code" in (await ada.visit(webapp.begin(prompt="none").url)).answer


async def test_logout_leads_to_no_private_scheme_where_those_are_off(
    ada: EndUser, webapp: RelyingParty, settings: Settings
) -> None:
    goodbye = "com.acme.app:/goodbye"
    client = {**ACME["clients"][0], "post_logout_redirect_uris": [goodbye]}  # type: ignore[index]  # a document
    await apply_document(settings, {**ACME, "clients": [client]})
    url = logout_url(webapp, client_id="webapp", post_logout_redirect_uri=goodbye)
    assert (await ada.visit(url)).callback == goodbye
    await apply_document(settings, {"tenant": "acme", "settings": {"private_use_schemes": "off"}})
    page = await ada.visit(url)
    assert (page.callback, page.status) == (None, 400)


async def test_a_client_that_registered_itself_gets_a_link_instead_of_a_redirect(
    ada: EndUser, http: httpx2.AsyncClient, issuer: str
) -> None:
    goodbye = "https://app.test/goodbye"
    client = await RelyingParty.register(http, issuer, post_logout_redirect_uris=[goodbye])
    answer = await sign_in(ada, client)
    url = logout_url(client, id_token_hint=answer["id_token"], post_logout_redirect_uri=goodbye)
    page = await ada.visit(url)
    assert (page.callback, page.document.continue_uri) == (None, goodbye)
