"""A tenant's look: its name, its host, its mark, its words, and its colour made readable in light and in dark."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from server.kernel import digests
from server.kernel.colors import BLACK, WHITE, Color, color_of, contrast, hexadecimal, readable_on
from web.foreign_text import MAX_NAME_LENGTH, host_of, plain
from web.localization import mark

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from server.tenants import Branding, Tenant

PLATFORM_NAME = "Latchkey"

# The backgrounds of tokens.css on which an accent is hardest to read: the darkest light one, the lightest dark one.
LIGHT_BACKGROUND: Color = (0xEE, 0xF0, 0xF4)
DARK_BACKGROUND: Color = (0x23, 0x28, 0x33)
_INK: Color = (0x0F, 0x12, 0x18)

_HEX = re.compile(r"#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})", re.ASCII)
_HOST = re.compile(r"[a-z0-9.-]+(?::[0-9]{1,5})?", re.ASCII)
MAX_TEXT_LENGTH = 300


@dataclass(frozen=True, slots=True)
class BrandLink:
    """Where a tenant's pages lead for help or reading; a label of ours is translated, an address never."""

    label: str
    uri: str
    is_address: bool = False


@dataclass(frozen=True, slots=True)
class Brand:
    """Whose page it is."""

    name: str
    host: str
    color: str | None = None  # six hexadecimal digits
    logo_uri: str | None = None  # of ours, or https on a host that a policy header can name
    is_platform: bool = False
    dark_color: str | None = None  # six hexadecimal digits
    login_text: Mapping[str, str] = field(default_factory=dict)  # by language
    links: tuple[BrandLink, ...] = ()

    @property
    def initial(self) -> str:
        """The letter of the mark when there is no logo."""
        return next((character for character in self.name if character.isalnum()), "·").upper()

    def text_in(self, language: str) -> str:
        """What the login page says, in the language if it was written in it, else in the one that was written first."""
        return self.login_text.get(language) or next(iter(self.login_text.values()), "")


def brand_of(tenant: Tenant) -> Brand:
    """The look of a tenant; a colour or a logo that is not what it should be is left out."""
    branding = tenant.branding
    own_logo = own_logo_name(branding)
    return Brand(
        name=plain(tenant.display_name, MAX_NAME_LENGTH) or tenant.slug,
        host=urlsplit(tenant.issuer).netloc,
        color=parse_color(branding.primary_color),
        dark_color=parse_color(branding.dark_color),
        logo_uri=f"{tenant.issuer}/logos/{own_logo}" if own_logo else _usable_logo(branding.logo_uri),
        login_text={language: plain(text, MAX_TEXT_LENGTH) for language, text in branding.login_text.items()},
        links=tuple(_links(branding)),
    )


def own_logo_name(branding: Branding) -> str | None:
    """What a tenant's uploaded logo is called where it is served: 64 hexadecimal digits, others for another logo."""
    return digests.sha256(branding.logo).hex() if branding.logo else None


def platform_brand(public_url: str) -> Brand:
    """The look of pages that belong to no tenant."""
    return Brand(PLATFORM_NAME, urlsplit(public_url).netloc, is_platform=True)


def parse_color(text: str | None) -> str | None:
    """Six lower-case hexadecimal digits, or None for anything that is not a colour in hexadecimal."""
    found = _HEX.fullmatch(text or "")
    if found is None:
        return None
    digits = found[1].lower()
    return digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)  # noqa: PLR2004 - rrggbb


def stylesheet(color: str, dark_color: str | None = None) -> str:
    """The custom properties of a brand colour (six hexadecimal digits), readable in light and in dark."""
    light = readable_on(color_of(color), LIGHT_BACKGROUND, towards=BLACK)
    dark = readable_on(color_of(dark_color or color), DARK_BACKGROUND, towards=WHITE)
    return f"{_properties(light)}@media (prefers-color-scheme: dark) {{ {_properties(dark)} }}\n"


def _properties(accent: Color) -> str:
    on_accent = max((WHITE, _INK), key=lambda ink: contrast(ink, accent))
    return f":root {{ --accent: {hexadecimal(accent)}; --on-accent: {hexadecimal(on_accent)}; }}\n"


def _links(branding: Branding) -> Iterator[BrandLink]:
    contact = branding.support_contact
    if contact and "@" in contact and not host_of(contact):
        yield BrandLink(plain(contact), f"mailto:{quote(contact, safe='@')}", is_address=True)
    for label, uri in (
        (mark("Help"), contact),
        (mark("Terms of use"), branding.terms_uri),
        (mark("Privacy policy"), branding.privacy_uri),
    ):
        if uri and host_of(uri):
            yield BrandLink(label, uri)


def _usable_logo(uri: str | None) -> str | None:
    host = host_of(uri)
    return uri if host and _HOST.fullmatch(host) and urlsplit(uri).netloc.lower() == host else None
