"""The steps of a flow over HTTP: statuses, refused forms, and forms that nobody should have sent."""

from __future__ import annotations

import asyncio
import threading
from urllib.parse import urlencode

import httpx2
import pytest

from server.kernel import passwords
from tests.actors import EndUser, Page, RelyingParty

FORM = {"content-type": "application/x-www-form-urlencoded"}


def fields(page: Page, **changes: str | None) -> dict[str, str]:
    """What a browser would send for a step, with changes; None leaves a field out."""
    sent: dict[str, str | None] = {**dict(page.document.form().filled()), **changes}
    return {name: value for name, value in sent.items() if value is not None}


async def post(person: EndUser, url: str, body: dict[str, str] | bytes, **headers: str) -> httpx2.Response:
    content = urlencode(body) if isinstance(body, dict) else body
    sent = {**FORM, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return await person.http.post(url, content=content, headers=sent)


async def login_page(person: EndUser, client: RelyingParty, **parameters: str) -> Page:
    return await person.visit(client.begin(**parameters).url)


async def consent_page(person: EndUser, client: RelyingParty, **parameters: str) -> Page:
    return await person.log_in(await login_page(person, client, **parameters))


async def is_signed_in(person: EndUser, client: RelyingParty) -> bool:
    page = await person.visit(client.begin(prompt="none").url)
    return (page.callback or page.document.continue_uri or "").find("login_required") == -1


# --------------------------------------------------------------------------------------------------------------- login


async def test_empty_fields_are_named_one_by_one(ada: EndUser, dynamic: RelyingParty) -> None:
    page = await login_page(ada, dynamic)
    refused = await ada.submit(page, {"username": "", "password": ""})
    assert refused.status == 422
    assert refused.html.count('aria-invalid="true"') == 2


async def test_a_login_hint_is_filled_in(ada: EndUser, dynamic: RelyingParty) -> None:
    page = await login_page(ada, dynamic, login_hint='ada"><script>\u202e')
    assert page.document.form("login").values("username") == ['ada"><script>']


async def test_a_refused_login_keeps_a_hostile_name_as_text(ada: EndUser, dynamic: RelyingParty) -> None:
    page = await login_page(ada, dynamic)
    refused = await ada.log_in(page, username='"><img src=x>', password="wrong")
    assert refused.document.form("login").values("username") == ['"><img src=x>']
    assert "<img src=x>" not in refused.html


@pytest.mark.checklist("1f.38")
@pytest.mark.parametrize("token", [None, "", "x" * 43])
async def test_a_login_without_its_token_signs_nobody_in(
    ada: EndUser, dynamic: RelyingParty, token: str | None
) -> None:
    page = await login_page(ada, dynamic)
    answer = await post(ada, page.url, fields(page, username="ada", password=ada.password, csrf=token))
    assert answer.status_code == 422
    assert not await is_signed_in(ada, dynamic)


async def test_a_form_of_another_interaction_does_not_count(ada: EndUser, dynamic: RelyingParty) -> None:
    first, second = await login_page(ada, dynamic), await login_page(ada, dynamic)
    answer = await post(ada, second.url, fields(first, username="ada", password=ada.password))
    assert answer.status_code == 422


@pytest.mark.parametrize("headers", [{"sec_fetch_site": "cross-site"}, {"origin": "https://evil.test"}])
async def test_a_form_from_another_site_is_forbidden(
    ada: EndUser, dynamic: RelyingParty, headers: dict[str, str]
) -> None:
    page = await login_page(ada, dynamic)
    answer = await post(ada, page.url, fields(page, username="ada", password=ada.password), **headers)
    assert answer.status_code == 403
    assert 'data-error="access_denied"' in answer.text
    assert not await is_signed_in(ada, dynamic)


async def test_a_login_for_which_too_many_wait_is_asked_to_come_again(ada: EndUser, dynamic: RelyingParty) -> None:
    page = await login_page(ada, dynamic)
    gate, pool = threading.Event(), passwords._opened()
    waiting = [asyncio.ensure_future(pool.run(gate.wait)) for _ in range(passwords.MAX_WAITING)]
    await asyncio.sleep(0)
    try:
        busy = await post(ada, page.url, fields(page, username="ada", password=ada.password))
    finally:
        gate.set()
        await asyncio.gather(*waiting)
    assert busy.status_code == 503
    assert busy.headers["retry-after"]
    assert 'data-error="temporarily_unavailable"' in busy.text
    assert (await ada.log_in(page)).step == "consent"


@pytest.mark.rate_limited
async def test_too_many_tries_say_when_to_come_again(ada: EndUser, dynamic: RelyingParty) -> None:
    page = await login_page(ada, dynamic)
    for _ in range(10):
        await ada.log_in(page, password="wrong")
    refused = await ada.log_in(page)
    assert refused.status == 422
    assert int(refused.headers["retry-after"]) > 0
    assert "too many attempts" in refused.document.text


async def test_an_old_login_form_leads_on_when_somebody_signed_in_meanwhile(
    ada: EndUser, dynamic: RelyingParty
) -> None:
    first, second = await login_page(ada, dynamic), await login_page(ada, dynamic)
    await ada.log_in(second)
    assert (await ada.log_in(first)).step == "consent"


async def test_an_old_login_form_ends_a_flow_with_nothing_left_to_ask(ada: EndUser, first_party: RelyingParty) -> None:
    first, second = await login_page(ada, first_party), await login_page(ada, first_party)
    assert (await ada.log_in(second)).callback
    assert "code" in (await ada.log_in(first)).answer


async def test_a_step_with_nothing_left_to_ask_leads_to_the_client(ada: EndUser, first_party: RelyingParty) -> None:
    first, second = await login_page(ada, first_party), await login_page(ada, first_party)
    await ada.log_in(second)
    assert "code" in (await ada.visit(first.url)).answer


# ------------------------------------------------------------------------------------------------------------- consent


async def test_a_form_drawn_before_a_login_does_not_count_after_it(ada: EndUser, dynamic: RelyingParty) -> None:
    page = await login_page(ada, dynamic)
    before = fields(page)["csrf"]
    consent = await ada.log_in(page)
    answer = await post(ada, consent.url, fields(consent, csrf=before, decision="allow"))
    assert answer.status_code == 422


async def test_no_decision_brings_the_form_back_with_its_ticks(ada: EndUser, dynamic: RelyingParty) -> None:
    page = await consent_page(ada, dynamic, scope="openid notes:read notes:write")
    boxes = [control for control in page.document.form("consent").controls if control.kind == "checkbox"]
    assert [(box.value, box.checked) for box in boxes] == [("notes:write", True)]
    refused = await ada.submit(page, {"scope": []})
    boxes = [control for control in refused.document.form("consent").controls if control.kind == "checkbox"]
    assert refused.status == 422
    assert [(box.value, box.checked) for box in boxes] == [("notes:write", False)]


@pytest.mark.checklist("1f.38")
async def test_a_decision_without_its_token_allows_nothing(ada: EndUser, dynamic: RelyingParty) -> None:
    page = await consent_page(ada, dynamic)
    answer = await post(ada, page.url, fields(page, csrf=None, decision="allow"))
    assert answer.status_code == 422
    assert "location" not in answer.headers


async def test_an_old_consent_form_asks_whoever_signed_out_to_sign_in(ada: EndUser, dynamic: RelyingParty) -> None:
    page = await consent_page(ada, dynamic)
    await ada.submit(await ada.visit(f"{dynamic.issuer}/logout"))
    assert (await ada.allow(page)).step == "login"


async def test_an_old_consent_form_is_not_needed_for_what_was_allowed_meanwhile(
    ada: EndUser, webapp: RelyingParty
) -> None:
    page = await consent_page(ada, webapp)
    assert (await ada.allow(await ada.visit(webapp.begin().url))).callback
    answer = await post(ada, page.url, fields(page, csrf="x", decision="deny"))
    assert (answer.status_code, "code=" in answer.headers["location"]) == (303, True)


async def test_nobody_answers_for_somebody_else(ada: EndUser, dynamic: RelyingParty) -> None:
    page = await consent_page(ada, dynamic)
    for person in ("AAAAAAAAAAAAAAAAAAAAAA", "nobody", ""):
        answer = await post(ada, page.url, fields(page, person=person, decision="allow"))
        assert (answer.status_code, answer.headers["location"]) == (303, page.url)


async def test_another_person_can_sign_in_from_the_consent_page(ada: EndUser, dynamic: RelyingParty) -> None:
    page = await consent_page(ada, dynamic)
    assert "Ada Lovelace" in page.document.text
    other = next(form for form in page.document.forms if form.step is None)
    login = await ada.submit(page, button=("decision", "switch_account"), form=other)
    assert login.step == "login"
    consent = await ada.log_in(login, username="bob", password="bobs-battery-staple")
    assert consent.step == "consent"
    assert "Bob" in consent.document.text
    assert "Ada" not in consent.document.text


async def test_declining_a_client_that_nobody_vouched_for_stays_here(ada: EndUser, dynamic: RelyingParty) -> None:
    page = await ada.deny(await consent_page(ada, dynamic))
    assert (page.callback, page.status, page.error) == (None, 400, "access_denied")
    assert str(page.document.continue_uri).startswith(dynamic.redirect_uri)


async def test_the_step_that_ends_a_flow_is_a_redirect_that_nobody_keeps(ada: EndUser, dynamic: RelyingParty) -> None:
    page = await ada.consent(await consent_page(ada, dynamic))
    answer = await post(ada, page.url, fields(page, decision="continue"))
    assert answer.status_code == 303
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["location"].startswith(dynamic.redirect_uri)


# ---------------------------------------------------------------------------------------------------------- every step


async def test_another_browser_gets_a_page_and_changes_nothing(
    ada: EndUser, stranger: EndUser, dynamic: RelyingParty
) -> None:
    page = await login_page(ada, dynamic)
    seen = await stranger.visit(page.url)
    assert (seen.status, seen.error) == (400, "invalid_request")
    answer = await post(stranger, page.url, fields(page, username="ada", password=ada.password))
    assert answer.status_code == 400
    assert (await ada.log_in(page)).step == "consent"


async def test_a_finished_interaction_is_over(ada: EndUser, dynamic: RelyingParty) -> None:
    page = await consent_page(ada, dynamic)
    assert (await ada.allow(page)).callback
    again = await ada.allow(page)
    assert (again.status, again.error, again.callback) == (400, "invalid_request", None)


async def test_asking_for_the_head_of_a_step_does_nothing(ada: EndUser, dynamic: RelyingParty) -> None:
    page = await login_page(ada, dynamic)
    answer = await ada.http.head(page.url)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
async def test_other_methods_are_named_as_not_allowed(ada: EndUser, dynamic: RelyingParty, method: str) -> None:
    page = await login_page(ada, dynamic)
    answer = await ada.http.request(method, page.url)
    assert answer.status_code == 405
    assert {"GET", "POST"} <= set(answer.headers["allow"].split(", "))


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{}", "application/json", 400),
        (b"--x--", "multipart/form-data; boundary=x", 400),
        (b"username=" + b"x" * 70_000, "application/x-www-form-urlencoded", 413),
        (b"a=1&" * 300, "application/x-www-form-urlencoded", 400),
        (b"username=%ff%fe&password=%zz&\xff\xfe", "application/x-www-form-urlencoded", 422),
        (b"", "application/x-www-form-urlencoded", 422),
    ],
)
async def test_what_is_no_form_is_refused_cleanly(
    ada: EndUser, dynamic: RelyingParty, body: bytes, content_type: str, status: int
) -> None:
    page = await login_page(ada, dynamic)
    answer = await post(ada, page.url, body, content_type=content_type)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.rfc("9700", "4.16")
async def test_steps_cannot_be_framed_and_may_redirect_to_clients(ada: EndUser, dynamic: RelyingParty) -> None:
    login = await login_page(ada, dynamic)
    consent = await ada.log_in(login)
    for page in (login, consent):
        policy = page.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        assert "form-action" not in policy
        assert page.headers["x-frame-options"] == "DENY"
        assert page.headers["cache-control"] == "no-store"


async def test_the_requests_language_counts_before_the_browsers(ada: EndUser, dynamic: RelyingParty) -> None:
    url = dynamic.begin(ui_locales="fr de").url
    page = await ada.visit(url, {"accept-language": "en"})
    handle = page.url
    assert (await ada.visit(handle, {"accept-language": "en"})).document.language == "de"
    plain = await ada.visit(dynamic.begin().url)
    assert (await ada.visit(plain.url, {"accept-language": "de-AT"})).document.language == "de"


async def test_an_answer_is_given_in_the_language_of_the_question(ada: EndUser, dynamic: RelyingParty) -> None:
    page = await ada.deny(await consent_page(ada, dynamic, ui_locales="de"))
    assert page.document.language == "de"
