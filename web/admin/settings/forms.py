"""The forms of a tenant's settings."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from wtforms import BooleanField, IntegerField, RadioField, StringField
from wtforms.validators import InputRequired, NumberRange, ValidationError

from server.kernel.clock import format_duration
from server.tenants import LIFETIMES, RATE_LIMITS, PrivateUseSchemes, Registration, RememberConsent
from web.admin.checks import duration_of, lifetime, name_line
from web.admin.forms import LONGEST_TEXT, ConfirmForm, VersionedForm, at_most, choices
from web.localization import mark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wtforms import Field, Form

    from server.tenants import Tenant

NO_LIMIT_GIVEN = mark("Enter a number from 1, the word none, or nothing.")
TOO_SHORT_LIVED = mark("This is shorter than the lifetime without use.")
MOST_CLIENTS = 1_000_000_000
LONGEST_HOST = 253
BAD_HOST = mark("Enter a domain that somebody can own, such as acme.test.")
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


def a_limit(_: Form, field: Field) -> None:
    """Requests a minute, none for no limit, or nothing for what Latchkey thinks best."""
    if not _LIMIT.fullmatch((field.data or "").strip()):
        raise ValidationError(NO_LIMIT_GIVEN)


class GeneralForm(VersionedForm):
    """What the tenant is called, and how long it remembers."""

    display_name = StringField(mark("Name"), [InputRequired(mark("Enter a name.")), at_most(LONGEST_TEXT), name_line])
    remember_consent = RadioField(mark("Consent is remembered"), choices=choices(CONSENT))
    audit_retention = StringField(mark("The audit log is kept"), [lifetime])
    authorization_record_lifetime = StringField(mark("Decisions of the trust policy are kept"), [lifetime])

    def edited(self, tenant: Tenant) -> Tenant:
        """The tenant with what was typed; its name is no setting."""
        settings = replace(
            tenant.settings,
            remember_consent=RememberConsent(self.remember_consent.data),
            audit_retention=duration_of(self.audit_retention),
            authorization_record_lifetime=duration_of(self.authorization_record_lifetime),
        )
        return replace(tenant, display_name=(self.display_name.data or "").strip(), settings=settings)


class LifetimesForm(VersionedForm):
    """How long tokens and sign-ins last."""

    access_token_lifetime = StringField(mark("Access tokens"), [lifetime])
    id_token_lifetime = StringField(mark("ID tokens"), [lifetime])
    refresh_token_lifetime = StringField(mark("Refresh tokens, without use"), [lifetime])
    refresh_token_max_lifetime = StringField(mark("Refresh tokens, at most"), [lifetime])
    refresh_grace = StringField(mark("A refresh token that was replaced still works for"), [lifetime])
    session_lifetime = StringField(mark("Sign-ins, without use"), [lifetime])
    session_max_lifetime = StringField(mark("Sign-ins, at most"), [lifetime])

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
            access_token_lifetime=duration_of(self.access_token_lifetime),
            id_token_lifetime=duration_of(self.id_token_lifetime),
            refresh_token_lifetime=duration_of(self.refresh_token_lifetime),
            refresh_token_max_lifetime=duration_of(self.refresh_token_max_lifetime),
            refresh_grace=duration_of(self.refresh_grace),
            session_lifetime=duration_of(self.session_lifetime),
            session_max_lifetime=duration_of(self.session_max_lifetime),
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
    unused_client_lifetime = StringField(mark("One that nobody uses is removed after"), [lifetime])

    def edited(self, tenant: Tenant) -> Tenant:
        """The tenant with what was typed."""
        settings = replace(
            tenant.settings,
            registration=Registration(self.registration.data),
            client_id_metadata_documents=bool(self.client_id_metadata_documents.data),
            private_use_schemes=PrivateUseSchemes(self.private_use_schemes.data),
            max_dynamic_clients=self.max_dynamic_clients.data or 0,
            unused_client_lifetime=duration_of(self.unused_client_lifetime),
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

    @property
    def usual(self) -> Mapping[str, int]:
        """What counts where nothing is set."""
        return RATE_LIMITS

    def edited(self, tenant: Tenant) -> Tenant:
        """The tenant with what was typed."""
        typed = {name: (self[name].data or "").strip() for name in RATE_LIMITS}
        limits = {name: None if text == NONE else int(text) for name, text in typed.items() if text}
        return replace(tenant, settings=replace(tenant.settings, rate_limits=limits))


class PlaceForm(ConfirmForm):
    """Where the issuer is to be; empty for the platform's own address."""

    host = StringField(mark("Host of the issuer"), [at_most(LONGEST_HOST)])
    confirmation = StringField(mark("Short name of the tenant"))


def settings_of(tenant: Tenant) -> dict[str, object]:
    """What the forms are filled with, all of them together; each takes what is its own."""
    settings = asdict(tenant.settings)
    durations = {name: format_duration(settings[name]) for name in LIFETIMES}
    limits = {name: NONE if limit is None else str(limit) for name, limit in tenant.settings.rate_limits.items()}
    return {**settings, "display_name": tenant.display_name, **durations, **dict.fromkeys(RATE_LIMITS, ""), **limits}


def _check_order(shorter: Field, longer: Field) -> None:
    is_read = not shorter.errors and not longer.errors
    if is_read and duration_of(longer) < duration_of(shorter):
        raise ValidationError(TOO_SHORT_LIVED)
