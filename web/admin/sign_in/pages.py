"""Signing in, coming back, sending a form again, signing out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server import interactions, sessions
from server.administration import console_of
from server.administration.finding import Unknown
from server.endpoints.wire import redirect
from server.interactions import Visit
from server.kernel import digests
from server.protocol.errors import OAuthError
from server.protocol.parameters import Parameters, parse_query
from server.sessions import CookieKind
from web.admin.frame import draw
from web.admin.rows import does, shows
from web.admin.session import token_for
from web.admin.sign_in.journey import HeldForm, Lost, arrive, departure, find_held, hold
from web.brand import platform_brand
from web.rendering import Frame, render
from web.requests import cookie_headers
from web.security import CSRF_FIELD

if TYPE_CHECKING:
    from uuid import UUID

    from server.endpoints.wire import WireResponse
    from web.admin.visit import ConsoleVisit, Site

# What nobody should read over a shoulder when a form is sent again.
SECRETS = frozenset({"password", "client_secret"})


@dataclass(frozen=True, slots=True)
class ResumePage:
    """A form that waits to be sent again. Each field: name, value, whether it may be shown."""

    action: str
    fields: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True, slots=True)
class LostPage:
    """The end of a sign-in that did not work."""


def sign_in(site: Site, return_to: str) -> WireResponse:
    """Send the browser off to sign in, and back to a page of the console."""
    binding = site.browser.sign_in or digests.random_token(128)
    cookie = sessions.set_cookie(site.system.id, CookieKind.SIGN_IN, binding, secure=site.secure)
    return redirect(departure(site, binding, return_to), headers=cookie_headers((cookie,)))


async def sign_in_again(site: Site, grant_id: UUID, form: HeldForm) -> WireResponse:
    """The same for a form that was sent too late: it is kept for who had this grant, and can be sent again."""
    return sign_in(site, await hold(site, grant_id, form) or form.path)


async def come_back(site: Site, query: bytes) -> WireResponse:
    """The redirect URI of the console: whoever comes with a code of ours is signed in, others start over."""
    try:
        grant_id, return_to = await arrive(site, parse_query(query))
    except (Lost, OAuthError):
        return lost(site)
    cookie = sessions.set_cookie(
        site.system.id, CookieKind.CONSOLE, token_for(site.system, grant_id), secure=site.secure
    )
    return redirect(return_to, headers=cookie_headers((cookie,)))


async def resume(visit: ConsoleVisit) -> WireResponse:
    """What was about to be sent when the session ended, to be looked at and sent again."""
    held = await find_held(visit.site, visit.arguments["handle"])
    if held is None:
        raise Unknown
    fields = tuple((name, value, name not in SECRETS) for name, value in held.fields if name != CSRF_FIELD)
    return draw(visit, "admin/sign_in/resume.html", ResumePage(held.path, fields))


def lost(site: Site) -> WireResponse:
    """Signing in did not come to its end: nothing but to start over."""
    frame = Frame(platform_brand(site.public_url), site.language)
    return render("admin/sign_in/lost.html", LostPage(), frame, status=400)


async def sign_out(visit: ConsoleVisit) -> WireResponse:
    """Sign out of the console and of the system tenant's session beneath it."""
    site = visit.site
    visited = Visit(site.system, site.browser, "", secure=site.secure, limited=True, now=site.now)
    done = await interactions.log_out(visited, Parameters({}))
    cookie = sessions.delete_cookie(site.system.id, CookieKind.CONSOLE, secure=site.secure)
    return redirect(console_of(site.public_url), headers=cookie_headers((cookie, *done.cookies)))


ROWS = (
    shows("/resume/<handle>", resume, None),
    does("/sign-out", sign_out, None),
)
