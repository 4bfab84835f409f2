"""A hostile site and a hostile neighbour against a person's browser."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import httpx2
import pytest

from server import tenants
from server.jobs.sweeping import sweep_expired
from server.kernel import clock, database
from server.kernel.clock import DAY, HOUR, MINUTE
from tests.actors import EndUser, RelyingParty
from tests.conftest import PUBLIC_URL
from tests.flows.conftest import ACME, apply_document
from tests.support.raw_asgi import RawRequest, send_raw

if TYPE_CHECKING:
    from server.hosting import Dispatcher
    from server.settings import Settings

FORM = {"content-type": "application/x-www-form-urlencoded"}


def changed(client_id: str, **members: object) -> dict[str, object]:
    """The tenant with one client changed."""
    clients = ACME["clients"]
    assert isinstance(clients, list)
    return {**ACME, "clients": [c | members if c["client_id"] == client_id else c for c in clients]}


# ------------------------------------------------------------------------------------------------------- open redirects


@pytest.mark.rfc("9700", "4.11")
@pytest.mark.parametrize(
    "uri",
    [
        "https://app.acme.test/callback/",
        "https://app.acme.test/callback?x=1",
        "https://app.acme.test/callback#x",
        "https://app.acme.test/Callback",
        "https://app.acme.test/./callback",
        "https://app.acme.test/x/../callback",
        "https://app.acme.test/%63allback",
        "https://app.acme.test:443/callback",
        "https://app.acme.test.evil.test/callback",
        "https://app.acme.test@evil.test/callback",
        "https://app.acme.test\\@evil.test/callback",
        "https://app.acme.test\t/callback",
        "HTTPS://app.acme.test/callback",
        "https://APP.acme.test/callback",
        "http://app.acme.test/callback",
        "//app.acme.test/callback",
        "https:app.acme.test/callback",
        "https:///app.acme.test/callback",
        "https://app.acme.test/callback\r\nSet-Cookie: a=b",
        "https://app.acme.test/callback%0d%0aSet-Cookie:a=b",
        "javascript:alert(1)",
    ],
)
async def test_no_other_spelling_of_a_redirect_uri_is_followed(ada: EndUser, webapp: RelyingParty, uri: str) -> None:
    page = await ada.visit(webapp.begin(redirect_uri=uri).url)
    assert (page.status, page.callback, page.document.continue_uri) == (400, None, None)
    assert "evil." not in page.html


@pytest.mark.rfc("8252", "7.3")
@pytest.mark.parametrize(
    "uri",
    [
        "http://localhost:8765/callback",
        "http://127.0.0.2:8765/callback",
        "http://127.0.0.1:8765/callback/..",
        "http://127.0.0.1:8765@evil.test/callback",
        "http://127.0.0.1:0/callback",
        "http://127.0.0.1:99999/callback",
        "http://127.0.0.1:/callback",
        "http://127.1:8765/callback",
        "http://2130706433/callback",
        "http://0x7f.0.0.1/callback",
        "http://[::ffff:127.0.0.1]/callback",
        "http://127.0.0.1.evil.test/callback",
        "https://127.0.0.1:8765/callback",
        "http://127.0.0.1:8765/callback?next=//evil.test",
    ],
)
async def test_only_the_port_of_a_loopback_uri_is_free(ada: EndUser, dynamic: RelyingParty, uri: str) -> None:
    page = await ada.visit(dynamic.begin(redirect_uri=uri).url)
    assert (page.status, page.callback, page.document.continue_uri) == (400, None, None)


@pytest.mark.parametrize(
    "uri", ["https://evil.test/", "https://app.acme.test/goodbye/", "https://app.acme.test/callback"]
)
@pytest.mark.parametrize("signed_in", [True, False])
async def test_logging_out_goes_nowhere_that_was_not_registered_for_it(
    ada: EndUser, webapp: RelyingParty, uri: str, *, signed_in: bool
) -> None:
    if signed_in:
        await ada.authorize(webapp.begin().url)
    query = urlencode({"client_id": "webapp", "post_logout_redirect_uri": uri})
    page = await ada.visit(f"{webapp.issuer}/logout?{query}")
    assert (page.status, page.callback, page.document.continue_uri) == (400, None, None)


async def test_a_scheme_that_was_forbidden_midway_is_not_followed(
    ada: EndUser, settings: Settings, webapp: RelyingParty
) -> None:
    uri = "com.acme.app:/callback"
    await apply_document(settings, changed("webapp", redirect_uris=[uri]))
    native = RelyingParty(webapp.http, webapp.issuer, "webapp", uri, webapp.client_secret)
    page = await ada.log_in(await ada.visit(native.begin().url))
    await apply_document(settings, {"tenant": "acme", "settings": {"private_use_schemes": "off"}})
    assert ((await ada.allow(page)).status, (await ada.visit(native.begin().url)).error) == (
        400,
        "invalid_redirect_uri",
    )


async def test_a_scheme_that_was_forbidden_is_no_way_out_at_logout(
    ada: EndUser, settings: Settings, webapp: RelyingParty
) -> None:
    uri = "com.acme.app:/goodbye"
    await apply_document(settings, changed("webapp", post_logout_redirect_uris=[uri]))
    url = f"{webapp.issuer}/logout?{urlencode({'client_id': 'webapp', 'post_logout_redirect_uri': uri})}"
    assert (await ada.http.get(url)).headers["location"] == uri
    await apply_document(settings, {"tenant": "acme", "settings": {"private_use_schemes": "off"}})
    assert (await ada.http.get(url)).status_code == 400


async def test_a_state_cannot_break_out_of_the_answer(ada: EndUser, webapp: RelyingParty) -> None:
    state = "x&code=stolen&iss=https://evil.test#fragment ?\u2028\u202e"
    page = await ada.authorize(webapp.begin(state=state).url)
    assert page.answer["state"] == state
    assert page.answer["iss"] == webapp.issuer
    assert page.callback is not None
    assert urlsplit(page.callback).fragment == ""
    assert page.callback.isascii()


# ----------------------------------------------------------------------------------------- forms, cookies, interactions


async def test_a_posted_request_is_not_opened_under_another_clients_name(
    http: httpx2.AsyncClient, webapp: RelyingParty, dynamic: RelyingParty
) -> None:
    posted = await http.post(f"{webapp.issuer}/authorize", content=urlsplit(dynamic.begin().url).query, headers=FORM)
    location = posted.headers["location"]
    assert (await http.get(location)).status_code == 303
    swapped = location.replace(f"client_id={dynamic.client_id}", "client_id=webapp")
    assert swapped != location
    assert (await http.get(swapped)).status_code == 400


async def test_a_session_of_one_tenant_is_none_at_a_neighbour(
    ada: EndUser, settings: Settings, webapp: RelyingParty
) -> None:
    """Not even when its cookies are brought along under the neighbour's names."""
    await apply_document(settings, {**ACME, "tenant": "globex"})
    await ada.authorize(webapp.begin().url)
    acme, globex = [await tenants.find_by_slug(slug, PUBLIC_URL) for slug in ("acme", "globex")]
    assert acme is not None
    assert globex is not None
    for cookie in list(ada.http.cookies.jar):
        name = cookie.name.replace(acme.id.hex[-8:], globex.id.hex[-8:])
        ada.http.cookies.set(name, str(cookie.value), domain="127.0.0.1", path="/")
    neighbour = RelyingParty(webapp.http, f"{PUBLIC_URL}/t/globex", "webapp", webapp.redirect_uri)
    assert (await ada.visit(neighbour.begin().url)).step == "login"


