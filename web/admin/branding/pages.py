"""Consent and branding: looked at, tried out on the real pages, and changed."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from werkzeug.datastructures import MultiDict

from server.administration import Permission
from server.kernel import images
from server.kernel.images import NotAnImage
from server.kernel.json import dump_json
from web.admin.branding.forms import UNREADABLE, BrandingForm, branding_form
from web.admin.branding.samples import FIRST, SAMPLES
from web.admin.frame import draw
from web.admin.own_tenant import TenantFrame, filled, save, tenant_frame
from web.admin.rows import does, shows
from web.brand import brand_of
from web.localization import languages, mark
from web.rendering import Frame, render_preview

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from server.tenants import Tenant
    from web.admin.visit import ConsoleVisit
    from web.localization import Language

# A picture of half a megabyte, and everything else.
LARGEST_FORM = 1024 * 1024
NOT_A_PICTURE = mark("This is no picture that can be used: PNG, JPEG, WebP or GIF, of at most four million pixels.")


@dataclass(frozen=True, slots=True)
class BrandingPage:
    """The form, what surrounds it, and where its preview is drawn."""

    frame: TenantFrame
    form: BrandingForm
    preview_uri: str
    api_body: str


async def show(visit: ConsoleVisit) -> WireResponse:
    """The look as it is."""
    language = {"sample": FIRST, "sample_language": visit.language.tag}
    return await _draw(visit, BrandingForm(data={**filled(visit.tenant, branding_form), **language}))


async def change(visit: ConsoleVisit) -> WireResponse:
    """Change the look."""
    form = BrandingForm(visit.form)
    is_good = form.validate()
    is_good = await _take_logo(visit.tenant, form) and is_good
    for color in form.find_unreadable():
        values = {"contrast": visit.language.number(round(color.contrast, 1)), "nearest": color.nearest}
        form.blame(color.name, visit.language.say(UNREADABLE[color.name]) % values)
        is_good = False
    if not is_good:
        return await _draw(visit, form, 422)
    # What a conflict sends again is the picture of ours, not the file.
    typed = MultiDict(
        pair for pair in visit.form.items(multi=True) if pair[0] not in {"logo", "logo_file", "remove_logo"}
    )
    typed.add("logo", form.logo.data or "")
    saved = await save(visit.with_form(typed), form, form.edited, branding_form)
    return saved or await _draw(visit, form, 422)


async def preview(visit: ConsoleVisit) -> WireResponse:
    """A page as it looks now."""
    form = BrandingForm(visit.query, data=branding_form(visit.tenant))
    return _draw_preview(visit.tenant, _sample(visit.query.get("sample")), _language(visit, form))


async def try_out(visit: ConsoleVisit) -> WireResponse:
    """A page as it would look, as far as what was typed can be used; nothing is saved."""
    form = BrandingForm(visit.form)
    await _take_logo(visit.tenant, form)
    tenant = replace(
        visit.tenant, display_name=form.display_name.data or "", branding=form.usable(visit.tenant.branding)
    )
    return _draw_preview(tenant, _sample(form.sample.data), _language(visit, form))


async def _take_logo(tenant: Tenant, form: BrandingForm) -> bool:
    """Put the picture that was sent, drawn anew, in the place of the one that is there; false when it is none."""
    if form.remove_logo.data:
        form.logo.data = ""
    sent = form.logo_file.data or form.logo.data
    if not sent or sent == tenant.branding.logo:
        return True
    try:
        form.logo.data = await images.redraw(sent)
    except NotAnImage:
        form.logo.data = tenant.branding.logo or ""
        form.blame("logo_file", NOT_A_PICTURE)
        return False
    return True


def _sample(name: str | None) -> str:
    return name if name in SAMPLES else FIRST


def _language(visit: ConsoleVisit, form: BrandingForm) -> Language:
    return languages().get(form.sample_language.data or "", visit.language)


def _draw_preview(tenant: Tenant, sample: str, language: Language) -> WireResponse:
    _, template, page = SAMPLES[sample]
    brand = brand_of(tenant)
    # A logo that is not stored is nowhere to be fetched from.
    return render_preview(
        template, page, Frame(replace(brand, logo_uri=tenant.branding.logo or brand.logo_uri), language)
    )


async def _draw(visit: ConsoleVisit, form: BrandingForm, status: int = 200) -> WireResponse:
    branding = {name: value for name, value in asdict(visit.tenant.branding).items() if value}
    if "logo" in branding:
        branding["logo"] = branding["logo"][:40] + "…"
    page = BrandingPage(
        await tenant_frame(visit), form, visit.uri("branding", "preview"), dump_json({"branding": branding})
    )
    return draw(visit, "admin/branding/form.html", page, status=status)


PATH = "/t/<tenant>/branding"
ROWS = (
    shows(PATH, show),
    replace(does(PATH, change, Permission.MANAGE_SETTINGS), max_form=LARGEST_FORM, takes_files=True),
    shows(f"{PATH}/preview", preview),
    # It changes nothing: whoever may look at the form may look at its pages.
    replace(does(f"{PATH}/preview", try_out, Permission.READ), max_form=LARGEST_FORM, takes_files=True),
)
