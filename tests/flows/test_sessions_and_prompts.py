"""When people are asked, and when they are not. OpenID Connect Core §3.1.2."""

from __future__ import annotations

import httpx2
import pytest

from server.kernel import clock, database
from server.kernel.clock import HOUR
from server.settings import Settings
from tests.actors import EndUser, RelyingParty
from tests.flows.conftest import ACME, apply_document


async def test_remembered_consent_sends_a_person_straight_back(ada: EndUser, webapp: RelyingParty) -> None:
    await ada.authorize(webapp.begin().url)
    page = await ada.visit(webapp.begin().url)
    assert page.callback is not None
    assert "code" in page.answer


@pytest.mark.rfc("8252", "8.6")
async def test_a_loopback_client_is_asked_about_each_time(ada: EndUser, dynamic: RelyingParty) -> None:
    await ada.authorize(dynamic.begin().url)
    page = await ada.visit(dynamic.begin().url)
    assert page.step == "consent"


async def test_prompt_none_without_a_session_is_login_required(ada: EndUser, webapp: RelyingParty) -> None:
    page = await ada.visit(webapp.begin(prompt="none").url)
    assert page.answer["error"] == "login_required"


async def test_prompt_none_without_consent_is_consent_required(ada: EndUser, webapp: RelyingParty) -> None:
    page = await ada.log_in(await ada.visit(webapp.begin().url))
    assert page.step == "consent"
    page = await ada.visit(webapp.begin(prompt="none").url)
    assert page.answer["error"] == "consent_required"


async def test_prompt_none_succeeds_for_who_is_signed_in_and_consented(ada: EndUser, webapp: RelyingParty) -> None:
    await ada.authorize(webapp.begin().url)
    page = await ada.visit(webapp.begin(prompt="none").url)
    assert "code" in page.answer


async def test_prompt_login_asks_for_the_password_again(ada: EndUser, webapp: RelyingParty) -> None:
    await ada.authorize(webapp.begin().url)
    page = await ada.visit(webapp.begin(prompt="login").url)
    assert page.step == "login"
    page = await ada.log_in(page)
    assert "code" in page.answer


async def test_max_age_zero_counts_only_a_login_made_now(ada: EndUser, webapp: RelyingParty) -> None:
    await ada.authorize(webapp.begin().url)
    page = await ada.visit(webapp.begin(max_age="0").url)
    assert page.step == "login"
    assert "code" in (await ada.log_in(page)).answer


@pytest.mark.checklist("1a.12")
async def test_prompt_consent_asks_again(ada: EndUser, webapp: RelyingParty) -> None:
    await ada.authorize(webapp.begin().url)
    page = await ada.visit(webapp.begin(prompt="consent").url)
    assert page.step == "consent"


async def test_a_login_hint_fills_in_the_name(ada: EndUser, webapp: RelyingParty) -> None:
    page = await ada.visit(webapp.begin(login_hint="ada@acme.test").url)
    assert page.document.form("login").values("username") == ["ada@acme.test"]


async def test_a_first_party_client_needs_no_consent(ada: EndUser, first_party: RelyingParty) -> None:
    page = await ada.log_in(await ada.visit(first_party.begin().url))
    assert "code" in page.answer


async def test_declining_tells_an_admins_client_and_only_links_to_others(
    ada: EndUser, webapp: RelyingParty, dynamic: RelyingParty
) -> None:
    page = await ada.deny(await ada.log_in(await ada.visit(webapp.begin().url)))
    assert page.answer["error"] == "access_denied"
    page = await ada.deny(await ada.visit(dynamic.begin().url))
    assert (page.callback, page.error) == (None, "access_denied")


async def test_an_optional_scope_may_be_left_out(ada: EndUser, dynamic: RelyingParty) -> None:
    attempt = dynamic.begin(scope="openid notes:read notes:write")
    page = await ada.log_in(await ada.visit(attempt.url))
    assert page.document.form("consent").values("scope") == ["notes:write"]
    page = await ada.allow(page, [])
    answer = (await dynamic.redeem(page.answer["code"], attempt)).json()
    assert answer["scope"].split() == ["openid", "notes:read"]


async def test_another_browser_cannot_go_on_with_an_interaction(
    ada: EndUser, stranger: EndUser, dynamic: RelyingParty
) -> None:
    page = await ada.visit(dynamic.begin().url)
    seen = await stranger.visit(page.url)
    assert seen.status == 400
    assert seen.step is None
    assert (await ada.log_in(page)).step == "consent"


