"""Pure rules of tenants: names, domains, issuers, and settings that fit together."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from server.kernel import colors, ids
from server.kernel.clock import DAY, HOUR, MINUTE, SECOND
from server.kernel.colors import AA_CONTRAST
from server.kernel.hosts import is_loopback_host
from server.kernel.images import LONGEST_DATA_URI
from server.protocol.jwt import verification_keys

from .records import Tenant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.kernel.clock import Duration, Instant

    from .records import Branding, TenantSettings

SYSTEM_SLUG = "system"
# Requests a minute of one address at one tenant, by endpoint, unless the tenant's `rate_limits` say otherwise.
# Many people and hosted clients share an address: these limits stop floods, not customers.
RATE_LIMITS: Mapping[str, int] = MappingProxyType(
    {
        "authorize": 600,
        "token": 6000,
        "revoke": 6000,
        "introspect": 60_000,
        "register": 120,
        "jwks": 6000,
        "userinfo": 6000,
        "metadata": 6000,
    }
)
# The same for what belongs to no tenant, unless the system tenant's settings say otherwise. Programs that set up
# tenants are busy, and so are pages that search while somebody types.
PLATFORM_RATE_LIMITS: Mapping[str, int] = MappingProxyType({"api": 1200, "admin": 600})

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_DOMAIN = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_COLOR = re.compile(r"#[0-9a-f]{6}")
_LOGO = re.compile(r"data:image/png;base64,[A-Za-z0-9+/]+={0,2}", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}", re.ASCII)
_ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s]{1,253}", re.ASCII)
_MAX_DISPLAY_NAME = 200
_MAX_LOGIN_TEXT = 300
_MAX_URI = 2000

# What pages are drawn on (--surface in static/css/tokens.css), in light and in dark.
LIGHT_SURFACE = (0xFF, 0xFF, 0xFF)
DARK_SURFACE = (0x16, 0x1A, 0x22)


class InvalidTenant(ValueError):
    """A tenant's name, domain, settings or look cannot be taken; the message says why, in one line."""


class UnreadableColor(InvalidTenant):
    """A colour cannot be read on the pages (WCAG 2.2 AA); `nearest` is one like it that can, as `#rrggbb`."""

    def __init__(self, name: str, contrast: float, nearest: str) -> None:
        surface = "dark" if name == "dark_color" else "light"
        super().__init__(
            f"{name} has a contrast of {contrast:.1f} to 1 on {surface} pages, and {AA_CONTRAST} is the least that can "
            f"be read; {nearest} can"
        )
        self.name, self.contrast, self.nearest = name, contrast, nearest


def issuer_of(slug: str, domain: str | None, public_url: str) -> str:
    """The issuer identifier, without a trailing slash. RFC 8414 §2."""
    return f"https://{domain}" if domain else f"{public_url}/t/{slug}"


def new_tenant(slug: str, display_name: str, public_url: str, now: Instant) -> Tenant:
    """A native tenant with the default settings, not yet stored."""
    return Tenant(
        id=ids.uuid7(),
        slug=slug,
        display_name=display_name,
        issuer=issuer_of(slug, None, public_url),
        created_at=now,
    )


def check_slug(slug: str) -> None:
    """Raise InvalidTenant unless the slug can stand in a URL path and a host name."""
    if not _SLUG.fullmatch(slug):
        raise InvalidTenant("a tenant is named by 1 to 63 lower-case letters, digits and inner hyphens")


def check_display_name(name: str) -> None:
    """Raise InvalidTenant unless people can read the name."""
    if not name.strip() or len(name) > _MAX_DISPLAY_NAME or not name.isprintable():
        raise InvalidTenant(f"display_name must be 1 to {_MAX_DISPLAY_NAME} printable characters")


def check_domain(domain: str, public_url: str) -> None:
    """Raise InvalidTenant unless the domain is a host name that the platform itself does not use."""
    if not _DOMAIN.fullmatch(domain):
        raise InvalidTenant("domain must be a lower-case host name such as auth.acme.test")
    if domain == urlsplit(public_url).hostname or is_loopback_host(domain):
        raise InvalidTenant("domain must not be the host of the public URL")


def check_settings(settings: TenantSettings) -> None:
    """Raise InvalidTenant for lifetimes that contradict each other or leave nothing to use."""
    for name, (least, most) in LIFETIMES.items():
        if not least <= getattr(settings, name) <= most:
            raise InvalidTenant(f"{name} is out of bounds")
    if settings.refresh_token_lifetime > settings.refresh_token_max_lifetime:
        raise InvalidTenant("refresh_token_lifetime is longer than refresh_token_max_lifetime")
    if settings.session_lifetime > settings.session_max_lifetime:
        raise InvalidTenant("session_lifetime is longer than session_max_lifetime")
    _check_sign_in(settings)
    if settings.max_dynamic_clients < 0:
        raise InvalidTenant("max_dynamic_clients must not be negative")
    if any(limit is not None and limit < 1 for limit in settings.rate_limits.values()):
        raise InvalidTenant("a rate limit is at least 1 request a minute, or null for none")
    for issuer, jwks in settings.software_statement_issuers.items():
        _check_statement_issuer(issuer, jwks)


