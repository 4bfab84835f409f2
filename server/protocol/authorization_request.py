"""The authorization request, in two steps: where an answer may go, then what is asked.

RFC 6749 §4.1.1, RFC 7636 §4.3, RFC 8707 §2, OpenID Connect Core §3.1.2.1. Errors of the first step become a page, for
there is nowhere to send them; errors of the second may be redirected.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import pkce
from .claims import ClaimsRequest
from .errors import (
    InvalidRedirectUri,
    InvalidRequest,
    RegistrationNotSupported,
    RequestNotSupported,
    RequestUriNotSupported,
    UnsupportedResponseType,
)
from .redirect_uris import check_redirect_uri, matches
from .resource_indicators import check_resource
from .scopes import OPENID, format_scope, parse_scope
from .stored_documents import StoredDocument
from .vocabulary import Prompt, ResponseMode, ResponseType

if TYPE_CHECKING:
    from .json_documents import JsonValue
    from .parameters import Parameters

_SECONDS = re.compile(r"[0-9]{1,10}")
_UNSUPPORTED = {
    "request": RequestNotSupported,
    "request_uri": RequestUriNotSupported,
    "registration": RegistrationNotSupported,
}


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """What a client asks for, with the redirect URI as it was presented."""

    client_id: str
    redirect_uri: str
    scope: tuple[str, ...]
    state: str | None
    code_challenge: str | None  # S256
    nonce: str | None
    prompt: frozenset[Prompt]
    max_age: int | None  # seconds
    login_hint: str | None
    ui_locales: tuple[str, ...]
    claims: ClaimsRequest
    acr_values: tuple[str, ...]
    resources: tuple[str, ...]  # as presented

    def to_json(self) -> dict[str, JsonValue]:
        """The request as a document under the names of the parameters."""
        return {
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": format_scope(self.scope),
            "state": self.state,
            "code_challenge": self.code_challenge,
            "nonce": self.nonce,
            "prompt": [*sorted(self.prompt)],
            "max_age": self.max_age,
            "login_hint": self.login_hint,
            "ui_locales": list(self.ui_locales),
            "claims": self.claims.to_json(),
            "acr_values": list(self.acr_values),
            "resource": list(self.resources),
        }

    @classmethod
    def from_json(cls, document: JsonValue) -> AuthorizationRequest:
        """The inverse of `to_json`; raises TypeError or ValueError for any other document."""
        stored = StoredDocument(document)
        return cls(
            client_id=stored.text("client_id"),
            redirect_uri=stored.text("redirect_uri"),
            scope=parse_scope(stored.text("scope")),
            state=stored.optional_text("state"),
            code_challenge=stored.optional_text("code_challenge"),
            nonce=stored.optional_text("nonce"),
            prompt=frozenset(map(Prompt, stored.texts("prompt"))),
            max_age=stored.optional_integer("max_age"),
            login_hint=stored.optional_text("login_hint"),
            ui_locales=stored.texts("ui_locales"),
            claims=ClaimsRequest.from_json(stored.value("claims")),
            acr_values=stored.texts("acr_values"),
            resources=stored.texts("resource"),
        )


def choose_redirect_uri(parameters: Parameters, registered: tuple[str, ...]) -> str:
    """The presented redirect URI, once it is known to be registered; the only registered one when none is presented.

    Raises InvalidRequest or InvalidRedirectUri, for a page only: the person must not be sent anywhere.
    """
    presented = parameters.get("redirect_uri")
    if presented is None:
        if len(registered) != 1:
            raise InvalidRequest("redirect_uri is missing, and not exactly one is registered")
        presented = registered[0]
    check_redirect_uri(presented)
    if not any(matches(uri, presented) for uri in registered):
        raise InvalidRedirectUri("redirect_uri is not registered")
    return presented


def read_authorization_request(
    parameters: Parameters, *, client_id: str, redirect_uri: str, pkce_required: bool
) -> AuthorizationRequest:
    """The request of a known client for a redirect URI that was found good.

    Raises errors that may be sent there: InvalidRequest, UnsupportedResponseType, InvalidScope, InvalidTarget,
    RequestNotSupported, RequestUriNotSupported, RegistrationNotSupported.
    """
    _check_form(parameters)
    scope = parse_scope(parameters.get("scope"))
    if OPENID in scope and parameters.get("redirect_uri") is None:
        raise InvalidRequest("OpenID Connect requires redirect_uri")
    return AuthorizationRequest(
        client_id=client_id,
        redirect_uri=redirect_uri,
        scope=scope,
        state=parameters.get("state"),
        code_challenge=_read_challenge(parameters, required=pkce_required),
        nonce=parameters.get("nonce"),
        prompt=_read_prompt(parameters),
        max_age=_read_max_age(parameters),
        login_hint=parameters.get("login_hint"),
        ui_locales=_words(parameters.get("ui_locales")),
        claims=ClaimsRequest.parse(parameters.get("claims")),
        acr_values=_words(parameters.get("acr_values")),
        resources=_read_resources(parameters),
    )


def _check_form(parameters: Parameters) -> None:
    for name, error in _UNSUPPORTED.items():
        if parameters.get(name) is not None:
            raise error(f"{name} is present")
    if parameters.require("response_type") != ResponseType.CODE:
        raise UnsupportedResponseType("response_type is not code")
    if parameters.get("response_mode") not in {None, ResponseMode.QUERY}:
        raise InvalidRequest("response_mode is not query")


def _read_challenge(parameters: Parameters, *, required: bool) -> str | None:
    challenge, method = parameters.get("code_challenge"), parameters.get("code_challenge_method")
    if challenge is None:
        if required or method is not None:
            raise InvalidRequest("code_challenge is missing")
        # Only `nonce` is left to tell an injected code from the person's own (OAuth 2.1 §7.5.1).
        if parameters.get("nonce") is None or OPENID not in parse_scope(parameters.get("scope")):
            raise InvalidRequest("neither code_challenge nor the nonce of an OpenID request")
        return None
    pkce.check_challenge(challenge, method)
    return challenge


def _read_prompt(parameters: Parameters) -> frozenset[Prompt]:
    words = frozenset(_words(parameters.get("prompt")))
    if not words <= frozenset(Prompt):
        raise InvalidRequest("prompt has an unknown value")
    if Prompt.NONE in words and len(words) > 1:
        raise InvalidRequest("prompt has none together with another value")
    return frozenset(map(Prompt, words))


def _read_max_age(parameters: Parameters) -> int | None:
    text = parameters.get("max_age")
    if text is None:
        return None
    if _SECONDS.fullmatch(text) is None:
        raise InvalidRequest("max_age is not a number of seconds")
    return int(text)


def _read_resources(parameters: Parameters) -> tuple[str, ...]:
    resources = tuple(dict.fromkeys(parameters.get_all("resource")))
    for resource in resources:
        check_resource(resource)
    return resources


def _words(text: str | None) -> tuple[str, ...]:
    return tuple(word for word in (text or "").split(" ") if word)
