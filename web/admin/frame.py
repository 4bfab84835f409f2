"""What surrounds every page of the console: navigation, tenant, person, and what was just done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from web.admin.csrf import csrf_token
from web.admin.navigation import navigation
from web.admin.notices import forget_notice, notice_of
from web.admin.visit import PREFIX, uri_in
from web.brand import platform_brand
from web.foreign_text import MAX_NAME_LENGTH, plain
from web.rendering import Frame, render
from web.requests import cookie_headers

if TYPE_CHECKING:
    from server.endpoints.wire import Headers, WireResponse
    from web.admin.navigation import Group
    from web.admin.visit import ConsoleVisit


@dataclass(frozen=True, slots=True)
class Console:
    """What the layout of the console needs besides the page's own context; templates know it as `console`."""

    csrf: str = field(repr=False)
    groups: tuple[Group, ...]
    tenant: str | None  # its name
    home_uri: str
    switch_uri: str
    search_uri: str
    person: str
    notice: str | None  # in English; the template translates it


def draw(visit: ConsoleVisit, template: str, page: object, *, status: int = 200, headers: Headers = ()) -> WireResponse:
    """Draw a page of the console."""
    site = visit.site
    notice = notice_of(site)
    cookies = cookie_headers((forget_notice(site),)) if site.browser.notice else ()
    frame = Frame(platform_brand(site.public_url), visit.language)
    return render(template, page, frame, status=status, console=_console(visit, notice), headers=(*cookies, *headers))


def _console(visit: ConsoleVisit, notice: str | None) -> Console:
    tenant, user = visit.tenant_named, visit.seat.user
    slug = tenant.slug if tenant else None
    return Console(
        csrf=csrf_token(visit.seat),
        groups=navigation(visit),
        tenant=None if tenant is None else plain(tenant.display_name, MAX_NAME_LENGTH) or tenant.slug,
        home_uri=PREFIX if slug is None else uri_in(slug),
        switch_uri=f"{PREFIX}/switch",
        search_uri=f"{PREFIX}/search" if slug is None else uri_in(slug, "search"),
        person=plain(user.name or user.username, MAX_NAME_LENGTH),
        notice=notice,
    )
