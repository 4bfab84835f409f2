"""Creating a client: first its kind, then its name and where it lives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server import clients, scopes
from server.administration import Permission
from server.administration import clients as acts
from server.administration.finding import Unknown
from server.clients import ClientSource
from server.endpoints.wire import redirect
from server.kernel.database import AlreadyExists
from server.protocol.client_metadata import parse_client_metadata
from server.protocol.errors import InvalidRedirectUri
from server.protocol.redirect_uris import is_private_use
from server.tenants import PrivateUseSchemes
from web.admin.forms import TAKEN, lines_of, named
from web.admin.frame import draw
from web.admin.new_client.forms import NewClientForm
from web.admin.new_client.kinds import KINDS, Kind
from web.admin.notices import done
from web.admin.once import keep_once
from web.admin.rows import does, shows
from web.localization import mark

if TYPE_CHECKING:
    from server.clients import Client
    from server.endpoints.wire import WireResponse
    from web.admin.visit import ConsoleVisit

NEEDS_URI = mark("Enter at least one redirect URI: this is where people come back to.")
NO_PRIVATE_USE = mark("Private-use schemes are switched off for this tenant.")


@dataclass(frozen=True, slots=True)
class KindsPage:
    """The kinds to choose from; each with its URI."""

    kinds: tuple[tuple[Kind, str], ...]
    list_uri: str
    api_path: str


@dataclass(frozen=True, slots=True)
class NewClientPage:
    """The form of one kind."""

    kind: Kind
    form: NewClientForm
    kinds_uri: str
    list_uri: str
    api_path: str


async def kinds(visit: ConsoleVisit) -> WireResponse:
    """Which kind it shall be."""
    offered = tuple((kind, visit.uri("clients", "new", kind.name)) for kind in KINDS.values())
    page = KindsPage(offered, visit.uri("clients"), visit.api("clients"))
    return draw(visit, "admin/new_client/kinds.html", page)


async def ask(visit: ConsoleVisit) -> WireResponse:
    """The form, filled with what fits the kind."""
    kind = _kind(visit)
    known = await scopes.list_scopes(visit.tenant.id)
    form = NewClientForm(data={"redirect_uris": kind.redirect_uris or "", "scope": kind.default_scope(known)})
    return await _draw(visit, kind, form, 200)


async def create(visit: ConsoleVisit) -> WireResponse:
    """Register it. A secret is shown once; a client without one can be tried at once."""
    kind, form = _kind(visit), NewClientForm(visit.form)
    known = await scopes.list_scopes(visit.tenant.id)
    form.scope.choices = named(known)
    if not form.validate() or not _fits(visit, kind, form):
        return await _draw(visit, kind, form, 422)
    try:
        client = _client(visit, kind, form)
        secret = await acts.register(visit.operator, visit.tenant, client, visit.now)
    except InvalidRedirectUri:
        form.blame("redirect_uris", NEEDS_URI)
    except AlreadyExists:
        form.blame("client_id", TAKEN)
    else:
        if secret is None:
            return done(visit, visit.uri("clients", client.id, "try"), "created")
        return redirect(visit.uri("clients", client.id, "credentials", fresh=await keep_once(visit, secret)))
    return await _draw(visit, kind, form, 422)


def _kind(visit: ConsoleVisit) -> Kind:
    kind = KINDS.get(visit.arguments["kind"])
    if kind is None:
        raise Unknown
    return kind


def _fits(visit: ConsoleVisit, kind: Kind, form: NewClientForm) -> bool:
    uris = lines_of(form.redirect_uris.data)
    if kind.redirect_uris is not None and not uris:
        form.blame("redirect_uris", NEEDS_URI)
    if visit.tenant.settings.private_use_schemes is PrivateUseSchemes.OFF and any(map(is_private_use, uris)):
        form.blame("redirect_uris", NO_PRIVATE_USE)
    return not form.errors


def _client(visit: ConsoleVisit, kind: Kind, form: NewClientForm) -> Client:
    scope = tuple(form.scope.data or ())
    uris = lines_of(form.redirect_uris.data) if kind.redirect_uris is not None else ()
    document = kind.document(form.client_name.data or "", uris, " ".join(scope))
    return clients.new_client(
        visit.tenant.id,
        form.client_id.data or clients.random_client_id(),
        parse_client_metadata(document, drop_private_use=False),
        source=ClientSource.ADMIN,
        origin=visit.operator.origin,
        scope=scope,
        now=visit.now,
    )


async def _draw(visit: ConsoleVisit, kind: Kind, form: NewClientForm, status: int) -> WireResponse:
    known = await scopes.list_scopes(visit.tenant.id)
    form.scope.choices = named(known)
    new_uri, list_uri = visit.uri("clients", "new"), visit.uri("clients")
    page = NewClientPage(kind, form, new_uri, list_uri, visit.api("clients"))
    return draw(visit, "admin/new_client/form.html", page, status=status)


NEW = "/t/<tenant>/clients/new"
ROWS = (
    shows(NEW, kinds, Permission.MANAGE_CLIENTS),
    shows(f"{NEW}/<kind>", ask, Permission.MANAGE_CLIENTS),
    does(f"{NEW}/<kind>", create, Permission.MANAGE_CLIENTS),
)
