"""The way from the console to /authorize of the system tenant and back. RFC 6749 §4.1, RFC 7636, RFC 9700 §2.1.

`state` is sealed for this browser and holds all that must be known on the way back, so nothing is stored for people
who never come back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode

from server import clients, grant_types, tokens
from server.administration import CONSOLE, console_of
from server.grant_types import TokenRequest
from server.kernel import digests, encryption, ids, shared_state
from server.kernel.clock import HOUR
from server.kernel.json import dump_json, load_json
from server.protocol.parameters import Parameters
from server.tokens.references import Purpose
from web.admin.visit import PREFIX
from web.requests import MAX_FORM_BYTES

if TYPE_CHECKING:
    from uuid import UUID

    from server.kernel.clock import Instant
    from web.admin.visit import Site

PURPOSE = "console-sign-in"
SCOPE = "openid profile"
LIFETIME = HOUR  # as long as an interaction
LONGEST_RETURN = 1500  # bytes of a path


class Lost(Exception):
    """Whoever comes back was not sent off by this browser, or too long ago; the message says which."""


@dataclass(frozen=True, slots=True)
class HeldForm:
    """A form that was sent after the session had ended, kept until its sender is signed in again."""

    path: str
    fields: tuple[tuple[str, str], ...] = field(repr=False)


def departure(site: Site, binding: str, return_to: str) -> str:
    """Where to send a browser that signs in; `binding` is the value of its cookie."""
    if len(return_to) > LONGEST_RETURN or not return_to.startswith(PREFIX):
        return_to = PREFIX
    verifier, nonce = digests.random_token(), digests.random_token(128)
    kept = dump_json([verifier, nonce, return_to, site.now])
    query = {
        "client_id": CONSOLE,
        "response_type": "code",
        "redirect_uri": callback_of(site),
        "scope": SCOPE,
        "state": encryption.seal(PURPOSE, site.system.id, binding, kept.encode()),
        "nonce": nonce,
        "code_challenge": digests.b64url(digests.sha256(verifier)),
        "code_challenge_method": "S256",
        "ui_locales": site.language.tag,
    }
    return f"{site.system.issuer}/authorize?{urlencode(query)}"


async def arrive(site: Site, parameters: Parameters) -> tuple[UUID, str]:
    """Redeem the code, by the use case itself and never over HTTP; the grant, and where the person wanted to go.

    Raises Lost, and OAuthError for what the token endpoint would refuse.
    """
    journey = _opened(site, parameters.get("state"))
    if site.now - journey.sent_at > LIFETIME:
        raise Lost("the sign-in took too long")
    code = parameters.get("code")
    client = await clients.find(site.system.id, CONSOLE)
    if code is None or client is None:
        raise Lost("no code came back, or there is no console to redeem it")
    grant = (await tokens.get_presented(site.system.id, code, Purpose.CODE)).grant
    if grant.nonce != journey.nonce:
        raise Lost("the code belongs to another sign-in")
    body = {"code": code, "redirect_uri": callback_of(site), "code_verifier": journey.verifier}
    request = Parameters({name: (value,) for name, value in body.items()})
    await grant_types.redeem(TokenRequest(site.system, client, request, site.now))
    return grant.id, journey.return_to


async def hold(site: Site, grant_id: UUID, form: HeldForm) -> str | None:
    """Keep a form for whoever had this grant in this browser until just now; where it can be sent again.

    One a grant, the newest in place of the one before, so that nobody fills our memory. None for a form that is too
    large, and for a browser that was never sent to sign in.
    """
    text = dump_json([form.path, form.fields]).encode()
    if site.browser.sign_in is None or len(text) > MAX_FORM_BYTES:
        return None
    handle = ids.to_short(grant_id)
    kept = encryption.seal(PURPOSE, site.system.id, site.browser.sign_in, text)
    await shared_state.shared_state().put(_key(handle), kept, LIFETIME)
    return f"{PREFIX}/resume/{handle}"


async def find_held(site: Site, handle: str) -> HeldForm | None:
    """The form that was kept for this browser."""
    kept = await shared_state.shared_state().get(_key(handle))
    if kept is None or site.browser.sign_in is None:
        return None
    try:
        text = encryption.unseal(PURPOSE, site.system.id, site.browser.sign_in, kept)
    except encryption.Unsealable:
        return None
    path, fields = cast("tuple[str, list[tuple[str, str]]]", load_json(text))
    return HeldForm(path, tuple((name, value) for name, value in fields))


def callback_of(site: Site) -> str:
    """Where the system tenant sends the browser back to."""
    return f"{console_of(site.public_url)}/callback"


@dataclass(frozen=True, slots=True)
class _Journey:
    verifier: str = field(repr=False)
    nonce: str
    return_to: str
    sent_at: Instant


def _opened(site: Site, state: str | None) -> _Journey:
    if not state or site.browser.sign_in is None:
        raise Lost("this browser was not sent to sign in")
    try:
        kept = encryption.unseal(PURPOSE, site.system.id, site.browser.sign_in, state)
    except encryption.Unsealable:
        raise Lost("the state was made for another browser") from None
    # Sealed by us: it has this shape.
    verifier, nonce, return_to, sent_at = cast("tuple[str, str, str, Instant]", load_json(kept))
    return _Journey(verifier, nonce, return_to, sent_at)


def _key(handle: str) -> str:
    return f"console-held:{digests.b64url(digests.sha256(handle))}"
