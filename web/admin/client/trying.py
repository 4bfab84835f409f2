"""Trying a client: an authorization URL that the administrator goes through as anybody would, and what comes of it.

`state` is sealed for the administrator and holds the PKCE verifier. What comes back is redeemed by the use case, for
whoever may manage a client could give it a secret and do the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode, urlsplit

from wtforms import StringField

from server import grant_types, resources, scopes
from server.administration import Permission
from server.administration import clients as acts
from server.administration import users as user_acts
from server.endpoints.wire import redirect
from server.grant_types import TokenRequest
from server.kernel import digests, encryption
from server.kernel.json import dump_json, load_json
from server.kernel.paging import Paging
from server.projections import PersonFilter
from server.protocol.errors import OAuthError
from server.protocol.parameters import Parameters, parse_query
from server.protocol.vocabulary import GrantType
from web.admin.client.contexts import ClientHead, head_of
from web.admin.client.request_forms import RequestForm, offered
from web.admin.client.tokens import ReadToken, read_tokens
from web.admin.forms import ConsoleForm
from web.admin.frame import draw
from web.admin.once import keep_once, take_once
from web.admin.rows import does, shows
from web.localization import mark

if TYPE_CHECKING:
    from server.clients import Client
    from server.endpoints.wire import WireResponse
    from web.admin.visit import ConsoleVisit

PURPOSE = "console-try"
ANY = Paging(1)

NO_CODE = mark("There is no code in this address. Copy all of it from the browser's address bar.")
NOT_OURS = mark("This address belongs to another try. Open the link on this page again.")
REFUSED = mark("The code was refused: it was redeemed before, or is older than a minute. Open the link again.")


class AddressForm(ConsoleForm):
    """Where the browser ended up."""

    address = StringField(mark("Where you ended up"))


@dataclass(frozen=True, slots=True)
class TryPage:
    """The request, the link that sends it, and the tokens that came of it."""

    head: ClientHead
    form: RequestForm
    uri: str | None  # None: the client signs nobody in
    address: AddressForm
    may_redeem: bool
    people_uri: str
    new_person_uri: str | None  # None: there is somebody who can sign in, or it is for others to make them
    tokens: tuple[ReadToken, ...]


async def show(visit: ConsoleVisit) -> WireResponse:
    """Build the URL from what was chosen."""
    client = await acts.get(visit.operator, visit.tenant, visit.identifier("client"))
    tokens = await take_once(visit, visit.query.get("fresh"))
    return await _draw(visit, client, AddressForm(), 200, read_tokens(tokens) if tokens else ())


async def redeem(visit: ConsoleVisit) -> WireResponse:
    """Redeem the code in the address that somebody ended up at."""
    client = await acts.get(visit.operator, visit.tenant, visit.identifier("client"))
    form = AddressForm(visit.form)
    try:
        request = _token_request(visit, client, form.address.data or "")
        response = await grant_types.redeem(request)
    except encryption.Unsealable:
        form.blame("address", NOT_OURS)
    except LookupError:
        form.blame("address", NO_CODE)
    except OAuthError:
        form.blame("address", REFUSED)
    else:
        fresh = await keep_once(visit, dump_json(response.to_json()))
        return redirect(visit.uri("clients", client.id, "try", fresh=fresh))
    return await _draw(visit, client, form, 422)


def _token_request(visit: ConsoleVisit, client: Client, address: str) -> TokenRequest:
    """Raises LookupError without a code, Unsealable for the state of somebody else, OAuthError for no address."""
    parameters = parse_query(urlsplit(address.strip()).query.encode("ascii", "replace"))
    code, state = parameters.get("code"), parameters.get("state")
    if code is None or state is None:
        raise LookupError("no code")
    kept = encryption.unseal(PURPOSE, visit.tenant.id, visit.seat.token, state)
    verifier, redirect_uri = cast("tuple[str, str]", load_json(kept))
    body = {"code": code, "redirect_uri": redirect_uri, "code_verifier": verifier}
    return TokenRequest(visit.tenant, client, Parameters({name: (value,) for name, value in body.items()}), visit.now)


async def _draw(
    visit: ConsoleVisit, client: Client, address: AddressForm, status: int, tokens: tuple[ReadToken, ...] = ()
) -> WireResponse:
    known = await scopes.list_scopes(visit.tenant.id)
    form = offered(RequestForm, visit, client, known, await resources.list_resources(visit.tenant.id))
    page = TryPage(
        head=head_of(visit, client, "try"),
        form=form,
        uri=_authorization_uri(visit, client, form) if _signs_people_in(client) else None,
        address=address,
        may_redeem=visit.may(Permission.MANAGE_CLIENTS),
        people_uri=visit.uri("users"),
        new_person_uri=None if await _has_people(visit) else visit.uri("users", "new"),
        tokens=tokens,
    )
    return draw(visit, "admin/client/try.html", page, status=status)


async def _has_people(visit: ConsoleVisit) -> bool:
    """Whether anybody can sign in, as far as it is for the administrator to change that."""
    if not visit.may(Permission.MANAGE_USERS):
        return True
    return bool((await user_acts.page(visit.operator, visit.tenant, PersonFilter(enabled=True), ANY)).items)


def _signs_people_in(client: Client) -> bool:
    return GrantType.AUTHORIZATION_CODE in client.metadata.grant_types and bool(client.metadata.redirect_uris)


def _authorization_uri(visit: ConsoleVisit, client: Client, form: RequestForm) -> str:
    verifier, redirect_uri = digests.random_token(), form.redirect_uri.data
    kept = dump_json([verifier, redirect_uri]).encode()
    query = {
        "client_id": client.client_id,
        "response_type": "code",
        "redirect_uri": redirect_uri,
        "scope": " ".join(form.scope.data or ()),
        "state": encryption.seal(PURPOSE, visit.tenant.id, visit.seat.token, kept),
        "nonce": digests.random_token(128),
        "code_challenge": digests.b64url(digests.sha256(verifier)),
        "code_challenge_method": "S256",
        "resource": form.resource.data,
        "prompt": form.prompt.data,
    }
    return f"{visit.tenant.issuer}/authorize?{urlencode({name: value for name, value in query.items() if value})}"


ROWS = (
    shows("/t/<tenant>/clients/<client>/try", show),
    does("/t/<tenant>/clients/<client>/try", redeem, Permission.MANAGE_CLIENTS),
)
