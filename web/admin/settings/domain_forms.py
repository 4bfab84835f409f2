"""The forms of a tenant's domains."""

from __future__ import annotations

from wtforms import StringField
from wtforms.validators import InputRequired

from web.admin.forms import ConfirmForm, ConsoleForm, at_most
from web.localization import mark

LONGEST_DOMAIN = 253
BAD_DOMAIN = mark("Enter a domain that somebody can own, such as acme.test.")


class ClaimForm(ConsoleForm):
    """A domain that is to be the tenant's own."""

    domain = StringField(mark("Domain"), [InputRequired(BAD_DOMAIN), at_most(LONGEST_DOMAIN)])


class PlaceForm(ConfirmForm):
    """Where the issuer is to be; empty for the platform's own address."""

    host = StringField(mark("Host of the issuer"), [at_most(LONGEST_DOMAIN)])
    confirmation = StringField(mark("Short name of the tenant"))
