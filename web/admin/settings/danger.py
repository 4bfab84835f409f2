"""What befalls a whole tenant: it is taken out of use, or into it again, or removed for good; and it as a file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from server.administration import Permission, manifests
from server.administration import tenants as acts
from server.endpoints.wire import WireResponse
from web.admin.forms import NOT_THE_NAME, ConfirmForm
from web.admin.frame import draw
from web.admin.notices import done
from web.admin.rows import does, shows
from web.admin.settings.contexts import DANGER, DangerPage, ManifestPage, head_of
from web.admin.visit import PREFIX
from web.localization import mark
from web.requests import attachment

if TYPE_CHECKING:
    from web.admin.visit import ConsoleVisit

IN_USE = mark("Disable it first: what is in use is not removed.")


async def danger(visit: ConsoleVisit) -> WireResponse:
    """What cannot be undone, or hurts while it lasts."""
    return _draw(visit, 200)


async def switch(visit: ConsoleVisit) -> WireResponse:
    """Take a tenant out of use, or into it again; out of use only with its short name typed."""
    enabled, form = visit.form.get("enabled") == "y", ConfirmForm(visit.form)
    if not enabled and not form.is_for(visit.tenant.slug):
        return _draw(visit, 422, NOT_THE_NAME)
    slug, public_url = visit.tenant.slug, visit.site.public_url
    await acts.change(visit.operator, slug, lambda before: replace(before, enabled=enabled), public_url, visit.now)
    return done(visit, visit.uri("settings", DANGER), "enabled" if enabled else "disabled")


async def remove(visit: ConsoleVisit) -> WireResponse:
    """Remove a tenant that was disabled before; its short name has to be typed."""
    if visit.tenant.enabled:
        return _draw(visit, 422, IN_USE)
    if not ConfirmForm(visit.form).is_for(visit.tenant.slug):
        return _draw(visit, 422, NOT_THE_NAME)
    site = visit.site
    await acts.discard(visit.operator, visit.tenant.slug, site.public_url, visit.now, system=site.system)
    return done(visit, f"{PREFIX}/tenants", "removed")


async def manifest(visit: ConsoleVisit) -> WireResponse:
    """What the file is good for; asked for with `?file`, the file itself."""
    if "file" not in visit.query:
        page = ManifestPage(head_of(visit, "manifest"), f"{visit.path}?file=yaml")
        return draw(visit, "admin/settings/manifest.html", page)
    text = await manifests.export(visit.operator, visit.tenant, visit.site.public_url)
    headers = attachment(f"{visit.tenant.slug}.yaml", "application/yaml; charset=utf-8")
    return WireResponse(200, headers, text.encode())


def _draw(visit: ConsoleVisit, status: int, error: str = "") -> WireResponse:
    page = DangerPage(head_of(visit, DANGER), ConfirmForm(), error)
    return draw(visit, "admin/settings/danger.html", page, status=status)


ALL = "/t/<tenant>/settings"
MANAGE = Permission.MANAGE_TENANTS
ROWS = (
    shows(f"{ALL}/manifest", manifest),
    shows(f"{ALL}/danger", danger, MANAGE),
    does(f"{ALL}/enabled", switch, MANAGE),
    does(f"{ALL}/remove", remove, MANAGE),
)
