"""Initial access tokens (RFC 7591 §3): made, shown once, listed, revoked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wtforms import IntegerField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, NumberRange

from server import scopes
from server.administration import Permission
from server.administration import initial_access_tokens as acts
from server.endpoints.wire import redirect
from server.initial_access_tokens import InvalidInitialAccessToken, Template
from server.kernel import ids
from server.kernel.clock import DAY
from web.admin.checks import name_line
from web.admin.clients.tabs import TOKENS, tabs_of
from web.admin.forms import LONGEST_TEXT, MISFIT, ConsoleForm, at_most, named
from web.admin.frame import draw
from web.admin.listing import ListFrame, read_list
from web.admin.notices import done
from web.admin.once import keep_once, take_once
from web.admin.rows import does, shows
from web.foreign_text import MAX_NAME_LENGTH, plain
from web.localization import mark

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from server.initial_access_tokens import InitialAccessToken
    from web.admin.visit import ConsoleVisit

MOST_USES, MOST_DAYS = 1000, 365
OUT_OF_BOUNDS = mark("Enter a number within the bounds.")


class TokenForm(ConsoleForm):
    """What the token is for. Scopes that are ticked become a ceiling; none ticked: as for everybody who registers."""

    name = StringField(mark("Name"), [InputRequired(mark("Enter a name.")), at_most(LONGEST_TEXT), name_line])
    max_uses = IntegerField(mark("How many clients"), [NumberRange(1, MOST_USES, OUT_OF_BOUNDS)], default=1)
    days = IntegerField(mark("Valid for days"), [NumberRange(1, MOST_DAYS, OUT_OF_BOUNDS)], default=7)
    scope = SelectMultipleField(mark("Scopes"), choices=[])


@dataclass(frozen=True, slots=True)
class TokenEntry:
    """One token, of which nobody here knows the text."""

    id: str
    name: str
    uses: str
    valid_until: str
    lives: bool


@dataclass(frozen=True, slots=True)
class TokensPage:
    """The list and the form; `fresh` is the text of one that was just made, shown once."""

    tokens: tuple[TokenEntry, ...]
    list: ListFrame
    tabs: tuple[tuple[str, str, bool], ...]
    form: TokenForm
    may_manage: bool
    uri: str
    api_path: str
    fresh: str | None = field(repr=False)


async def tokens(visit: ConsoleVisit) -> WireResponse:
    """Every token that was ever made."""
    return await _draw(visit, TokenForm(), 200, await take_once(visit, visit.query.get("fresh")))


async def create(visit: ConsoleVisit) -> WireResponse:
    """Make one; its text is shown once."""
    form = TokenForm(visit.form)
    await _offer_scopes(visit, form)
    if not form.validate():
        return await _draw(visit, form, 422)
    template = Template(scope=tuple(form.scope.data) if form.scope.data else None)
    valid_until = visit.now + (form.days.data or 0) * DAY
    try:
        text = await acts.create(
            visit.operator,
            visit.tenant,
            form.name.data or "",
            template,
            max_uses=form.max_uses.data or 0,
            valid_until=valid_until,
            now=visit.now,
        )
    except InvalidInitialAccessToken:
        form.blame(None, MISFIT)
        return await _draw(visit, form, 422)
    return redirect(visit.uri("clients", "tokens", fresh=await keep_once(visit, text)))


async def revoke(visit: ConsoleVisit) -> WireResponse:
    """Let nobody register with it any more."""
    token = await acts.get(visit.operator, visit.tenant, visit.identifier("token"))
    await acts.revoke(visit.operator, visit.tenant, token, visit.now)
    return done(visit, visit.uri("clients", "tokens"), "revoked")


async def _draw(visit: ConsoleVisit, form: TokenForm, status: int, fresh: str | None = None) -> WireResponse:
    await _offer_scopes(visit, form)
    asked = read_list(visit)
    found = await acts.page(visit.operator, visit.tenant, asked.paging)
    page = TokensPage(
        tokens=tuple(_entry(visit, token) for token in found.items),
        list=asked.frame(found.next_cursor),
        tabs=tabs_of(visit, TOKENS),
        form=form,
        may_manage=visit.may(Permission.MANAGE_CLIENTS),
        uri=visit.uri("clients", "tokens"),
        api_path=visit.api("initial-access-tokens"),
        fresh=fresh,
    )
    return draw(visit, "admin/registration_tokens/list.html", page, status=status)


async def _offer_scopes(visit: ConsoleVisit, form: TokenForm) -> None:
    form.scope.choices = named(await scopes.list_scopes(visit.tenant.id))


def _entry(visit: ConsoleVisit, token: InitialAccessToken) -> TokenEntry:
    return TokenEntry(
        id=ids.to_short(token.id),
        name=plain(token.name, MAX_NAME_LENGTH),
        uses=f"{visit.language.number(token.uses)} / {visit.language.number(token.max_uses)}",
        valid_until=visit.language.time(token.valid_until),
        lives=token.is_valid(visit.now),
    )


ALL = "/t/<tenant>/clients/tokens"
ROWS = (
    shows(ALL, tokens),
    does(ALL, create, Permission.MANAGE_CLIENTS),
    does(f"{ALL}/<token>/revoke", revoke, Permission.MANAGE_CLIENTS),
)
