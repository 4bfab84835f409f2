"""The forms that put an authorization request together, for trying and for evaluating. They are sent by GET."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from wtforms import SelectField, SelectMultipleField, StringField

from server import tokens
from server.protocol.vocabulary import Prompt
from web.admin.forms import ConsoleForm, choices, named
from web.localization import mark

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from server.clients import Client
    from server.resources import Resource
    from server.scopes import Scope
    from web.admin.visit import ConsoleVisit

F = TypeVar("F", bound="RequestForm")
PROMPTS = (
    ("", mark("as the server sees fit")),
    *((prompt.value, prompt.value) for prompt in (Prompt.LOGIN, Prompt.CONSENT, Prompt.NONE)),
)


class RequestForm(ConsoleForm):
    """What a client asks for."""

    redirect_uri = SelectField(mark("Redirect URI"))
    resource = SelectField(mark("Resource"))
    scope = SelectMultipleField(mark("Scopes"))
    prompt = SelectField(mark("Prompt"), choices=choices(PROMPTS))


class PersonRequestForm(RequestForm):
    """The same, for somebody."""

    person = StringField(mark("Person"))


def offered(
    kind: type[F],
    visit: ConsoleVisit,
    client: Client,
    known: Mapping[str, Scope],
    resources: Sequence[Resource],
) -> F:
    """The form as the URL fills it; at first with what the client asks for by default."""
    form = kind(visit.query)
    uris = client.metadata.redirect_uris
    form.redirect_uri.choices = named(uris)
    targets = [(found.identifier, found.display_name) for found in resources]
    form.resource.choices = choices([("", mark("none: the tenant itself")), *targets])
    names = sorted(tokens.permitted_scope(client, known))
    form.scope.choices = named(names)
    if form.redirect_uri.data not in uris:
        form.redirect_uri.data = uris[0] if uris else ""
    if form.resource.data not in {identifier for identifier, _ in targets}:
        form.resource.data = ""
    form.scope.data = [name for name in form.scope.data or () if name in names]
    if not form.scope.data and "sent" not in visit.query:
        form.scope.data = list(tokens.default_scope(client, known, ()))
    return form
