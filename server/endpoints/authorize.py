"""The authorization endpoint. OAuth 2.1 §3.1 and §4.1.1, OpenID Connect Core §3.1.2.

Two steps with two types. Finding a TrustedRedirect may raise only what a person reads on a page; whatever goes wrong
after that may be brought to the client, as far as the client has earned it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from server import clients, interactions, measures
from server.clients import ClientState
from server.interactions import UNDESCRIBED, Refusal, SendTo, Started, TrustedRedirect
from server.kernel import digests, logs
from server.kernel.clock import DAY, MINUTE
from server.kernel.shared_state import shared_state
from server.protocol import redirect_uris
from server.protocol.authorization_request import choose_redirect_uri, read_authorization_request
from server.protocol.errors import (
    ClientBlocked,
    ClientQuarantined,
    InvalidClient,
    InvalidRedirectUri,
    InvalidRequest,
    OAuthError,
    RequestUriNotSupported,
)
from server.protocol.parameters import Parameters, parse_form, parse_query

from .wire import ErrorPage, WireRequest, WireResponse, redirect, send_away

if TYPE_CHECKING:
    from server.clients import Client
    from server.protocol.authorization_request import AuthorizationRequest
    from server.tenants import Tenant

log = logs.get_logger(__name__)

# A POST is kept under such a name and answered by a GET of it: cookies with SameSite=Lax do not come along with a
# POST from another site.
POSTED = "urn:latchkey:posted:"
POSTED_LIFETIME = 2 * MINUTE
# A client that registered itself does not expire under a flow: an interaction, a code, its first token.
LONGEST_FLOW = 2 * DAY


async def authorize(request: WireRequest) -> WireResponse | ErrorPage:
    """Send the browser on: to the client with an answer, or to the interaction that finds one."""
    if request.method == "POST":
        return await _keep_posted(request)
    parameters, visit = await _read_parameters(request), request.visit
    client = await interactions.find_client(request.tenant, parameters.require("client_id"), request.now)
    outcome: SendTo | Started | Refusal
    if client is UNDESCRIBED:
        outcome = await interactions.sign_in_first(visit, _read_undescribed(parameters))
        return _response(request.tenant, outcome, ())
    redirect_to = get_trusted_redirect(request.tenant, client, parameters)
    if not await clients.keep(request.tenant.id, redirect_to.client, request.now + LONGEST_FLOW):
        raise InvalidClient("client_id has just expired")
    try:
        wanted = await read_request(request.tenant, redirect_to, parameters)
        outcome = await interactions.answer(visit, redirect_to.client, wanted)
    except OAuthError as error:
        measures.refused("authorize", error.code)
        log.info("refused", endpoint="authorize", error=error.code, why=error.why, client=str(redirect_to.client.id))
        outcome = await interactions.refuse(visit, redirect_to, error)
    return _response(request.tenant, outcome, tuple((parameters.get("ui_locales") or "").split()))


def get_trusted_redirect(tenant: Tenant, client: Client | None, parameters: Parameters) -> TrustedRedirect:
    """The client, and the place where it may be answered; everything raised here becomes a page."""
    if client is None:
        raise InvalidClient("client_id is unknown")
    if client.state is ClientState.BLOCKED:
        raise ClientBlocked("a client that is blocked")
    if client.state is ClientState.QUARANTINED:
        raise ClientQuarantined("a client that is quarantined")
    if not client.enabled:
        raise InvalidClient("a client that is disabled")
    uri = choose_redirect_uri(parameters, client.metadata.redirect_uris)
    redirect_uris.check_redirect_uri(uri)
    if not interactions.allows_scheme(tenant.settings, client, uri):
        raise InvalidRedirectUri("private-use schemes are off for this kind of client")
    return TrustedRedirect(client, uri, parameters.get("state"))


async def read_request(tenant: Tenant, redirect_to: TrustedRedirect, parameters: Parameters) -> AuthorizationRequest:
    """The request with its resources and scope as the tenant knows them; raises what the client may be told."""
    client = redirect_to.client
    wanted = read_authorization_request(
        parameters,
        client_id=client.client_id,
        redirect_uri=redirect_to.redirect_uri,
        pkce_required=client.require_pkce,
    )
    return await interactions.complete_request(tenant.id, client, wanted)


def _read_undescribed(parameters: Parameters) -> AuthorizationRequest:
    """The request of a client of which nothing is known yet; every error is a page."""
    redirect_uri = parameters.require("redirect_uri")
    redirect_uris.check_redirect_uri(redirect_uri)
    return read_authorization_request(
        parameters, client_id=parameters.require("client_id"), redirect_uri=redirect_uri, pkce_required=True
    )


async def _keep_posted(request: WireRequest) -> WireResponse:
    parameters = parse_form(request.body, request.headers.get("content-type"))
    if parameters.get("request_uri") is not None:
        raise RequestUriNotSupported("request_uri in a POST")
    name = digests.random_token(128)
    await shared_state().put(f"posted:{request.tenant.id.hex}:{name}", request.body.decode("latin-1"), POSTED_LIFETIME)
    query = urlencode({"client_id": parameters.require("client_id"), "request_uri": POSTED + name})
    return redirect(f"{request.tenant.issuer}/authorize?{query}")


async def _read_parameters(request: WireRequest) -> Parameters:
    parameters = parse_query(request.query)
    name = parameters.get("request_uri") or ""
    if not name.startswith(POSTED):
        return parameters
    body = await shared_state().get(f"posted:{request.tenant.id.hex}:{name.removeprefix(POSTED)[:100]}")
    if body is None:
        raise InvalidRequest("the posted request is gone")
    posted = parse_query(body.encode("latin-1"))
    if posted.get("client_id") != parameters.get("client_id"):
        raise InvalidRequest("the posted request is another client's")
    return posted


def _response(
    tenant: Tenant, outcome: SendTo | Started | Refusal, ui_locales: tuple[str, ...]
) -> WireResponse | ErrorPage:
    match outcome:
        case SendTo():
            return send_away(outcome)
        case Started(handle, cookies):
            fields = tuple((b"set-cookie", cookie.encode("ascii")) for cookie in cookies)
            return redirect(f"{tenant.issuer}/interaction/{handle}", headers=fields)
        case Refusal(code, status, continue_uri, topic):
            return ErrorPage(code, status, continue_uri, ui_locales, topic=topic)