async def test_an_open_interaction_is_unknown_at_a_neighbour(
    ada: EndUser, settings: Settings, webapp: RelyingParty
) -> None:
    await apply_document(settings, {**ACME, "tenant": "globex"})
    page = await ada.visit(webapp.begin().url)
    assert (await ada.visit(page.url.replace("/t/acme/", "/t/globex/"))).status == 400


async def test_a_second_tab_cannot_answer_for_the_first(ada: EndUser, webapp: RelyingParty) -> None:
    """The proof of one interaction's form does not count in another of the same browser and person."""
    await ada.authorize(webapp.begin().url)
    first = await ada.visit(webapp.begin(prompt="consent").url)
    second = await ada.visit(webapp.begin(prompt="consent", scope="openid email offline_access notes:read").url)
    form = first.document.form("consent")
    response = await ada.http.post(
        second.url, content=urlencode(form.filled(None, ("decision", "allow"))), headers=FORM
    )
    assert response.status_code == 422


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("step", ["login", "consent"])
async def test_a_form_of_another_site_is_refused_even_with_its_token(
    ada: EndUser, webapp: RelyingParty, step: str, site: str
) -> None:
    page = await ada.visit(webapp.begin().url)
    if step == "consent":
        page = await ada.log_in(page)
    filled = page.document.form(step).filled({"username": "ada", "password": ada.password}, ("decision", "allow"))
    response = await ada.http.post(page.url, content=urlencode(filled), headers={**FORM, "sec-fetch-site": site})
    assert response.status_code == 403


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_a_method_is_what_the_request_line_says(ada: EndUser, webapp: RelyingParty, method: str) -> None:
    page = await ada.log_in(await ada.visit(webapp.begin().url))
    fields = page.document.form("consent").filled(None, ("decision", "allow"))
    body = urlencode([*fields, ("_method", method)])
    for headers in ({"x-http-method-override": "POST"}, {"x-http-method": "POST"}, {"x-method-override": "POST"}):
        response = await ada.http.request(method, page.url, content=body, headers={**FORM, **headers})
        assert response.status_code == 405
        assert (await ada.http.get(page.url, headers=headers)).status_code == 200


# -------------------------------------------------------------------------------------------------------------- consent


@pytest.mark.rfc("8252", "8.6")
async def test_consent_at_one_origin_is_none_at_another(ada: EndUser, settings: Settings, webapp: RelyingParty) -> None:
    uris = ["https://app.acme.test/callback", "https://other.acme.test/callback"]
    await apply_document(settings, changed("webapp", redirect_uris=uris))
    await ada.authorize(webapp.begin().url)
    assert (await ada.visit(webapp.begin(prompt="none").url)).answer["code"]
    silent = await ada.visit(webapp.begin(prompt="none", redirect_uri=uris[1]).url)
    assert silent.answer["error"] == "consent_required"


