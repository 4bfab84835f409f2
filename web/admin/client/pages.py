"""One client: what it is, its settings, its redirect URIs, its scopes; enabling, disabling and removing it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from server import scopes
from server.administration import Permission, trust_simulator
from server.administration import clients as acts
from server.administration.finding import Conflict, version_of
from server.clients import Client, InvalidClientDefinition
from server.projections import About
from server.protocol.errors import InvalidClientMetadata, InvalidRedirectUri
from web.admin.client.contexts import (
    OverviewPage,
    RedirectUrisPage,
    ScopesPage,
    SettingsPage,
    decisions_of,
    facts_of,
    head_of,
    name_of,
    place_of,
)
from web.admin.client.forms import (
    RedirectUrisForm,
    ScopesForm,
    SettingsForm,
    redirect_uris_form,
    scopes_form,
    settings_form,
)
from web.admin.conflict import conflicting, versions
from web.admin.forms import MISFIT, NOT_THE_NAME, ConfirmForm, named
from web.admin.frame import draw
from web.admin.history import last_changes
from web.admin.notices import done
from web.admin.rows import does, shows
from web.localization import mark

if TYPE_CHECKING:
    from collections.abc import Callable

    from server.endpoints.wire import WireResponse
    from server.trust import Decision
    from web.admin.visit import ConsoleVisit

NEEDS_URI = mark("A client that signs people in needs at least one redirect URI.")
BEYOND_PKCE = mark("PKCE may be left out only for a confidential client with openid.")


EditForm = SettingsForm | RedirectUrisForm | ScopesForm


async def overview(visit: ConsoleVisit) -> WireResponse:
    """What the client is."""
    client = await _client(visit)
    history = await last_changes(visit, About(client_pk=client.id, by_administrators=True))
    return draw(
        visit,
        "admin/client/overview.html",
        OverviewPage(head_of(visit, client), facts_of(visit, client), decisions_of(client), history),
    )


async def settings(visit: ConsoleVisit) -> WireResponse:
    """Names, links, kind."""
    client = await _client(visit)
    return _draw_settings(visit, client, SettingsForm(data=_filled(client, settings_form)), 200)


async def save_settings(visit: ConsoleVisit) -> WireResponse:
    """Change names, links, kind."""
    client, form = await _client(visit), SettingsForm(visit.form)

    def again() -> WireResponse:
        return _draw_settings(visit, client, form, 422)

    if not form.validate():
        return again()
    return await _save(visit, client, form, settings_form, again)


async def redirect_uris(visit: ConsoleVisit) -> WireResponse:
    """Where people may be sent."""
    client = await _client(visit)
    decisions = await trust_simulator.simulate_client(visit.operator, visit.tenant, client, visit.now)
    form = RedirectUrisForm(data=_filled(client, redirect_uris_form))
    return _draw_uris(visit, client, form, decisions, 200)


async def save_redirect_uris(visit: ConsoleVisit) -> WireResponse:
    """Change where people may be sent."""
    client, form = await _client(visit), RedirectUrisForm(visit.form)
    decisions = await trust_simulator.simulate_client(visit.operator, visit.tenant, client, visit.now)

    def again() -> WireResponse:
        return _draw_uris(visit, client, form, decisions, 422)

    if not form.validate():
        return again()
    return await _save(visit, client, form, redirect_uris_form, again)


async def scope(visit: ConsoleVisit) -> WireResponse:
    """What the client may ask for."""
    client = await _client(visit)
    form = ScopesForm(data=_filled(client, scopes_form))
    await _offer_scopes(visit, form)
    return _draw_scopes(visit, client, form, 200)


async def save_scope(visit: ConsoleVisit) -> WireResponse:
    """Change what the client may ask for."""
    client, form = await _client(visit), ScopesForm(visit.form)
    await _offer_scopes(visit, form)

    def again() -> WireResponse:
        return _draw_scopes(visit, client, form, 422)

    if not form.validate():
        return again()
    return await _save(visit, client, form, scopes_form, again)


async def switch(visit: ConsoleVisit) -> WireResponse:
    """Take a client out of use with all its grants, or into it again."""
    client = await _client(visit)
    enabled = visit.form.get("enabled") == "y"
    await acts.change(
        visit.operator, visit.tenant, client.id, lambda before: replace(before, enabled=enabled), visit.now
    )
    return done(visit, visit.uri("clients", client.id), "enabled" if enabled else "disabled")


async def remove(visit: ConsoleVisit) -> WireResponse:
    """Remove a client for good; its client_id has to be typed."""
    client, form = await _client(visit), ConfirmForm(visit.form)
    if not form.is_for(client.client_id):
        settings_page = SettingsForm(data=_filled(client, settings_form))
        return _draw_settings(visit, client, settings_page, 422, confirm_error=NOT_THE_NAME)
    await acts.discard(visit.operator, visit.tenant, client.id, visit.now)
    return done(visit, visit.uri("clients"), "removed")


async def _client(visit: ConsoleVisit) -> Client:
    return await acts.get(visit.operator, visit.tenant, visit.identifier("client"))


def _filled(client: Client, fill: Callable[[Client], dict[str, object]]) -> dict[str, object]:
    return {**fill(client), "version": version_of(client)}


async def _save(
    visit: ConsoleVisit,
    client: Client,
    form: EditForm,
    fill: Callable[[Client], dict[str, object]],
    again: Callable[[], WireResponse],
) -> WireResponse:
    """Save what was typed; what cannot be is said in the form, which `again` draws."""
    version = form.version.data or ""
    try:
        await acts.change(visit.operator, visit.tenant, client.id, form.edited, visit.now, version=version)
    except Conflict as conflict:
        current = fill(conflict.current) if isinstance(conflict.current, Client) else {}
        return conflicting(visit, conflict, name_of(client), visit.path, versions(form, current))
    except InvalidRedirectUri:
        form.blame("redirect_uris" if "redirect_uris" in form else None, NEEDS_URI)
    except InvalidClientMetadata:
        form.blame(None, MISFIT)
    except InvalidClientDefinition:
        form.blame("require_pkce" if "require_pkce" in form else None, BEYOND_PKCE)
    else:
        return done(visit, visit.path, "saved")
    return again()


def _draw_settings(
    visit: ConsoleVisit, client: Client, form: SettingsForm, status: int, *, confirm_error: str = ""
) -> WireResponse:
    page = SettingsPage(head_of(visit, client, "settings"), form, ConfirmForm(), confirm_error)
    return draw(visit, "admin/client/settings.html", page, status=status)


def _draw_uris(
    visit: ConsoleVisit, client: Client, form: RedirectUrisForm, decisions: tuple[Decision, ...], status: int
) -> WireResponse:
    decided = zip(client.metadata.redirect_uris, decisions, strict=True)
    places = tuple(place_of(visit, client, uri, decision) for uri, decision in decided)
    page = RedirectUrisPage(head_of(visit, client, "redirect-uris"), form, places)
    return draw(visit, "admin/client/redirect_uris.html", page, status=status)


def _draw_scopes(visit: ConsoleVisit, client: Client, form: ScopesForm, status: int) -> WireResponse:
    return draw(visit, "admin/client/scopes.html", ScopesPage(head_of(visit, client, "scopes"), form), status=status)


async def _offer_scopes(visit: ConsoleVisit, form: ScopesForm) -> None:
    known = await scopes.list_scopes(visit.tenant.id)
    form.scope.choices = named(known)


ONE = "/t/<tenant>/clients/<client>"
MANAGE = Permission.MANAGE_CLIENTS
ROWS = (
    shows(ONE, overview),
    shows(f"{ONE}/settings", settings),
    does(f"{ONE}/settings", save_settings, MANAGE),
    shows(f"{ONE}/redirect-uris", redirect_uris),
    does(f"{ONE}/redirect-uris", save_redirect_uris, MANAGE),
    shows(f"{ONE}/scopes", scope),
    does(f"{ONE}/scopes", save_scope, MANAGE),
    does(f"{ONE}/enabled", switch, MANAGE),
    does(f"{ONE}/remove", remove, MANAGE),
)
