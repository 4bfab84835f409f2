"""Browser sessions: server side, one per tenant and browser, with a new secret at every login.

The cookie carries a random secret of which only the digest is stored. Cookie names and parsing live here
and nowhere else.
"""

from .cookies import CookieKind, cookie_name, delete_cookie, read_browser, set_cookie
from .devices import device_token, is_known_device
from .policy import again, begin
from .records import ACR_PASSWORD, AMR_PASSWORD, Browser, Session
from .store import end, end_among, end_for_user, find, new_row, renew, sweep, touch

__all__ = [
    "ACR_PASSWORD",
    "AMR_PASSWORD",
    "Browser",
    "CookieKind",
    "Session",
    "again",
    "begin",
    "cookie_name",
    "delete_cookie",
    "device_token",
    "end",
    "end_among",
    "end_for_user",
    "find",
    "is_known_device",
    "new_row",
    "read_browser",
    "renew",
    "set_cookie",
    "sweep",
    "touch",
]
