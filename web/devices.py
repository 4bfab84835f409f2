"""What a browser says that it is, in two words. Anybody can say anything: it helps to recognize, and proves nothing."""

from __future__ import annotations

from web.foreign_text import MAX_LINE_LENGTH, plain

# The first that is named counts: almost everybody also claims to be Chrome and Safari, and phones to be desktops.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def device_of(user_agent: str | None) -> str:
    """Browser and system as far as they are known, else what was sent; empty when nothing was."""
    sent = user_agent or ""
    named = [_first(names, sent) for names in (_BROWSERS, _SYSTEMS)]
    return " · ".join(name for name in named if name) if named[0] else plain(sent, MAX_LINE_LENGTH)


def _first(names: tuple[tuple[str, str], ...], sent: str) -> str:
    return next((name for token, name in names if token in sent), "")
