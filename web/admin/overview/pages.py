"""The overview of a tenant: what goes on, what waits, and where to begin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.administration import Permission, activity, trust_inbox
from server.administration import clients as client_acts
from server.administration import keys as key_acts
from server.administration import users as user_acts
from server.administration import webhooks as webhook_acts
from server.clients import ClientState
from server.kernel.clock import DAY
from server.kernel.paging import Paging
from server.keys import is_overdue
from server.projections import About, ClientFilter, PersonFilter
from server.webhooks import WebhookState
from web.admin.frame import draw
from web.admin.history import last_changes
from web.admin.overview.contexts import DAYS, Awaited, OverviewPage, Step, charts_of
from web.admin.rows import shows
from web.localization import mark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.endpoints.wire import WireResponse
    from web.admin.visit import ConsoleVisit

ANY = Paging(1)
NEWEST = Paging(25)
HELD_PEOPLE = mark("People wait at places that nobody decided about.")
HELD_CLIENT = mark("A client that registered itself is held: decide about it.")
FAILING_WEBHOOK = mark("A webhook fails: look at what came back, and mend it.")
OLD_KEY = mark("A key is older than it should be: rotate the keys.")
# Title, sentence and icon.
STEPS = (
    (
        mark("Create a client"),
        mark("An application gets an id, and the addresses that people come back to."),
        "app-window",
    ),
    (mark("Create a user"), mark("Somebody who can sign in: yourself, to begin with."), "user-plus"),
    (mark("Try it"), mark("Sign in to the client as anybody would, and look at the tokens."), "play"),
)


async def overview(visit: ConsoleVisit) -> WireResponse:
    """What goes on in a tenant."""
    today = visit.now - visit.now % DAY
    since = today - (DAYS - 1) * DAY
    counted = await activity.by_day(visit.operator, visit.tenant, since, DAYS)
    page = OverviewPage(
        issuer=visit.tenant.issuer,
        api_path=visit.api(),
        charts=charts_of(counted, since, visit.language),
        steps=await _steps(visit, counted),
        decisions=await _decisions(visit),
        history=await last_changes(visit, About(by_administrators=True)),
    )
    return draw(visit, "admin/overview/overview.html", page)


async def _steps(visit: ConsoleVisit, counted: Mapping[str, tuple[int, ...]]) -> tuple[Step, ...]:
    """The first steps, for whoever may take all of them, while one is left."""
    if not (visit.may(Permission.MANAGE_CLIENTS) and visit.may(Permission.MANAGE_USERS)):
        return ()
    clients = await client_acts.page(visit.operator, visit.tenant, ClientFilter(), NEWEST)
    users = await user_acts.page(visit.operator, visit.tenant, PersonFilter(), ANY)
    # What acts for itself cannot be tried by signing in.
    tried = next((line for line in clients.items if line.signs_people_in), None)
    try_uri = visit.uri("clients", tried.id, "try") if tried else visit.uri("clients", "new")
    done = (bool(clients.items), bool(users.items), any(counted.get("token.issued", ())))
    uris = (visit.uri("clients", "new"), visit.uri("users", "new"), try_uri)
    if all(done):
        return ()
    return tuple(Step(*words, uri, is_done) for words, uri, is_done in zip(STEPS, uris, done, strict=True))


async def _decisions(visit: ConsoleVisit) -> tuple[Awaited, ...]:
    """What waits for somebody: people at places, clients that are held, keys to rotate, webhooks that fail."""
    held = ClientFilter(state=ClientState.QUARANTINED)
    found = await client_acts.page(visit.operator, visit.tenant, held, ANY)
    overdue = any(is_overdue(key, visit.now) for key in await key_acts.timeline(visit.operator, visit.tenant))
    listed = await webhook_acts.list_webhooks(visit.operator, visit.tenant)
    fail = (webhook for webhook in listed if webhook.failing_since or webhook.state is WebhookState.FAILING)
    inbox = await trust_inbox.count(visit.operator, visit.tenant)
    return (
        *((Awaited(HELD_PEOPLE, visit.uri("trust", "inbox")),) if inbox else ()),
        *(Awaited(HELD_CLIENT, visit.uri("clients", line.id)) for line in found.items),
        *((Awaited(OLD_KEY, visit.uri("keys")),) if overdue else ()),
        *(Awaited(FAILING_WEBHOOK, visit.uri("webhooks", webhook.id, "deliveries")) for webhook in fail),
    )


ROWS = (shows("/t/<tenant>", overview),)
