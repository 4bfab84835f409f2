"""Pure rules of tenants: names, domains, issuers, and settings that fit together."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from server.kernel import ids
from server.kernel.clock import DAY, MINUTE, SECOND
from server.kernel.hosts import is_loopback_host
from server.protocol.jwt import verification_keys

from .records import Tenant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.kernel.clock import Duration, Instant

    from .records import Branding, TenantSettings

SYSTEM_SLUG = "system"
# The endpoints whose limits a tenant may set.
RATE_LIMITED = frozenset({
    "authorize", "token", "revoke", "introspect", "register", "jwks", "userinfo", "metadata",
})  # fmt: skip
# What belongs to no tenant, and is limited by the system tenant's settings.
PLATFORM_RATE_LIMITED = frozenset({"api", "admin"})

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_DOMAIN = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_COLOR = re.compile(r"#[0-9a-f]{6}")
_MAX_DISPLAY_NAME = 200


class InvalidTenant(ValueError):
    """A tenant's name, domain, settings or look cannot be taken; the message says why, in one line."""


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
    if settings.max_dynamic_clients < 0:
        raise InvalidTenant("max_dynamic_clients must not be negative")
    if any(limit is not None and limit < 1 for limit in settings.rate_limits.values()):
        raise InvalidTenant("a rate limit is at least 1 request a minute, or null for none")
    for issuer, jwks in settings.software_statement_issuers.items():
        _check_statement_issuer(issuer, jwks)


def _check_statement_issuer(issuer: str, jwks: Mapping[str, object]) -> None:
    listed = jwks.get("keys")
    if not isinstance(listed, list) or len(verification_keys(jwks).by_id) != len(listed) or not listed:
        raise InvalidTenant(
            f"software_statement_issuers: {issuer} needs a JWK set of public signing keys with a kid each"
        )
    if any(isinstance(key, dict) and "d" in key for key in listed):
        raise InvalidTenant(f"software_statement_issuers: {issuer} has a private key, which belongs to nobody here")


def check_branding(branding: Branding) -> None:
    """Raise InvalidTenant unless colour and logo can be put on a page as they are."""
    if branding.primary_color is not None and not _COLOR.fullmatch(branding.primary_color):
        raise InvalidTenant("primary_color must be six lower-case hexadecimal digits, such as #1f6feb")
    logo = branding.logo_uri
    if logo is not None and not (logo.startswith("https://") and logo.isascii() and logo.isprintable()):
        raise InvalidTenant("logo_uri must be an https URL")


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
        "unused_client_lifetime": (7 * DAY, 3650 * DAY),
        "audit_retention": (7 * DAY, 3650 * DAY),
        "authorization_record_lifetime": (DAY, 365 * DAY),
    }
)
