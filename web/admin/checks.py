"""Validators of fields: what the server would refuse, said beside the field and in the person's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wtforms.validators import ValidationError

from server.kernel.clock import parse_duration
from server.protocol.errors import InvalidRedirectUri
from server.protocol.redirect_uris import check_redirect_uri
from server.protocol.uris import is_web_uri
from server.tenants import LIFETIMES
from web.admin.forms import lines_of
from web.foreign_text import host_of
from web.localization import mark

if TYPE_CHECKING:
    from wtforms import Field, Form

    from server.kernel.clock import Duration

INVISIBLE = mark("This has characters that cannot be shown.")


def web_address(_: Form, field: Field) -> None:
    """The address of a page or an image, or nothing."""
    if field.data and not is_web_uri(field.data.strip()):
        raise ValidationError(mark("Enter an address that begins with https:// or http://."))


def secure_address(_: Form, field: Field) -> None:
    """An https address, or nothing."""
    if field.data and host_of(field.data.strip()) is None:
        raise ValidationError(mark("Enter an address that begins with https://."))


def one_line(_: Form, field: Field) -> None:
    """Nothing but characters that can be seen."""
    if not (field.data or "").isprintable():
        raise ValidationError(INVISIBLE)


def name_line(form: Form, field: Field) -> None:
    """A name: nothing but characters that can be seen, and more than blanks."""
    if not (field.data or "").strip():
        raise ValidationError(mark("Enter a name."))
    one_line(form, field)


def lifetime(_: Form, field: Field) -> None:
    """A duration within the bounds of the tenant's setting of this name."""
    try:
        duration = duration_of(field)
    except ValueError:
        raise ValidationError(mark("Enter a duration such as 90s, 10m, 8h or 30d.")) from None
    least, most = LIFETIMES[field.name]
    if not least <= duration <= most:
        raise ValidationError(mark("This is shorter or longer than may be."))


def duration_of(field: Field) -> Duration:
    """The duration that was typed; raises ValueError for what no validator let pass."""
    return parse_duration((field.data or "").strip())


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
