"""The form of a tenant's look and of its consent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from babel import Locale
from wtforms import BooleanField, FileField, HiddenField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, ValidationError

from server.tenants import Branding, InvalidTenant, RememberConsent, UnreadableColor, check_branding, check_display_name
from web.admin.branding.samples import SAMPLES
from web.admin.checks import secure_address
from web.admin.forms import VersionedForm, at_most, choices
from web.brand import MAX_TEXT_LENGTH, parse_color
from web.foreign_text import host_of
from web.localization import languages, mark

if TYPE_CHECKING:
    from wtforms import Field

    from server.tenants import Tenant

LONGEST_URI = 2000
COLORS = ("primary_color", "dark_color")
LINKS = ("logo_uri", "support_contact", "terms_uri", "privacy_uri")
CONSENT = (
    (RememberConsent.ASSURED.value, mark("of applications whose identity is assured")),
    (RememberConsent.ALWAYS.value, mark("of every application")),
    (RememberConsent.NEVER.value, mark("never: people are asked each time")),
)
UNREADABLE = {
    "primary_color": mark(
        "Its contrast on light pages is %(contrast)s to 1; text needs 4.5 to be read (WCAG AA). "
        "A colour like it that can be read is %(nearest)s."
    ),
    "dark_color": mark(
        "Its contrast on dark pages is %(contrast)s to 1; text needs 4.5 to be read (WCAG AA). "
        "A colour like it that can be read is %(nearest)s."
    ),
}


def autonym(tag: str) -> str:
    """What a language calls itself."""
    return (Locale.parse(tag).get_language_name() or tag).capitalize()


def color(_: BrandingForm, field: Field) -> None:
    """A colour in hexadecimal, or nothing."""
    if (field.data or "").strip() and parse_color(field.data.strip()) is None:
        raise ValidationError(mark("Enter a colour such as #0a5c43."))


class BrandingForm(VersionedForm):
    """Name, logo, colours and words. `logo` is the picture that is stored, or was sent a moment ago."""

    display_name = StringField(mark("Name"), [InputRequired(mark("Enter a name."))])
    logo = HiddenField(mark("Logo"))
    logo_file = FileField(mark("Upload a logo"))
    remove_logo = BooleanField(mark("Remove the uploaded logo"))
    logo_uri = StringField(mark("Logo elsewhere"), [at_most(LONGEST_URI), secure_address])
    primary_color = StringField(mark("Colour"), [color])
    dark_color = StringField(mark("Colour on dark pages"), [color])
    support_contact = StringField(mark("Help"), [at_most(LONGEST_URI)])
    terms_uri = StringField(mark("Terms of use"), [at_most(LONGEST_URI), secure_address])
    privacy_uri = StringField(mark("Privacy policy"), [at_most(LONGEST_URI), secure_address])
    remember_consent = RadioField(mark("Consent is remembered"), choices=choices(CONSENT))
    sample = SelectField(
        mark("Page"), choices=choices((name, label) for name, (label, _, _) in SAMPLES.items()), validate_choice=False
    )
    sample_language = SelectField(
        mark("Language"), choices=choices((tag, autonym(tag)) for tag in languages()), validate_choice=False
    )

    def validate_display_name(self, field: StringField) -> None:
        """A line that can be read."""
        try:
            check_display_name((field.data or "").strip())
        except InvalidTenant:
            raise ValidationError(mark("Enter a name of at most 200 characters that can be read.")) from None

    def validate_dark_color(self, field: StringField) -> None:
        """Only beside one for light pages."""
        if field.data and not self.primary_color.data:
            raise ValidationError(mark("Choose a colour for light pages too."))

    def validate_support_contact(self, field: StringField) -> None:
        """An address to write to, or to open."""
        contact = (field.data or "").strip()
        try:
            check_branding(Branding(support_contact=contact or None))
        except InvalidTenant:
            raise ValidationError(mark("Enter an email address, or one that begins with https://.")) from None

    @property
    def texts(self) -> list[tuple[str, Field]]:
        """The fields of the sentence on the login page, by language."""
        return [(tag, self[f"login_text_{tag}"]) for tag in languages()]

    def find_unreadable(self) -> list[UnreadableColor]:
        """What is wrong with the colours as they were typed."""
        found = []
        light, dark = (_typed_color(self[name]) for name in COLORS)
        # Each by itself: what is wrong with the other one is not said twice.
        for look in (Branding(primary_color=light), Branding(primary_color=dark and "#000000", dark_color=dark)):
            try:
                check_branding(look)
            except UnreadableColor as error:
                found.append(error)
        return found

    def edited(self, tenant: Tenant) -> Tenant:
        """The tenant with what was typed."""
        remember = RememberConsent(self.remember_consent.data)
        return replace(
            tenant,
            display_name=(self.display_name.data or "").strip(),
            branding=self.branding(tenant.branding),
            settings=replace(tenant.settings, remember_consent=remember),
        )

    def branding(self, before: Branding) -> Branding:
        """The look as typed; sentences in languages that have no field here stay."""
        typed = {tag: " ".join((field.data or "").split()) for tag, field in self.texts}
        kept = {tag: text for tag, text in before.login_text.items() if tag not in typed}
        primary_color, dark_color = (_typed_color(self[name]) for name in COLORS)
        return replace(
            before,
            logo=self.logo.data or None,
            login_text={tag: text for tag, text in typed.items() if text} | kept,
            primary_color=primary_color,
            dark_color=dark_color,
            **{name: (self[name].data or "").strip() or None for name in LINKS},
        )

    def usable(self, before: Branding) -> Branding:
        """The look as typed, without the links that lead nowhere: for a preview of what is not finished yet."""
        wished = self.branding(before)
        return wished if host_of(wished.logo_uri) else replace(wished, logo_uri=None)


def _typed_color(field: Field) -> str | None:
    digits = parse_color((field.data or "").strip())
    return digits and f"#{digits}"


for _tag in languages():
    setattr(BrandingForm, f"login_text_{_tag}", StringField(autonym(_tag), [at_most(MAX_TEXT_LENGTH)]))


def branding_form(tenant: Tenant) -> dict[str, object]:
    """What the form is filled with."""
    branding = tenant.branding
    return {
        "display_name": tenant.display_name,
        "logo": branding.logo,
        **{name: getattr(branding, name) for name in (*COLORS, *LINKS)},
        **{f"login_text_{tag}": branding.login_text.get(tag) for tag in languages()},
        "remember_consent": tenant.settings.remember_consent.value,
    }
