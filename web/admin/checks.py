"""Validators of fields: what the server would refuse, said beside the field and in the person's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wtforms.validators import ValidationError

from server.protocol.errors import InvalidRedirectUri
from server.protocol.redirect_uris import check_redirect_uri
from server.protocol.uris import is_web_uri
from web.admin.forms import lines_of
from web.localization import mark

if TYPE_CHECKING:
    from wtforms import Field, Form


def web_address(_: Form, field: Field) -> None:
    """The address of a page or an image, or nothing."""
    if field.data and not is_web_uri(field.data.strip()):
        raise ValidationError(mark("Enter an address that begins with https:// or http://."))


def redirect_uri_lines(_: Form, field: Field) -> None:
    """Redirect URIs, one a line."""
    for number, line in enumerate(lines_of(field.data), start=1):
        try:
            check_redirect_uri(line)
        except InvalidRedirectUri:
            raise ValidationError(f"{BAD_LINES.get(number, BAD_LINE)}") from None


def some_line(_: Form, field: Field) -> None:
    """At least one line."""
    if not lines_of(field.data):
        raise ValidationError(mark("Enter at least one."))


# Sentences are translated whole, so the first lines have one each.
BAD_LINE = mark("One of the lines is no redirect URI: https, http on this device, or a private-use scheme.")
BAD_LINES = {
    1: mark("The first line is no redirect URI: https, http on this device, or a private-use scheme."),
    2: mark("The second line is no redirect URI: https, http on this device, or a private-use scheme."),
    3: mark("The third line is no redirect URI: https, http on this device, or a private-use scheme."),
}
