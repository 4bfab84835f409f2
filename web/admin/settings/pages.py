"""The settings of a tenant, a tab for each kind: shown, and saved unless somebody else did meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.administration import Permission
from server.administration import tenants as acts
from server.administration.finding import Conflict, version_of
from server.projections import About
from server.tenants import InvalidTenant, Tenant
from web.admin.conflict import conflicting, versions
from web.admin.forms import MISFIT
from web.admin.frame import draw
from web.admin.history import last_changes
from web.admin.notices import done
from web.admin.rows import does, shows
from web.admin.settings.contexts import SectionPage, head_of, name_of
from web.admin.settings.forms import GeneralForm, LifetimesForm, RateLimitsForm, RegistrationForm, settings_of
from web.localization import mark

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from web.admin.visit import ConsoleVisit

CHANGED = About(events=("tenant.updated",))

EditForm = GeneralForm | LifetimesForm | RegistrationForm | RateLimitsForm


@dataclass(frozen=True, slots=True)
class Section:
    """A tab with a form, and its template."""

    path: str
    form: type[EditForm]
    template: str


GENERAL = Section("", GeneralForm, "admin/settings/general.html")
LIFETIMES = Section("lifetimes", LifetimesForm, "admin/settings/lifetimes.html")
REGISTRATION = Section("registration", RegistrationForm, "admin/settings/registration.html")
RATE_LIMITS = Section("rate-limits", RateLimitsForm, "admin/settings/rate_limits.html")


async def general(visit: ConsoleVisit) -> WireResponse:
    """What the tenant is called."""
    return await _show(visit, GENERAL)


async def save_general(visit: ConsoleVisit) -> WireResponse:
    """Change what it is called."""
    return await _save(visit, GENERAL)


async def lifetimes(visit: ConsoleVisit) -> WireResponse:
    """How long things last."""
    return await _show(visit, LIFETIMES)


async def save_lifetimes(visit: ConsoleVisit) -> WireResponse:
    """Change how long things last."""
    return await _save(visit, LIFETIMES)


async def registration(visit: ConsoleVisit) -> WireResponse:
    """Who may register clients."""
    return await _show(visit, REGISTRATION)


async def save_registration(visit: ConsoleVisit) -> WireResponse:
    """Change who may register clients."""
    return await _save(visit, REGISTRATION)


async def rate_limits(visit: ConsoleVisit) -> WireResponse:
    """How often one address may ask."""
    return await _show(visit, RATE_LIMITS)


async def save_rate_limits(visit: ConsoleVisit) -> WireResponse:
    """Change how often one address may ask."""
    return await _save(visit, RATE_LIMITS)


async def _show(visit: ConsoleVisit, section: Section) -> WireResponse:
    form = section.form(data={**settings_of(visit.tenant), "version": version_of(visit.tenant)})
    return await _draw(visit, section, form, 200)


async def _save(visit: ConsoleVisit, section: Section) -> WireResponse:
    form, site = section.form(visit.form), visit.site
    if not form.validate():
        return await _draw(visit, section, form, 422)
    slug, version = visit.tenant.slug, form.version.data or ""
    try:
        await acts.change(visit.operator, slug, form.edited, site.public_url, visit.now, version=version)
    except Conflict as conflict:
        current = settings_of(conflict.current) if isinstance(conflict.current, Tenant) else {}
        shown = {name: value for name, value in current.items() if name in form}
        return conflicting(visit, conflict, name_of(visit.tenant), visit.path, versions(form, shown))
    except InvalidTenant:
        form.blame(None, MISFIT)
        return await _draw(visit, section, form, 422)
    return done(visit, visit.path, "saved")


async def _draw(visit: ConsoleVisit, section: Section, form: EditForm, status: int) -> WireResponse:
    tenant = visit.tenant
    facts = (
        (mark("Short name"), tenant.slug),
        (mark("Issuer"), tenant.issuer),
        (mark("Mode"), tenant.mode.value),
        (mark("Since"), visit.language.time(tenant.created_at)),
    )
    page = SectionPage(head_of(visit, section.path), form, facts, await last_changes(visit, CHANGED))
    return draw(visit, section.template, page, status=status)


ALL = "/t/<tenant>/settings"
MANAGE = Permission.MANAGE_SETTINGS
ROWS = (
    shows(ALL, general),
    does(ALL, save_general, MANAGE),
    shows(f"{ALL}/lifetimes", lifetimes),
    does(f"{ALL}/lifetimes", save_lifetimes, MANAGE),
    shows(f"{ALL}/registration", registration),
    does(f"{ALL}/registration", save_registration, MANAGE),
    shows(f"{ALL}/rate-limits", rate_limits),
    does(f"{ALL}/rate-limits", save_rate_limits, MANAGE),
)