async def test_a_consent_answered_twice_gives_one_code(ada: EndUser, dynamic: RelyingParty) -> None:
    page = await ada.log_in(await ada.visit(dynamic.begin().url))
    first = await ada.allow(page)
    assert "code" in first.answer
    second = await ada.allow(page)
    assert (second.callback, second.status) == (None, 400)


async def test_a_form_without_its_csrf_token_changes_nothing(
    ada: EndUser, http: httpx2.AsyncClient, dynamic: RelyingParty
) -> None:
    page = await ada.visit(dynamic.begin().url)
    response = await http.post(page.url, data={"username": ada.username, "password": ada.password})
    assert response.status_code in {400, 403, 422}
    assert (await ada.visit(page.url)).step == "login"


async def test_consent_shown_to_one_person_is_not_answered_by_another(
    ada: EndUser, dynamic: RelyingParty, http: httpx2.AsyncClient
) -> None:
    page = await ada.log_in(await ada.visit(dynamic.begin().url))
    other = await ada.visit(dynamic.begin(prompt="login").url)
    await ada.log_in(other, username="bob", password="bobs-battery-staple")
    answered = await ada.allow(page)
    assert answered.callback is None
    assert answered.step == "consent"


async def test_the_session_id_changes_at_every_login(ada: EndUser, webapp: RelyingParty) -> None:
    await ada.authorize(webapp.begin().url)
    before = dict(ada.http.cookies)
    await ada.authorize(webapp.begin(prompt="login").url)
    changed = {name for name, value in dict(ada.http.cookies).items() if before.get(name) != value}
    assert changed


async def test_not_you_lets_somebody_else_sign_in(ada: EndUser, dynamic: RelyingParty) -> None:
    page = await ada.log_in(await ada.visit(dynamic.begin().url))
    others = [form for form in page.document.forms if form.step != "consent"]
    page = await ada.submit(page, button=("decision", "switch_account"), form=others[0])
    assert page.step == "login"


async def test_not_you_after_a_logout_elsewhere_is_just_a_login(ada: EndUser, dynamic: RelyingParty) -> None:
    page = await ada.log_in(await ada.visit(dynamic.begin().url))
    others = [form for form in page.document.forms if form.step != "consent"]
    await database.execute("UPDATE browser_session SET ended_at = $1", clock.now())
    page = await ada.submit(page, button=("decision", "switch_account"), form=others[0])
    assert page.step == "login"


async def test_staying_connected_is_not_shown_as_use_of_the_account(ada: EndUser, dynamic: RelyingParty) -> None:
    asked = {"scope": "notes:read offline_access", "resource": "https://api.acme.test/mcp"}
    page = await ada.log_in(await ada.visit(dynamic.begin(**asked).url))
    assert page.step == "consent"
    assert "Also while you are away" in page.document.text
    assert "No particular permissions" not in page.document.text


@pytest.mark.parametrize(
    ("case", "kept"),
    [("never, ticked", False), ("offered", False), ("offered, ticked", True), ("always", True)],
)
async def test_staying_signed_in_is_the_tenants_to_allow(
    ada: EndUser, dynamic: RelyingParty, settings: Settings, case: str, kept: bool
) -> None:
    setting, _, ticked = case.partition(", ")
    lifetimes = {"session_lifetime": "1h", "session_max_lifetime": "10d"}
    await apply_document(settings, {**ACME, "settings": {**lifetimes, "keep_signed_in": setting}})
    page = await ada.visit(dynamic.begin().url)
    assert ("Keep me signed in" in page.document.text) == (setting == "offered")
    fields = {"username": "ada", "password": ada.password} | ({"keep": "y"} if ticked else {})
    answer = await ada.http.post(page.url, data=dict(page.document.form("login").hidden()) | fields)
    cookie = next(line for line in answer.headers.get_list("set-cookie") if "-d=" not in line)
    assert ("Max-Age=864000" in cookie) == kept
    await database.execute("UPDATE browser_session SET last_seen_at = last_seen_at - $1", HOUR)
    await ada.visit(dynamic.begin().url)
    row = await database.row("SELECT expires_at, max_expires_at FROM browser_session")
    assert row is not None
    assert (row["expires_at"] == row["max_expires_at"]) == kept
