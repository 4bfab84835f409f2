"""RP-initiated logout: at once with a good hint, otherwise only after the person said so.

OpenID Connect RP-Initiated Logout 1.0 §2 to §4.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server import audit, clients, grants, sessions, tokens
from server.kernel import database
from server.protocol.errors import InvalidRequest
from server.trust import Action

from . import leaving, policy
from .people import find_signed_in
from .records import SendTo

if TYPE_CHECKING:
    from server.clients import Client
    from server.protocol.parameters import Parameters
    from server.users import User

    from .records import SignedIn, Visit


@dataclass(frozen=True, slots=True)
class AskLogout:
    """Nothing proves that the person wants this: they are asked."""

    person: User


@dataclass(frozen=True, slots=True)
class LoggedOut:
    """Nobody is signed in any more; `send_to` is where the browser goes, `continue_uri` where a person may."""

    send_to: SendTo | None = field(default=None, repr=False)
    continue_uri: str | None = field(default=None, repr=False)
    blocked: bool = False  # the client wanted to send people where nobody is sent
    cookies: tuple[str, ...] = field(default=(), repr=False)


async def plan_logout(visit: Visit, parameters: Parameters) -> AskLogout | LoggedOut:
    """Log out at once when an ID token of the signed-in person came along, or when nobody is signed in.

    Raises InvalidRequest for a hint, a client or a redirect URI that does not fit; nothing is changed then.
    """
    hint = await _read_hint(visit, parameters)
    client = await _find_client(visit, parameters, hint)
    signed_in = await find_signed_in(visit)
    if signed_in is not None and (hint is None or hint.subject != signed_in.user.sub):
        _return_uri(visit, client, parameters)
        return AskLogout(signed_in.user)
    return await _finish(visit, signed_in, client, parameters)


async def log_out(visit: Visit, parameters: Parameters) -> LoggedOut:
    """Log out because the person said so; raises InvalidRequest as `plan_logout` does."""
    hint = await _read_hint(visit, parameters)
    client = await _find_client(visit, parameters, hint)
    return await _finish(visit, await find_signed_in(visit), client, parameters)


async def end_session(visit: Visit, signed_in: SignedIn) -> None:
    """End a session with every grant that was to end with it; joins the surrounding transaction."""
    async with database.transaction():
        if await sessions.end(visit.tenant.id, signed_in.session.id, visit.now):
            await grants.revoke_for_session(visit.tenant.id, signed_in.session.id, visit.now)
            await audit.record(
                audit.SessionEnded(subject_id=signed_in.user.id, session_id=signed_in.session.id),
                tenant_id=visit.tenant.id,
                now=visit.now,
            )


async def _finish(visit: Visit, signed_in: SignedIn | None, client: Client | None, parameters: Parameters) -> LoggedOut:
    uri = _return_uri(visit, client, parameters)
    decision = await leaving.judge(visit, client, uri, signed_in) if client and uri else None
    if signed_in is not None:
        await end_session(visit, signed_in)
    cookie = sessions.delete_cookie(visit.tenant.id, sessions.CookieKind.SESSION, secure=visit.secure)
    if decision is None or client is None:
        return LoggedOut(cookies=(cookie,))
    state = parameters.get("state")
    answer = {} if state is None else {"state": state}
    if decision.may_redirect:
        return LoggedOut(SendTo(decision, answer), cookies=(cookie,))
    if decision.action is Action.BLOCK:
        await leaving.block(visit, client, decision, signed_in)
        return LoggedOut(blocked=True, cookies=(cookie,))
    await leaving.note_withheld(visit, client, decision, signed_in)
    return LoggedOut(continue_uri=leaving.way_on(decision, answer), cookies=(cookie,))


async def _read_hint(visit: Visit, parameters: Parameters) -> tokens.IdTokenHint | None:
    text = parameters.get("id_token_hint")
    return None if text is None else await tokens.read_id_token_hint(visit.tenant, text)


async def _find_client(visit: Visit, parameters: Parameters, hint: tokens.IdTokenHint | None) -> Client | None:
    named = parameters.get("client_id")
    if hint is not None and named is not None and named != hint.client_id:
        raise InvalidRequest("client_id is not the audience of id_token_hint")
    client_id = named or (hint.client_id if hint else None)
    return await clients.find(visit.tenant.id, client_id) if client_id else None


def _return_uri(visit: Visit, client: Client | None, parameters: Parameters) -> str | None:
    """The place to go to afterwards: exactly as registered, never by any other rule (§3)."""
    uri = parameters.get("post_logout_redirect_uri")
    if uri is None:
        return None
    if client is None or not client.enabled or uri not in client.metadata.post_logout_redirect_uris:
        raise InvalidRequest("post_logout_redirect_uri is not registered by a known client")
    if not policy.allows_scheme(visit.tenant.settings, client, uri):
        raise InvalidRequest("private-use schemes are off for this kind of client")
    return uri
