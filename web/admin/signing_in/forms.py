"""The form of how people sign in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wtforms import IntegerField, RadioField, StringField
from wtforms.validators import NumberRange, ValidationError

from server.kernel.clock import format_duration
from server.tenants import KeepSignedIn
from web.admin.checks import duration_of, lifetime
from web.admin.forms import VersionedForm, choices
from web.localization import mark

if TYPE_CHECKING:
    from server.tenants import Tenant

OUT_OF_BOUNDS = mark("Enter a number within the bounds.")
DURATIONS = ("session_lifetime", "session_max_lifetime", "login_tries_window")
NUMBERS = ("shortest_password", "login_tries", "login_tries_per_day")
KEEPING = (
    (KeepSignedIn.NEVER.value, mark("no, closing the browser ends it")),
    (KeepSignedIn.OFFERED.value, mark("if they tick it when they sign in")),
    (KeepSignedIn.ALWAYS.value, mark("yes, without being asked")),
)


class SignInForm(VersionedForm):
    """Passwords, wrong passwords, and for how long somebody stays signed in."""

    shortest_password = IntegerField(mark("Shortest password"), [NumberRange(8, 64, OUT_OF_BOUNDS)])
    login_tries = IntegerField(mark("Tries before there is a wait"), [NumberRange(3, 100, OUT_OF_BOUNDS)])
    login_tries_window = StringField(mark("How long tries count"), [lifetime])
    login_tries_per_day = IntegerField(mark("Tries in a day"), [NumberRange(3, 1000, OUT_OF_BOUNDS)])
    keep_signed_in = RadioField(mark("People stay signed in when they close the browser"), choices=choices(KEEPING))
    session_lifetime = StringField(mark("Without use"), [lifetime])
    session_max_lifetime = StringField(mark("At the longest"), [lifetime])

    def validate_login_tries_per_day(self, field: IntegerField) -> None:
        """No fewer than at once."""
        if field.data is not None and self.login_tries.data is not None and field.data < self.login_tries.data:
            raise ValidationError(mark("These are fewer than the tries before there is a wait."))

    def validate_session_max_lifetime(self, field: StringField) -> None:
        """No shorter than without use."""
        is_read = not self.session_lifetime.errors and not field.errors
        if is_read and duration_of(field) < duration_of(self.session_lifetime):
            raise ValidationError(mark("This is shorter than without use."))

    def edited(self, tenant: Tenant) -> Tenant:
        """The tenant with what was typed."""
        settings = replace(
            tenant.settings,
            shortest_password=self.shortest_password.data or 0,
            login_tries=self.login_tries.data or 0,
            login_tries_per_day=self.login_tries_per_day.data or 0,
            login_tries_window=duration_of(self.login_tries_window),
            session_lifetime=duration_of(self.session_lifetime),
            session_max_lifetime=duration_of(self.session_max_lifetime),
            keep_signed_in=KeepSignedIn(self.keep_signed_in.data),
        )
        return replace(tenant, settings=settings)


def sign_in_form(tenant: Tenant) -> dict[str, object]:
    """What the form is filled with."""
    settings = tenant.settings
    return {
        **{name: getattr(settings, name) for name in NUMBERS},
        **{name: format_duration(getattr(settings, name)) for name in DURATIONS},
        "keep_signed_in": settings.keep_signed_in.value,
    }
