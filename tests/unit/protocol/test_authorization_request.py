"""The authorization request."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

from server.protocol.authorization_request import (
    AuthorizationRequest,
    choose_redirect_uri,
    read_authorization_request,
)
from server.protocol.claims import ClaimRequest, ClaimsRequest
from server.protocol.errors import (
    InvalidRedirectUri,
    InvalidRequest,
    InvalidScope,
    InvalidTarget,
    OAuthError,
    RegistrationNotSupported,
    RequestNotSupported,
    RequestUriNotSupported,
    UnsupportedResponseType,
)
from server.protocol.parameters import Parameters, parse_query
from server.protocol.vocabulary import Prompt
from tests.unit.protocol.refusals import refused

CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
REDIRECT_URI = "http://127.0.0.1:53211/callback"
# As the clients in use send it.
GOOD = {
    "response_type": "code",
    "client_id": "cli",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
    "redirect_uri": REDIRECT_URI,
    "scope": "mcp:read offline_access",
    "resource": "http://127.0.0.1:3001/mcp",
    "prompt": "consent",
    "state": "af0 ifj",
}


def sent(**changes: str | None) -> Parameters:
    """A good request, with changes; None leaves a parameter out."""
    wanted = {name: value for name, value in (GOOD | changes).items() if value is not None}
    return parse_query(urlencode(wanted).encode())


def read(parameters: Parameters, *, pkce_required: bool = True) -> AuthorizationRequest:
    return read_authorization_request(
        parameters, client_id="cli", redirect_uri=REDIRECT_URI, pkce_required=pkce_required
    )


@pytest.mark.rfc("6749", "4.1.1")
@pytest.mark.checklist("1a.12")
def test_the_request_of_a_client_in_use_is_read() -> None:
    assert read(sent()) == AuthorizationRequest(
        client_id="cli",
        redirect_uri=REDIRECT_URI,
        scope=("mcp:read", "offline_access"),
        state="af0 ifj",
        code_challenge=CHALLENGE,
        nonce=None,
        prompt=frozenset({Prompt.CONSENT}),
        max_age=None,
        login_hint=None,
        ui_locales=(),
        claims=ClaimsRequest(),
        acr_values=(),
        resources=("http://127.0.0.1:3001/mcp",),
    )


@pytest.mark.rfc("OIDC Core", "3.1.2.1")
def test_everything_openid_connect_adds_is_read() -> None:
    request = read(
        sent(
            scope="openid",
            nonce="n-0S6",
            prompt="login consent login",
            max_age="0",
            login_hint="ada@acme.test",
            ui_locales="de-CH  de",
            claims='{"id_token": {"auth_time": null}}',
            acr_values="gold silver",
            response_mode="query",
            display="page",
        )
    )
    assert request.nonce == "n-0S6"
    assert request.prompt == {Prompt.LOGIN, Prompt.CONSENT}
    assert request.max_age == 0
    assert request.login_hint == "ada@acme.test"
    assert request.ui_locales == ("de-CH", "de")
    assert request.claims == ClaimsRequest(id_token={"auth_time": ClaimRequest()})
    assert request.acr_values == ("gold", "silver")


def test_a_request_survives_storage() -> None:
    request = read(
        sent(
            scope="openid email",
            nonce="n",
            prompt="login consent",
            max_age="3600",
            login_hint="ada",
            ui_locales="de",
            claims='{"userinfo": {"email": {"essential": true}}}',
            acr_values="gold",
        )
    )
    document = json.loads(json.dumps(request.to_json()))
    assert document == {
        "client_id": "cli",
        "redirect_uri": REDIRECT_URI,
        "scope": "openid email",
        "state": "af0 ifj",
        "code_challenge": CHALLENGE,
        "nonce": "n",
        "prompt": ["consent", "login"],
        "max_age": 3600,
        "login_hint": "ada",
        "ui_locales": ["de"],
        "claims": {"userinfo": {"email": {"essential": True, "values": []}}, "id_token": {}},
        "acr_values": ["gold"],
        "resource": ["http://127.0.0.1:3001/mcp"],
    }
    assert AuthorizationRequest.from_json(document) == request


def test_a_sparse_request_survives_storage() -> None:
    without = {"code_challenge": None, "code_challenge_method": None, "state": None, "prompt": None, "resource": None}
    request = read(sent(scope="openid", nonce="n-0S6", **without), pkce_required=False)
    assert request.state is None
    assert request.code_challenge is None
    assert AuthorizationRequest.from_json(json.loads(json.dumps(request.to_json()))) == request


@pytest.mark.rfc("8707", "2.1")
@pytest.mark.checklist("1a.9")
def test_several_resources_are_read_each_once() -> None:
    query = urlencode([*GOOD.items(), ("resource", "https://b.test"), ("resource", "https://b.test")])
    assert read(parse_query(query.encode())).resources == ("http://127.0.0.1:3001/mcp", "https://b.test")


@pytest.mark.parametrize(
    ("changes", "error", "why"),
    [
        ({"request": "x.y.z"}, RequestNotSupported, "request is present"),
        ({"request_uri": "https://a.test/r"}, RequestUriNotSupported, "request_uri is present"),
        ({"registration": "{}"}, RegistrationNotSupported, "registration is present"),
        ({"response_type": None}, InvalidRequest, "response_type is missing"),
        ({"response_type": "token"}, UnsupportedResponseType, "response_type is not code"),
        ({"response_type": "code id_token"}, UnsupportedResponseType, "response_type is not code"),
        ({"response_mode": "fragment"}, InvalidRequest, "response_mode is not query"),
        ({"response_mode": "form_post"}, InvalidRequest, "response_mode is not query"),
        ({"scope": "a\\b"}, InvalidScope, "a scope has a character that scopes do not have"),
        ({"scope": "openid", "redirect_uri": None}, InvalidRequest, "OpenID Connect requires redirect_uri"),
        ({"code_challenge": None, "code_challenge_method": None}, InvalidRequest, "code_challenge is missing"),
        ({"code_challenge": None}, InvalidRequest, "code_challenge is missing"),
        ({"code_challenge_method": None}, InvalidRequest, "code_challenge_method is not S256"),
        ({"code_challenge_method": "plain"}, InvalidRequest, "code_challenge_method is not S256"),
        ({"code_challenge": "x"}, InvalidRequest, "code_challenge is not a SHA-256 digest in base64url"),
        ({"prompt": "create"}, InvalidRequest, "prompt has an unknown value"),
        ({"prompt": "LOGIN"}, InvalidRequest, "prompt has an unknown value"),
        ({"prompt": "login\u00a0consent"}, InvalidRequest, "prompt has an unknown value"),
        (
            {"prompt": "none login consent select_account"},
            InvalidRequest,
            "prompt has none together with another value",
        ),
        ({"prompt": "none login"}, InvalidRequest, "prompt has none together with another value"),
        ({"max_age": "-1"}, InvalidRequest, "max_age is not a number of seconds"),
        ({"max_age": "1.5"}, InvalidRequest, "max_age is not a number of seconds"),
        ({"max_age": "1" * 11}, InvalidRequest, "max_age is not a number of seconds"),
        ({"max_age": "\u0661"}, InvalidRequest, "max_age is not a number of seconds"),
        ({"claims": "{"}, InvalidRequest, "not a JSON text in UTF-8"),
        ({"resource": "/mcp"}, InvalidTarget, "resource is not an absolute URI without fragment"),
    ],
)
@pytest.mark.rfc("6749", "4.1.2.1")
def test_a_bad_request_is_refused_for_one_reason(
    changes: dict[str, str | None], error: type[OAuthError], why: str
) -> None:
    with refused(error, why):
        read(sent(**changes))


@pytest.mark.rfc("OIDC Core", "3.1.2.1")
def test_prompt_none_stands_alone() -> None:
    assert read(sent(prompt="none")).prompt == {Prompt.NONE}
    assert read(sent(prompt=" none none ")).prompt == {Prompt.NONE}
    assert read(sent(prompt=None)).prompt == frozenset()


@pytest.mark.rfc("7636", "4.4.1")
def test_a_challenge_is_checked_even_where_none_is_needed() -> None:
    assert read(sent(), pkce_required=False).code_challenge == CHALLENGE
    with refused(InvalidRequest, "code_challenge is missing"):
        read(sent(code_challenge=None), pkce_required=False)
    with refused(InvalidRequest, "code_challenge_method is not S256"):
        read(sent(code_challenge_method="plain"), pkce_required=False)


@pytest.mark.rfc("OAuth 2.1", "7.5.1")
@pytest.mark.parametrize("changes", [{"scope": "openid"}, {"scope": "mcp:read", "nonce": "n"}, {"scope": None}])
def test_a_code_is_bound_by_a_nonce_where_no_challenge_binds_it(changes: dict[str, str | None]) -> None:
    with refused(InvalidRequest, "neither code_challenge nor the nonce of an OpenID request"):
        read(sent(code_challenge=None, code_challenge_method=None, **changes), pkce_required=False)


def test_the_largest_max_age_has_ten_digits() -> None:
    assert read(sent(max_age="9" * 10)).max_age == 9_999_999_999


@pytest.mark.rfc("6749", "3.1.2.3")
def test_plain_oauth_may_leave_the_only_redirect_uri_out() -> None:
    assert choose_redirect_uri(sent(redirect_uri=None), ("https://a.test/cb",)) == "https://a.test/cb"
    assert read(sent(redirect_uri=None)).redirect_uri == REDIRECT_URI


@pytest.mark.rfc("6749", "3.1.2.3")
@pytest.mark.parametrize("registered", [(), ("https://a.test/cb", "https://b.test/cb")])
def test_a_missing_redirect_uri_is_not_guessed(registered: tuple[str, ...]) -> None:
    with refused(InvalidRequest, "redirect_uri is missing, and not exactly one is registered"):
        choose_redirect_uri(sent(redirect_uri=None), registered)


@pytest.mark.rfc("8252", "7.3")
@pytest.mark.checklist("1c.17")
def test_the_presented_port_is_the_one_that_is_answered() -> None:
    registered = ("https://a.test/cb", "http://127.0.0.1/callback")
    assert choose_redirect_uri(sent(), registered) == REDIRECT_URI


@pytest.mark.checklist("1c.17")
@pytest.mark.parametrize(
    ("presented", "registered", "why"),
    [
        ("https://evil.test/cb", "https://a.test/cb", "redirect_uri is not registered"),
        ("https://a.test/cb/", "https://a.test/cb", "redirect_uri is not registered"),
        ("javascript:alert(1)", "javascript:alert(1)", "redirect URI has a dangerous scheme"),
        ("http://a.test/cb", "http://a.test/cb", "redirect URI is http and not loopback"),
    ],
)
def test_hard_rules_and_registration_are_asked_at_every_use(presented: str, registered: str, why: str) -> None:
    with refused(InvalidRedirectUri, why):
        choose_redirect_uri(sent(redirect_uri=presented), (registered,))


def test_a_registered_uri_that_has_become_unacceptable_is_not_used() -> None:
    with refused(InvalidRedirectUri, "redirect URI is http and not loopback"):
        choose_redirect_uri(sent(redirect_uri=None), ("http://a.test/cb",))
