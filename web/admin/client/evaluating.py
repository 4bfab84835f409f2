"""Evaluating a client: what this person would be asked, and which claims the client would get."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson

from server import interactions, resources, scopes, users
from server.administration import clients as acts
from server.protocol.authorization_request import AuthorizationRequest
from server.protocol.claims import ClaimsRequest
from server.protocol.errors import OAuthError
from server.protocol.vocabulary import Prompt
from web.admin.client.contexts import ClientHead, head_of
from web.admin.client.request_forms import PersonRequestForm, offered
from web.admin.frame import draw
from web.admin.rows import shows
from web.foreign_text import MAX_LINE_LENGTH, plain
from web.localization import mark

if TYPE_CHECKING:
    from server.clients import Client
    from server.endpoints.wire import WireResponse
    from server.interactions import Evaluation
    from server.users import User
    from web.admin.visit import ConsoleVisit

NOBODY = mark("There is nobody of this name.")


@dataclass(frozen=True, slots=True)
class AskedScope:
    """One permission at one resource, and whether the person has allowed it before."""

    resource: str
    name: str
    remembered: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What would happen."""

    needs_consent: bool
    asked: tuple[AskedScope, ...]
    audience: tuple[str, ...]
    token_scope: str
    token_format: str
    claims: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class EvaluatePage:
    """The question and its answer; `refused` is the error code that the client would get."""

    head: ClientHead
    form: PersonRequestForm
    outcome: Outcome | None
    refused: str | None


async def show(visit: ConsoleVisit) -> WireResponse:
    """Ask for a person, and say what would happen."""
    client = await acts.get(visit.operator, visit.tenant, visit.identifier("client"))
    known = await scopes.list_scopes(visit.tenant.id)
    form = offered(PersonRequestForm, visit, client, known, await resources.list_resources(visit.tenant.id))
    outcome, refused = None, None
    if form.person.data:
        person = await users.find_by_identifier(visit.tenant.id, form.person.data.replace("\x00", ""))
        if person is None:
            form.blame("person", NOBODY)
        else:
            outcome, refused = await _evaluate(visit, client, person, form)
    page = EvaluatePage(head_of(visit, client, "evaluate"), form, outcome, refused)
    return draw(visit, "admin/client/evaluate.html", page, status=422 if form.errors else 200)


async def _evaluate(
    visit: ConsoleVisit, client: Client, person: User, form: PersonRequestForm
) -> tuple[Outcome | None, str | None]:
    try:
        found = await interactions.evaluate(visit.tenant, client, person, _request(client, form), visit.now)
    except OAuthError as error:
        return None, error.code
    return _outcome(found), None


def _request(client: Client, form: PersonRequestForm) -> AuthorizationRequest:
    return AuthorizationRequest(
        client_id=client.client_id,
        redirect_uri=form.redirect_uri.data or "https://invalid.invalid/",
        scope=tuple(form.scope.data or ()),
        state=None,
        code_challenge=None,
        nonce=None,
        prompt=frozenset({Prompt(form.prompt.data)} if form.prompt.data in set(Prompt) else ()),
        max_age=None,
        login_hint=None,
        ui_locales=(),
        claims=ClaimsRequest(),
        acr_values=(),
        resources=(form.resource.data,) if form.resource.data else (),
    )


def _outcome(found: Evaluation) -> Outcome:
    asked = tuple(
        AskedScope(
            plain(resource.display_name if resource else "", MAX_LINE_LENGTH),
            name,
            remembered=((resource.identifier if resource else ""), name) in found.asked.remembered,
        )
        for resource, names in found.asked.groups
        for name in names
    )
    return Outcome(
        needs_consent=found.asked.needs_consent,
        asked=asked,
        audience=found.entitlement.audience,
        token_scope=" ".join(found.entitlement.scope),
        token_format=found.entitlement.token_format.value,
        claims=orjson.dumps(dict(found.userinfo), option=orjson.OPT_INDENT_2).decode(),
    )


ROWS = (shows("/t/<tenant>/clients/<client>/evaluate", show),)
