"""Which client a request claims to come from, and what it brings as proof. RFC 6749 §2.3, RFC 7617, RFC 7521 §4.2.

Nothing is verified here. In HTTP Basic some clients URL-encode identifier and secret, as RFC 6749 §2.3.1 asks, and some
do not; both readings of a secret are handed on.
"""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from .characters import has_control_characters
from .client_assertions import ASSERTION_TYPE, read_assertion
from .errors import InvalidClient, InvalidRequest
from .vocabulary import TokenEndpointAuthMethod

if TYPE_CHECKING:
    from .client_assertions import UnverifiedAssertion
    from .parameters import Parameters


@dataclass(frozen=True, slots=True)
class PresentedCredentials:
    """A claim to be a client. `secrets` are the possible readings of the one secret sent; empty for other methods."""

    client_id: str
    method: TokenEndpointAuthMethod
    secrets: tuple[str, ...] = field(default=(), repr=False)
    assertion: UnverifiedAssertion | None = field(default=None, repr=False)


def read_credentials(authorization: str | None, parameters: Parameters) -> PresentedCredentials:
    """What the request presents, in its Authorization field or its form.

    Raises InvalidClient when there is nothing or nothing readable, InvalidRequest when field and form disagree.
    """
    client_id, secret = parameters.get("client_id"), parameters.get("client_secret")
    if parameters.get("client_assertion") is not None or parameters.get("client_assertion_type") is not None:
        if authorization is not None or secret is not None:
            raise InvalidRequest("two kinds of client credentials")
        return _read_assertion(parameters, client_id)
    if authorization is not None:
        return _agreeing(_read_basic(authorization), client_id, secret)
    if client_id is None:
        raise InvalidClient("neither client authentication nor client_id")
    if secret is None:
        return PresentedCredentials(client_id, TokenEndpointAuthMethod.NONE)
    return PresentedCredentials(client_id, TokenEndpointAuthMethod.CLIENT_SECRET_POST, (secret,))


def _read_assertion(parameters: Parameters, client_id: str | None) -> PresentedCredentials:
    if parameters.get("client_assertion_type") != ASSERTION_TYPE:
        raise InvalidClient("client_assertion_type is another than that of JWTs")
    assertion = read_assertion(parameters.require("client_assertion"))
    if client_id not in {None, assertion.client_id}:
        raise InvalidRequest("client_id differs between client_assertion and form")
    return PresentedCredentials(assertion.client_id, TokenEndpointAuthMethod.PRIVATE_KEY_JWT, assertion=assertion)


def _agreeing(basic: PresentedCredentials, client_id: str | None, secret: str | None) -> PresentedCredentials:
    if client_id is not None and client_id != basic.client_id:
        raise InvalidRequest("client_id differs between Authorization field and form")
    if secret is not None and secret not in basic.secrets:
        raise InvalidRequest("client_secret differs between Authorization field and form")
    return basic


def _read_basic(authorization: str) -> PresentedCredentials:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise InvalidClient("Authorization field has another scheme than Basic")
    try:
        text = b64decode(encoded.strip(), validate=True).decode()
    except ValueError as error:
        raise InvalidClient("Authorization field is not Base64 of UTF-8") from error
    client_id, colon, secret = text.partition(":")
    if not colon or not client_id or has_control_characters(text):
        raise InvalidClient("Authorization field has no client_id, no colon, or a control character")
    # A plus sign stands for a space only where encoding is evident.
    client_id = _decoded(client_id) if "%" in client_id else client_id
    if not secret:
        return PresentedCredentials(client_id, TokenEndpointAuthMethod.NONE)
    secrets = tuple(dict.fromkeys((secret, _decoded(secret))))
    return PresentedCredentials(client_id, TokenEndpointAuthMethod.CLIENT_SECRET_BASIC, secrets)


def _decoded(text: str) -> str:
    """The text URL-decoded; as it is when that gives no clean text."""
    try:
        decoded = unquote_plus(text, errors="strict")
    except UnicodeDecodeError:
        return text
    return text if has_control_characters(decoded) else decoded
