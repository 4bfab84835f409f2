"""Logging out, the landing page, static files, and addresses at which there is nothing."""

from __future__ import annotations

from urllib.parse import urlencode

import httpx2
import pytest
from quart import Quart

from server import interactions
from server.settings import Settings
from tests.actors import EndUser, RelyingParty
from tests.conftest import PUBLIC_URL
from web import register_pages


async def test_logging_out_is_confirmed_and_shown(ada: EndUser, dynamic: RelyingParty) -> None:
    await ada.authorize(dynamic.begin().url)
    page = await ada.visit(f"{dynamic.issuer}/logout")
    assert (page.step, page.status) == ("logout", 200)
    done = await ada.submit(page)
    assert (done.step, done.status) == ("logged-out", 200)
    assert (await ada.visit(f"{dynamic.issuer}/logout")).step == "logged-out"


async def test_a_logout_form_without_its_token_logs_nobody_out(ada: EndUser, dynamic: RelyingParty) -> None:
    await ada.authorize(dynamic.begin().url)
    answer = await ada.http.post(f"{dynamic.issuer}/logout", data={"step": "logout", "csrf": "x"})
    assert answer.status_code == 422
    assert (await ada.visit(f"{dynamic.issuer}/logout")).step == "logout"


async def test_a_logout_form_from_another_site_is_forbidden(ada: EndUser, dynamic: RelyingParty) -> None:
    await ada.authorize(dynamic.begin().url)
    answer = await ada.http.post(
        f"{dynamic.issuer}/logout", data={"step": "logout"}, headers={"sec-fetch-site": "cross-site"}
    )
    assert answer.status_code == 403


async def test_a_confirmed_logout_goes_back_to_a_client_that_is_known(ada: EndUser, webapp: RelyingParty) -> None:
    await ada.authorize(webapp.begin().url)
    back = "https://app.acme.test/goodbye"
    query = urlencode({"client_id": "webapp", "post_logout_redirect_uri": back})
    page = await ada.visit(f"{webapp.issuer}/logout?{query}")
    assert (await ada.submit(page)).callback == back
    assert (await ada.visit(f"{webapp.issuer}/logout?{query}")).callback == back


async def test_a_logout_leads_to_an_unknown_client_by_a_link_only(ada: EndUser, http: httpx2.AsyncClient) -> None:
    back = "https://unknown.test/bye"
    client = await RelyingParty.register(http, f"{PUBLIC_URL}/t/acme", post_logout_redirect_uris=[back])
    await ada.authorize(client.begin().url)
    query = urlencode({"client_id": client.client_id, "post_logout_redirect_uri": back})
    page = await ada.submit(await ada.visit(f"{client.issuer}/logout?{query}"))
    assert (page.callback, page.step, page.document.continue_uri) == (None, "logged-out", back)


async def test_a_clients_posted_logout_becomes_a_get_that_brings_the_cookies(
    ada: EndUser, dynamic: RelyingParty
) -> None:
    sent = {"client_id": dynamic.client_id, "state": "a b", "step": "login", "csrf": "x", "other": "y"}
    answer = await ada.http.post(f"{dynamic.issuer}/logout", data=sent, headers={"origin": "https://app.acme.test"})
    kept = urlencode({"client_id": dynamic.client_id, "state": "a b"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{dynamic.issuer}/logout?{kept}")


async def test_a_logout_request_that_does_not_fit_is_a_page(ada: EndUser, dynamic: RelyingParty) -> None:
    page = await ada.visit(f"{dynamic.issuer}/logout?post_logout_redirect_uri=https://evil.test/")
    assert (page.status, page.error, page.document.continue_uri) == (400, "invalid_request", None)


async def test_logging_out_speaks_the_language_that_was_asked_for(ada: EndUser, dynamic: RelyingParty) -> None:
    assert (await ada.visit(f"{dynamic.issuer}/logout?ui_locales=de")).document.language == "de"


async def test_landing_page_says_what_this_is(http: httpx2.AsyncClient) -> None:
    answer = await http.get("/")
    assert answer.status_code == 200
    assert "form-action 'none'" in answer.headers["content-security-policy"]
    assert (await http.head("/")).status_code == 200


async def test_style_sheets_are_found_where_pages_say(ada: EndUser, dynamic: RelyingParty) -> None:
    page = await ada.visit(dynamic.begin().url)
    path = page.html.split('<link rel="stylesheet" href="')[1].split('"')[0]
    for url in (f"{PUBLIC_URL}{path}", f"{dynamic.issuer}{path}"):
        answer = await ada.http.get(url)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/css; charset=utf-8")
        again = await ada.http.get(url, headers={"if-none-match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


async def test_a_fault_of_ours_is_a_page_that_tells_nothing(
    ada: EndUser, dynamic: RelyingParty, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await ada.visit(dynamic.begin().url)

    async def fail(*_: object) -> None:
        raise RuntimeError("a secret of the inside")

    monkeypatch.setattr(interactions, "view", fail)
    answer = await ada.http.get(page.url)
    assert answer.status_code == 500
    assert 'data-error="server_error"' in answer.text
    assert "inside" not in answer.text
    assert answer.headers["x-correlation-id"] in answer.text


async def test_without_a_tenant_there_is_no_tenants_page(settings: Settings) -> None:
    app = Quart("embedded", static_folder=None)
    register_pages(app, settings)
    answer = await app.test_client().get("/t/acme/logout")
    assert answer.status_code == 404


@pytest.mark.parametrize("path", ["/nothing", "/static/0000000000000000/latchkey.css", "/static/../server/app.py"])
async def test_there_is_a_page_where_there_is_nothing(http: httpx2.AsyncClient, path: str) -> None:
    answer = await http.get(path)
    assert answer.status_code == 404
    assert 'data-error="not_found"' in answer.text
    assert path not in answer.text