def _check_sign_in(settings: TenantSettings) -> None:
    for name, fewest, most in _COUNTS:
        if not fewest <= getattr(settings, name) <= most:
            raise InvalidTenant(f"{name} must be {fewest} to {most}")
    if settings.login_tries > settings.login_tries_per_day:
        raise InvalidTenant("login_tries is more than login_tries_per_day")


def _check_statement_issuer(issuer: str, jwks: Mapping[str, object]) -> None:
    listed = jwks.get("keys")
    if not isinstance(listed, list) or len(verification_keys(jwks).by_id) != len(listed) or not listed:
        raise InvalidTenant(
            f"software_statement_issuers: {issuer} needs a JWK set of public signing keys with a kid each"
        )
    if any(isinstance(key, dict) and "d" in key for key in listed):
        raise InvalidTenant(f"software_statement_issuers: {issuer} has a private key, which belongs to nobody here")


def check_branding(branding: Branding) -> None:
    """Raise InvalidTenant unless colours, logo and texts can be put on a page as they are."""
    _check_color("primary_color", branding.primary_color, LIGHT_SURFACE, colors.BLACK)
    _check_color("dark_color", branding.dark_color, DARK_SURFACE, colors.WHITE)
    if branding.dark_color is not None and branding.primary_color is None:
        raise InvalidTenant("dark_color goes beside a primary_color, for light pages")
    logo = branding.logo
    if logo is not None and not (len(logo) <= LONGEST_DATA_URI and _LOGO.fullmatch(logo)):
        raise InvalidTenant("logo must be a small PNG as a data URI")
    for name in ("logo_uri", "terms_uri", "privacy_uri"):
        _check_link(name, getattr(branding, name))
    contact = branding.support_contact
    if contact is not None and not _ADDRESS.fullmatch(contact):
        _check_link("support_contact", contact)
    for language, text in branding.login_text.items():
        if not _LANGUAGE.fullmatch(language):
            raise InvalidTenant("login_text names a language by its two or three letters, such as en")
        if not text.strip() or len(text) > _MAX_LOGIN_TEXT or not text.isprintable():
            raise InvalidTenant(f"login_text must be 1 to {_MAX_LOGIN_TEXT} printable characters")


def _check_color(name: str, value: str | None, surface: colors.Color, towards: colors.Color) -> None:
    if value is None:
        return
    if not _COLOR.fullmatch(value):
        raise InvalidTenant(f"{name} must be six lower-case hexadecimal digits, such as #1f6feb")
    color = colors.color_of(value[1:])
    found = colors.contrast(color, surface)
    if found < AA_CONTRAST:
        raise UnreadableColor(name, found, colors.hexadecimal(colors.readable_on(color, surface, towards=towards)))


def _check_link(name: str, uri: str | None) -> None:
    fits = uri is None or (len(uri) <= _MAX_URI and uri.isascii() and uri.isprintable())
    if not fits or (uri is not None and not (uri.startswith("https://") and urlsplit(uri).hostname)):
        raise InvalidTenant(f"{name} must be an https URL")


# (setting, least, most). Fewer characters than 8 resist no guessing: NIST SP 800-63B-4 §3.1.1.2.
_COUNTS = (("shortest_password", 8, 64), ("login_tries", 3, 100), ("login_tries_per_day", 3, 1000))
# Setting: the least and the most that it may be.
LIFETIMES: Mapping[str, tuple[Duration, Duration]] = MappingProxyType(
    {
        "access_token_lifetime": (SECOND, DAY),
        "id_token_lifetime": (SECOND, DAY),
        "refresh_token_lifetime": (MINUTE, 3650 * DAY),
        "refresh_token_max_lifetime": (MINUTE, 3650 * DAY),
        "refresh_grace": (0, 10 * MINUTE),
        "session_lifetime": (MINUTE, 3650 * DAY),
        "session_max_lifetime": (MINUTE, 3650 * DAY),
        "login_tries_window": (MINUTE, HOUR),
        "unused_client_lifetime": (7 * DAY, 3650 * DAY),
        "audit_retention": (7 * DAY, 3650 * DAY),
        "authorization_record_lifetime": (DAY, 365 * DAY),
    }
)
