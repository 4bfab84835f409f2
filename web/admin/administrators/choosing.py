"""Choosing the tenant that a role is for, among thousands: by its short name, or by a few letters of what it is called.

While somebody types, a script fetches suggestions; without one, a form that is sent with a few letters comes back with
those that fit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.administration import tenants as acts
from server.administration.finding import Unknown
from server.kernel.paging import Paging
from server.projections import TenantFilter
from web.admin.listing import Filter, read_list
from web.foreign_text import MAX_NAME_LENGTH, plain

if TYPE_CHECKING:
    from server.tenants import Tenant
    from web.admin.administrators.forms import RoleForm
    from web.admin.visit import ConsoleVisit

AT_MOST = Paging(20)


class NoTenant(Exception):
    """A form cannot be taken; it says why, and offers the tenants that fit."""


def typed_in(visit: ConsoleVisit) -> str:
    """What the address says of the tenant: a link may name it, and so does the script while somebody types."""
    return read_list(visit, Filter("tenant", "")).value("tenant") or ""


async def get_tenant(visit: ConsoleVisit, form: RoleForm) -> Tenant | None:
    """The tenant that a form means: the page's own where it has one; None is the platform. Raises NoTenant."""
    if not form.validate():
        raise NoTenant
    if visit.tenant_named is not None:
        return visit.tenant_named
    typed = _letters(form)
    if not typed:
        return None
    fitting = await suggested(visit, form)
    for slug in (typed, *(slug for slug, _ in fitting if slug == form.which.data)):
        try:
            return await acts.get(visit.operator, slug, visit.site.public_url)
        except Unknown:
            continue
    form.refuse_tenant(fitting)
    raise NoTenant


async def suggested(visit: ConsoleVisit, form: RoleForm) -> tuple[tuple[str, str], ...]:
    """Tenants that fit what is typed, short name and name, and in the form to be chosen; none on a tenant's pages."""
    if visit.tenant_named is not None:
        return ()
    shown = TenantFilter(search=_letters(form) or None)
    found = await acts.page(visit.operator, shown, visit.site.public_url, AT_MOST)
    fitting = tuple((line.slug, plain(line.display_name, MAX_NAME_LENGTH)) for line in found.items)
    form.offer(fitting)
    return fitting


def _letters(form: RoleForm) -> str:
    """What is typed, without what no database searches for."""
    return (form.tenant.data or "").replace("\x00", "").strip()
