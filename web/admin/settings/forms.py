"""The forms of a tenant's settings."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from wtforms import BooleanField, IntegerField, RadioField, StringField
from wtforms.validators import InputRequired, NumberRange, ValidationError

from server.kernel.clock import format_duration, parse_duration
from server.tenants import LIFETIMES, RATE_LIMITED, PrivateUseSchemes, Registration, RememberConsent
from web.admin.forms import LONGEST_TEXT, VersionedForm, at_most, choices
from web.localization import mark

if TYPE_CHECKING:
    from wtforms import Field, Form

    from server.kernel.clock import Duration
    from server.tenants import Tenant

NO_DURATION = mark("Write a number and a unit: 30s, 10m, 8h or 30d.")
OUT_OF_BOUNDS = mark("This is shorter or longer than can be.")
NO_LIMIT_GIVEN = mark("Enter a number from 1, the word none, or nothing.")
TOO_SHORT_LIVED = mark("This is shorter than the lifetime without use.")
MOST_CLIENTS = 1_000_000_000
NONE = "none"
_LIMIT = re.compile(f"|{NONE}|[1-9][0-9]{{0,8}}", re.ASCII)

CONSENT = (
    (RememberConsent.ASSURED.value, mark("for clients whose identity is assured")),
    (RememberConsent.ALWAYS.value, mark("for every client")),
    (RememberConsent.NEVER.value, mark("for none: people are asked each time")),
)
REGISTRATION = (
    (Registration.OPEN.value, mark("everybody, as MCP clients expect")),
    (Registration.TOKEN.value, mark("whoever has an initial access token")),
    (Registration.OFF.value, mark("nobody: administrators register clients")),
)
SCHEMES = (
    (PrivateUseSchemes.OFF.value, mark("none")),
    (PrivateUseSchemes.ADMIN.value, mark("those that an administrator registered")),
    (PrivateUseSchemes.ALL.value, mark("all")),
)


def a_duration(_: Form, field: Field) -> None:
    """A duration within the bounds of the setting of this name."""
    try:
        duration = parse_duration((field.data or "").strip())
    except ValueError:
        raise ValidationError(NO_DURATION) from None
    least, most = LIFETIMES[field.name]
    if not least <= duration <= most:
        raise ValidationError(OUT_OF_BOUNDS)


def a_limit(_: Form, field: Field) -> None:
    """Requests a minute, none for no limit, or nothing for what Latchkey thinks best."""
    if not _LIMIT.fullmatch((field.data or "").strip()):
        raise ValidationError(NO_LIMIT_GIVEN)


class GeneralForm(VersionedForm):
    """What the tenant is called, and how long it remembers."""

    display_name = StringField(mark("Name"), [InputRequired(mark("Enter a name.")), at_most(LONGEST_TEXT)])
    remember_consent = RadioField(mark("Consent is remembered"), choices=choices(CONSENT))
    audit_retention = StringField(mark("The audit log is kept"), [a_duration])
    authorization_record_lifetime = StringField(mark("Decisions of the trust policy are kept"), [a_duration])

    def validate_display_name(self, field: StringField) -> None:
        """A line of text."""
        if not (field.data or "").strip() or not (field.data or "").isprintable():
            raise ValidationError(mark("This has characters that cannot be shown."))

    def edited(self, tenant: Tenant) -> Tenant:
        """The tenant with what was typed; its name is no setting."""
        settings = replace(
            tenant.settings,
            remember_consent=RememberConsent(self.remember_consent.data),
            audit_retention=_duration(self.audit_retention),
            authorization_record_lifetime=_duration(self.authorization_record_lifetime),
        )
        return replace(tenant, display_name=(self.display_name.data or "").strip(), settings=settings)


class LifetimesForm(VersionedForm):
    """How long tokens and sign-ins last."""

    access_token_lifetime = StringField(mark("Access tokens"), [a_duration])
    id_token_lifetime = StringField(mark("ID tokens"), [a_duration])
    refresh_token_lifetime = StringField(mark("Refresh tokens, without use"), [a_duration])
    refresh_token_max_lifetime = StringField(mark("Refresh tokens, at most"), [a_duration])
    refresh_grace = StringField(mark("A refresh token that was replaced still works for"), [a_duration])
    session_lifetime = StringField(mark("Sign-ins, without use"), [a_duration])
    session_max_lifetime = StringField(mark("Sign-ins, at most"), [a_duration])

    def validate_refresh_token_max_lifetime(self, field: StringField) -> None:
        """No shorter than the other one."""
        _check_order(self.refresh_token_lifetime, field)

    def validate_session_max_lifetime(self, field: StringField) -> None:
        """No shorter than the other one."""
        _check_order(self.session_lifetime, field)

    def edited(self, tenant: Tenant) -> Tenant:
        """The tenant with what was typed."""
        settings = replace(
            tenant.settings,
            access_token_lifetime=_duration(self.access_token_lifetime),
            id_token_lifetime=_duration(self.id_token_lifetime),
            refresh_token_lifetime=_duration(self.refresh_token_lifetime),
            refresh_token_max_lifetime=_duration(self.refresh_token_max_lifetime),
            refresh_grace=_duration(self.refresh_grace),
            session_lifetime=_duration(self.session_lifetime),
            session_max_lifetime=_duration(self.session_max_lifetime),
        )
        return replace(tenant, settings=settings)


class RegistrationForm(VersionedForm):
    """Which clients may come by themselves."""

    registration = RadioField(mark("Who may register clients"), choices=choices(REGISTRATION))
    client_id_metadata_documents = BooleanField(mark("Clients may describe themselves by a document of their own"))
    private_use_schemes = RadioField(
        mark("Clients that may have redirect URIs with a scheme of their own"), choices=choices(SCHEMES)
    )
    max_dynamic_clients = IntegerField(
        mark("Most clients that registered themselves"), [NumberRange(0, MOST_CLIENTS, mark("Enter a number from 0."))]
    )
    unused_client_lifetime = StringField(mark("One that nobody uses is removed after"), [a_duration])

    def edited(self, tenant: Tenant) -> Tenant:
        """The tenant with what was typed."""
        settings = replace(
            tenant.settings,
            registration=Registration(self.registration.data),
            client_id_metadata_documents=bool(self.client_id_metadata_documents.data),
            private_use_schemes=PrivateUseSchemes(self.private_use_schemes.data),
            max_dynamic_clients=self.max_dynamic_clients.data or 0,
            unused_client_lifetime=_duration(self.unused_client_lifetime),
        )
        return replace(tenant, settings=settings)


class RateLimitsForm(VersionedForm):
    """How often one address may ask an endpoint, in a minute."""

    authorize = StringField("/authorize", [a_limit])
    token = StringField("/token", [a_limit])
    revoke = StringField("/revoke", [a_limit])
    introspect = StringField("/introspect", [a_limit])
    register = StringField("/register", [a_limit])
    userinfo = StringField("/userinfo", [a_limit])
    jwks = StringField("/jwks", [a_limit])
    metadata = StringField("/.well-known/…", [a_limit])

    def edited(self, tenant: Tenant) -> Tenant:
        """The tenant with what was typed."""
        typed = {name: (self[name].data or "").strip() for name in RATE_LIMITED}
        limits = {name: None if text == NONE else int(text) for name, text in typed.items() if text}
        return replace(tenant, settings=replace(tenant.settings, rate_limits=limits))


def settings_of(tenant: Tenant) -> dict[str, object]:
    """What the forms are filled with, all of them together; each takes what is its own."""
    settings = asdict(tenant.settings)
    durations = {name: format_duration(settings[name]) for name in LIFETIMES}
    limits = {name: NONE if limit is None else str(limit) for name, limit in tenant.settings.rate_limits.items()}
    return {**settings, "display_name": tenant.display_name, **durations, **dict.fromkeys(RATE_LIMITED, ""), **limits}


def _check_order(shorter: Field, longer: Field) -> None:
    is_read = not shorter.errors and not longer.errors
    if is_read and _duration(longer) < _duration(shorter):
        raise ValidationError(TOO_SHORT_LIVED)


def _duration(field: Field) -> Duration:
    return parse_duration((field.data or "").strip())
