"""The policy is asked before every redirect: each action, in each place from which people leave."""

from __future__ import annotations

from urllib.parse import urlencode

import httpx2
import pytest

from server.settings import Settings
from tests.actors import EndUser, Page, RelyingParty
from tests.conftest import PUBLIC_URL
from tests.flows.conftest import ACME, apply_document

HOST = "out.example"
CALLBACK, GOODBYE = f"https://{HOST}/cb", f"https://{HOST}/bye"
OUTSIDE: dict[str, object] = {
    "client_id": "outside",
    "client_name": "Outside",
    "token_endpoint_auth_method": "none",
    "redirect_uris": [CALLBACK],
    "post_logout_redirect_uris": [GOODBYE],
    "grant_types": ["authorization_code"],
    "scope": "openid profile",
}
ACTIONS = pytest.mark.parametrize("action", ["trust", "confirm", "hold", "block"])
# What becomes of an answer that is not a code: where it goes, or what the page says and whether it leads on.
SENT, OFFERED, KEPT, BLOCKED = "sent", "offered", "kept", "blocked"
OUTCOME = {"trust": SENT, "confirm": OFFERED, "hold": KEPT, "block": BLOCKED}


async def set_policy(settings: Settings, action: str, **members: object) -> None:
    """Have one rule for the place: this action."""
    clients = ACME["clients"]
    assert isinstance(clients, list)
    rules = [{"host": HOST, "action": action}]
    await apply_document(
        settings, {**ACME, "clients": [*clients, OUTSIDE], "trust_policy": {"rules": rules, **members}}
    )


@pytest.fixture
async def outside(http: httpx2.AsyncClient, settings: Settings) -> RelyingParty:
    """A client at the place, which is to be confirmed until a test says otherwise."""
    await set_policy(settings, "confirm")
    return RelyingParty(http, f"{PUBLIC_URL}/t/acme", "outside", redirect_uri=CALLBACK)


@pytest.fixture
def person(http: httpx2.AsyncClient) -> EndUser:
    """Somebody at her browser."""
    return EndUser(http)


def outcome_of(page: Page, error: str) -> str:
    """Which of the four it is; the error is the one expected."""
    if page.callback is not None:
        assert page.callback.startswith(CALLBACK)
        assert page.answer["error"] == error
        return SENT
    if page.status == 403:
        assert (page.error, page.document.continue_uri) == ("access_denied", None)
        return BLOCKED
    assert (page.status, page.error) == (400, error)
    if page.document.continue_uri is None:
        return KEPT
    assert page.document.continue_uri.startswith(f"{CALLBACK}?error={error}")
    return OFFERED


@pytest.mark.rfc("9700", "4.11.2")
@ACTIONS
async def test_success(person: EndUser, outside: RelyingParty, settings: Settings, action: str) -> None:
    await set_policy(settings, action)
    page = await person.visit(outside.begin().url)
    if action == "block":
        # Nobody is even asked for a password on behalf of such a place.
        assert (page.status, page.error, page.document.forms) == (403, "access_denied", [])
        return
    page = await person.consent(await person.log_in(page))
    if action == "trust":
        assert "code" in page.answer
    elif action == "confirm":
        assert (page.step, page.status, page.callback) == ("redirect", 200, None)
        assert "out.example" in page.document.text
        assert "code" in (await person.leave(page)).answer
    else:
        assert (page.step, page.status, page.callback) == ("held", 200, None)
        assert (await person.submit(page)).step == "held"


@ACTIONS
async def test_an_error(person: EndUser, outside: RelyingParty, settings: Settings, action: str) -> None:
    await set_policy(settings, action)
    page = await person.visit(outside.begin(scope="nonsense").url)
    assert outcome_of(page, "invalid_scope") == OUTCOME[action]


@ACTIONS
async def test_declining_consent(person: EndUser, outside: RelyingParty, settings: Settings, action: str) -> None:
    page = await person.log_in(await person.visit(outside.begin().url))
    await set_policy(settings, action)
    assert outcome_of(await person.deny(page), "access_denied") == OUTCOME[action]


@ACTIONS
async def test_no_prompt_before_a_login(
    person: EndUser, outside: RelyingParty, settings: Settings, action: str
) -> None:
    await set_policy(settings, action)
    page = await person.visit(outside.begin(prompt="none").url)
    assert outcome_of(page, "login_required") == OUTCOME[action]


@ACTIONS
async def test_no_prompt_after_consent(person: EndUser, outside: RelyingParty, settings: Settings, action: str) -> None:
    await set_policy(settings, "trust")
    await person.authorize(outside.begin().url)
    await set_policy(settings, action)
    page = await person.visit(outside.begin(prompt="none").url)
    if action == "trust":
        assert "code" in page.answer
    else:
        assert outcome_of(page, "interaction_required") == OUTCOME[action]


@ACTIONS
async def test_logging_out(person: EndUser, outside: RelyingParty, settings: Settings, action: str) -> None:
    await set_policy(settings, "trust")
    attempt = outside.begin()
    answer = (await person.authorize(attempt.url)).answer
    tokens = (await outside.redeem(answer["code"], attempt)).json()
    await set_policy(settings, action)
    query = urlencode({"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": GOODBYE, "state": "s"})
    page = await person.visit(f"{outside.issuer}/logout?{query}")
    if action == "trust":
        assert page.callback == f"{GOODBYE}?state=s"
    else:
        assert page.callback is None
        assert page.status == (403 if action == "block" else 200)
        assert page.document.main["data-step"] == "logged-out"
        assert page.document.continue_uri == (f"{GOODBYE}?state=s" if action == "confirm" else None)
    await set_policy(settings, "trust")
    assert (await person.visit(outside.begin(prompt="none").url)).answer["error"] == "login_required"


async def test_an_error_stays_a_page_even_where_the_person_went_before(person: EndUser, outside: RelyingParty) -> None:
    await person.authorize(outside.begin().url)
    assert outcome_of(await person.visit(outside.begin(scope="nonsense").url), "invalid_scope") == OFFERED


async def test_a_blocked_page_is_the_last_word_on_every_step(
    person: EndUser, outside: RelyingParty, settings: Settings
) -> None:
    page = await person.log_in(await person.visit(outside.begin().url))
    await set_policy(settings, "block")
    assert (await person.visit(page.url)).status == 403
    allowed = await person.consent(page)
    assert (allowed.callback, allowed.status, allowed.error) == (None, 403, "access_denied")
