"""From a typed context to a page: one environment a language, everything escaped, nothing undefined."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from server.endpoints.wire import WireResponse
from web.assets import CONSOLE_STYLESHEET, STYLESHEET, asset_url, brand_url
from web.localization import choose_language, languages
from web.security import page_headers, preview_headers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from server.endpoints.wire import Headers
    from web.brand import Brand
    from web.localization import Language

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
NONCE_BYTES = 16


@dataclass(frozen=True, slots=True)
class Frame:
    """What every page has around its own content."""

    brand: Brand
    language: Language


@dataclass(frozen=True, slots=True)
class Chrome:
    """What the layout needs besides the page's own context."""

    brand: Brand
    language: str
    nonce: str
    stylesheets: tuple[str, ...]
    is_live: bool = True  # a preview runs no script and takes no focus


def frame_for(brand: Brand, ui_locales: Iterable[str], accept_language: str | None) -> Frame:
    """The frame of a page for a person with these languages."""
    return Frame(brand, choose_language(ui_locales, accept_language))


def render(
    template: str,
    page: object,
    frame: Frame,
    *,
    status: int = 200,
    leads_out: bool = False,
    console: object | None = None,
    headers: Headers = (),
) -> WireResponse:
    """Draw a page. `leads_out`: a form or a link on it ends at a client (`security.page_headers`).

    `console` is what the layout of the console needs; its pages have forms that stay, and ask for parts by script.
    """
    nonce = secrets.token_urlsafe(NONCE_BYTES)
    sheet = STYLESHEET if console is None else CONSOLE_STYLESHEET
    protection = page_headers(nonce, leads_out=leads_out, own_forms=console is not None, image_uri=frame.brand.logo_uri)
    chrome = Chrome(frame.brand, frame.language.tag, nonce, _sheets(sheet, frame.brand))
    return WireResponse(status, (*_own_headers(frame), *protection, *headers), _draw(template, page, chrome, console))


def render_preview(template: str, page: object, frame: Frame) -> WireResponse:
    """Draw a page that is only looked at, in a frame of the console."""
    nonce = secrets.token_urlsafe(NONCE_BYTES)
    chrome = Chrome(frame.brand, frame.language.tag, nonce, _sheets(STYLESHEET, frame.brand), is_live=False)
    protection = preview_headers(nonce, frame.brand.logo_uri)
    return WireResponse(200, (*_own_headers(frame), *protection), _draw(template, page, chrome))


def _draw(template: str, page: object, chrome: Chrome, console: object | None = None) -> bytes:
    found = _environment(chrome.language).get_template(template)
    return found.render(page=page, chrome=chrome, console=console).encode()


def _own_headers(frame: Frame) -> Headers:
    return (
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-language", frame.language.tag.encode("ascii")),
    )


def _sheets(sheet: str, brand: Brand) -> tuple[str, ...]:
    own = (asset_url(sheet),)
    return own if brand.color is None else (*own, brand_url(brand.color, brand.dark_color))


def render_part(template: str, page: object, language: Language) -> str:
    """A part of a page, for a script that puts it there."""
    return _environment(language.tag).get_template(template).render(page=page)


@lru_cache
def _environment(tag: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    environment.globals["asset_url"] = asset_url
    environment.filters["isolated"] = _isolated
    environment.filters["translated"] = lambda message: message and languages()[tag].translations.gettext(message)
    # "newstyle": what is put into a sentence is escaped, as anywhere else in a template.
    environment.install_gettext_translations(  # type: ignore[attr-defined]  # added by the i18n extension
        languages()[tag].translations, newstyle=True
    )
    return environment


def _isolated(text: str) -> Markup:
    """Foreign text inside a sentence: escaped, and unable to turn the direction of what surrounds it."""
    return Markup("<bdi>{}</bdi>").format(text)
