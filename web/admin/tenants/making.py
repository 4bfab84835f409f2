"""Making a tenant: by its name, or from a manifest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, ValidationError

from server import tenants
from server.administration import Permission, manifests
from server.administration import tenants as acts
from server.administration.manifest import ManifestError, Options, Sign, parse_manifests
from server.kernel.database import AlreadyExists
from server.tenants import InvalidTenant
from web.admin.checks import name_line
from web.admin.forms import LONGEST_TEXT, TAKEN, ConsoleForm, at_most
from web.admin.frame import draw
from web.admin.notices import done
from web.admin.rows import does, shows
from web.admin.visit import platform_uri, uri_in
from web.foreign_text import MAX_LINE_LENGTH, plain
from web.localization import mark

if TYPE_CHECKING:
    from server.administration.manifest import Manifest, Plan
    from server.endpoints.wire import WireResponse
    from web.admin.visit import ConsoleVisit

LARGEST_FORM = 1024 * 1024
FILE = "manifest.yaml"
BAD_SLUG = mark("Use up to 63 lower-case letters, digits and inner hyphens.")
NAME_TAKEN = mark("A domain, an email address or a client_id in it is taken by something that no manifest made.")
SIGNS = {
    Sign.CREATED: (mark("is created"), "new"),
    Sign.CHANGED: (mark("changes"), "notice"),
    Sign.REMOVED: (mark("is removed"), "notice"),
}


class NewTenantForm(ConsoleForm):
    """What has to be known; everything else is a setting."""

    display_name = StringField(mark("Name"), [InputRequired(mark("Enter a name.")), at_most(LONGEST_TEXT), name_line])
    slug = StringField(mark("Short name"), [InputRequired(BAD_SLUG)])

    def validate_slug(self, field: StringField) -> None:
        """What can stand in an address."""
        try:
            tenants.check_slug((field.data or "").strip())
        except InvalidTenant:
            raise ValidationError(BAD_SLUG) from None


class ImportForm(ConsoleForm):
    """The text of the file."""

    manifest = TextAreaField(mark("Manifest"), [InputRequired(mark("Enter the text, or choose a file."))])


@dataclass(frozen=True, slots=True)
class NewTenantPage:
    """The form of a new one; `example` is where it would be."""

    form: NewTenantForm
    example: str
    list_uri: str
    import_uri: str


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One thing in a manifest and what happens to it, in English, with the kind of its chip."""

    name: str
    happens: str
    chip: str


@dataclass(frozen=True, slots=True)
class ImportPage:
    """The form; once it was sent, what would happen. `unchanged` is how much is so already."""

    form: ImportForm
    is_planned: bool
    lines: tuple[PlanLine, ...]
    unchanged: int
    warnings: tuple[str, ...]
    list_uri: str


async def ask(visit: ConsoleVisit) -> WireResponse:
    """What it shall be called."""
    return _draw_new(visit, NewTenantForm(), 200)


async def create(visit: ConsoleVisit) -> WireResponse:
    """Make a tenant with keys of its own; its overview says what comes first."""
    form, public_url = NewTenantForm(visit.form), visit.site.public_url
    if not form.validate():
        return _draw_new(visit, form, 422)
    slug, name = (form.slug.data or "").strip(), (form.display_name.data or "").strip()
    try:
        tenant = tenants.new_tenant(slug, name, public_url, visit.now)
        await acts.establish(visit.operator, tenant, public_url, visit.now)
    except InvalidTenant:
        form.blame("display_name", mark("This has characters that cannot be shown."))
    except AlreadyExists:
        form.blame("slug", TAKEN)
    else:
        return done(visit, uri_in(slug), "created")
    return _draw_new(visit, form, 422)


async def ask_file(visit: ConsoleVisit) -> WireResponse:
    """Where the manifest goes."""
    return _draw_import(visit, ImportForm(), 200)


async def apply(visit: ConsoleVisit) -> WireResponse:
    """Show what a manifest would do; once that was seen, do it."""
    form, system = ImportForm(visit.form), visit.site.system
    if not form.validate():
        return _draw_import(visit, form, 422)
    options = Options(visit.site.public_url)
    try:
        described = parse_manifests(form.manifest.data or "", FILE)
        plans = await manifests.plan(visit.operator, system, described, options, visit.now)
        if visit.form.get("seen") != "y":
            return _draw_import(visit, form, 200, plans)
        await _carry_out(visit, described, options)
    except ManifestError as error:
        form.blame("manifest", plain(str(error), MAX_LINE_LENGTH))
    except AlreadyExists:
        form.blame("manifest", NAME_TAKEN)
    else:
        is_one = len(described) == 1
        return done(visit, uri_in(described[0].slug) if is_one else platform_uri("tenants"), "saved")
    return _draw_import(visit, form, 422)


async def _carry_out(visit: ConsoleVisit, described: tuple[Manifest, ...], options: Options) -> None:
    for one in described:
        await manifests.carry_out(visit.operator, visit.site.system, one, options, visit.now)


def _draw_new(visit: ConsoleVisit, form: NewTenantForm, status: int) -> WireResponse:
    example = f"{visit.site.public_url}/t/"
    page = NewTenantPage(form, example, platform_uri("tenants"), platform_uri("tenants", "import"))
    return draw(visit, "admin/tenants/new.html", page, status=status)


def _draw_import(visit: ConsoleVisit, form: ImportForm, status: int, plans: tuple[Plan, ...] = ()) -> WireResponse:
    changes = [change for plan in plans for change in plan.changes]
    page = ImportPage(
        form=form,
        is_planned=bool(plans),
        lines=tuple(
            PlanLine(plain(f"{change.noun} {change.name}", MAX_LINE_LENGTH), *SIGNS[change.sign])
            for change in changes
            if change.sign is not Sign.UNCHANGED
        ),
        unchanged=sum(change.sign is Sign.UNCHANGED for change in changes),
        warnings=tuple(plain(warning, MAX_LINE_LENGTH) for plan in plans for warning in plan.warnings),
        list_uri=platform_uri("tenants"),
    )
    return draw(visit, "admin/tenants/import.html", page, status=status)


MANAGE = Permission.MANAGE_TENANTS
ROWS = (
    shows("/tenants/new", ask, MANAGE),
    does("/tenants/new", create, MANAGE),
    shows("/tenants/import", ask_file, MANAGE),
    replace(does("/tenants/import", apply, MANAGE), max_form=LARGEST_FORM),
)