@pytest.mark.parametrize(
    "more",
    [
        {"scope": "openid notes:read"},
        {"scope": "openid offline_access"},
        {"resource": "https://api.acme.test/mcp"},
        {"resource": ["https://api.acme.test/mcp", "https://files.acme.test/"]},
    ],
)
async def test_consent_to_less_is_no_consent_to_more(
    ada: EndUser, webapp: RelyingParty, more: dict[str, str | list[str]]
) -> None:
    await ada.authorize(webapp.begin().url)
    assert (await ada.visit(webapp.begin(**more, prompt="none").url)).answer["error"] == "consent_required"
    assert (await ada.visit(webapp.begin(**more).url)).step == "consent"


async def test_consent_for_one_resource_is_none_for_its_neighbour(ada: EndUser, webapp: RelyingParty) -> None:
    asked = {"scope": "openid notes:read", "resource": "https://api.acme.test/mcp"}
    await ada.authorize(webapp.begin(**asked).url)
    assert (await ada.visit(webapp.begin(**asked, prompt="none").url)).answer["code"]
    elsewhere = asked | {"resource": "https://files.acme.test/"}
    assert (await ada.visit(webapp.begin(**elsewhere, prompt="none").url)).answer["error"] == "consent_required"


async def test_a_scope_that_was_never_offered_cannot_be_ticked(ada: EndUser, webapp: RelyingParty) -> None:
    attempt = webapp.begin(scope="openid")
    page = await ada.log_in(await ada.visit(attempt.url))
    fields = [*page.document.form("consent").filled(None, ("decision", "allow")), ("scope", "notes:write")]
    response = await ada.http.post(page.url, content=urlencode(fields), headers=FORM)
    code = response.headers["location"].partition("code=")[2].partition("&")[0]
    assert (await webapp.redeem(code, attempt)).json()["scope"] == "openid"


# -------------------------------------------------------------------------------------------------------- what is shown


@pytest.mark.parametrize(
    "name", ["</h2><script>alert(1)</script>", "{{ 7*7 }}{% raw %}", "'\"><img src=x onerror=alert(1)>"]
)
async def test_a_clients_name_is_never_markup(ada: EndUser, dynamic: RelyingParty, name: str) -> None:
    hostile = await RelyingParty.register(
        dynamic.http, dynamic.issuer, client_name=name, contacts=[name], client_uri="https://evil.test/?<script>"[:18]
    )
    page = await ada.log_in(await ada.visit(hostile.begin(login_hint=name).url))
    assert page.step == "consent"
    assert name in page.document.text
    assert "<script>alert" not in page.html
    assert "<img src=x" not in page.html


async def test_a_logo_address_cannot_write_into_the_policy(
    http: httpx2.AsyncClient, settings: Settings, ada: EndUser, dynamic: RelyingParty
) -> None:
    logo = "https://x;frame-ancestors *;script-src *@cdn.acme.test/logo.png"
    await apply_document(settings, {**ACME, "branding": {"logo_uri": logo}})
    page = await ada.visit(dynamic.begin().url)
    policy = page.headers["content-security-policy"]
    assert "frame-ancestors *" not in policy
    assert policy.count("frame-ancestors") == 1


# ----------------------------------------------------------------------------------------------- what grows without end


async def test_an_endless_query_is_not_kept(app: Dispatcher, dynamic: RelyingParty) -> None:
    query = urlsplit(dynamic.begin(state="x" * 9000).url).query.encode()
    asked = RawRequest("/t/acme/authorize", query=query, headers=[(b"accept", b"text/html")])
    refused = await send_raw(app, asked)
    assert (refused.status, refused.header("content-type")) == (413, "text/html; charset=utf-8")
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app.pages), base_url=PUBLIC_URL) as behind:
        assert (await behind.get(f"/t/acme/authorize?{query.decode()}")).status_code == 413
    posted = RawRequest(
        "/t/acme/authorize", "POST", headers=[(b"content-type", FORM["content-type"].encode())], body=query
    )
    assert (await send_raw(app, posted)).status == 413


async def test_what_nobody_finished_is_gone_within_the_hour(
    ada: EndUser, stranger: EndUser, webapp: RelyingParty
) -> None:
    """Anybody can begin interactions; a grant is kept longer, so that a late replay is still known for what it is."""
    await ada.authorize(webapp.begin().url)
    await stranger.visit(webapp.begin().url)
    now = clock.now()
    await sweep_expired(now)
    assert len(await database.rows("SELECT id FROM interaction")) == 2
    await sweep_expired(now + HOUR + MINUTE)
    assert await database.rows("SELECT id FROM interaction") == []
    assert len(await database.rows("SELECT id FROM access_grant")) == 1
    await sweep_expired(now + 2 * DAY)
    assert await database.rows("SELECT id FROM access_grant") == []
