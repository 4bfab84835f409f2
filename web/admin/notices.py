"""What the next page says of what was just done: the cookie names a sentence, and never holds one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import sessions
from server.endpoints.wire import redirect
from server.sessions import CookieKind
from web.localization import mark
from web.requests import cookie_headers

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from web.admin.visit import ConsoleVisit, Site

NOTICES = {
    "begun": mark("Begun."),
    "paused": mark("Paused."),
    "resumed": mark("Resumed."),
    "saved": mark("Saved."),
    "unchanged": mark("Nothing was changed."),
    "created": mark("Created."),
    "removed": mark("Removed."),
    "enabled": mark("Enabled."),
    "disabled": mark("Disabled."),
    "revoked": mark("Revoked."),
    "ended": mark("Ended."),
    "verified": mark("The domain is proved."),
    "revived": mark("It is tried again."),
    "rotated": mark("New keys sign from now on."),
    "retired": mark("The key was retired."),
    "decided": mark("Decided. Whoever waited goes on as you said."),
}


def done(visit: ConsoleVisit, location: str, notice: str) -> WireResponse:
    """303 to the page that shows the outcome, with a sentence of `NOTICES`."""
    if notice not in NOTICES:
        raise LookupError(notice)
    cookie = sessions.set_cookie(visit.site.system.id, CookieKind.NOTICE, notice, secure=visit.site.secure)
    return redirect(location, headers=cookie_headers((cookie,)))


def notice_of(site: Site) -> str | None:
    """The sentence to show, in English."""
    return NOTICES.get(site.browser.notice or "")


def forget_notice(site: Site) -> str:
    """The Set-Cookie value after it was shown."""
    return sessions.delete_cookie(site.system.id, CookieKind.NOTICE, secure=site.secure)
