"""What the pages about the tenant itself have in common: its settings, its look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.administration import Permission
from server.administration import tenants as acts
from server.administration.finding import Conflict, version_of
from server.projections import About
from server.tenants import SYSTEM_SLUG, InvalidTenant, Tenant
from web.admin.conflict import conflicting
from web.admin.forms import MISFIT
from web.admin.history import last_changes
from web.admin.notices import done
from web.foreign_text import MAX_NAME_LENGTH, plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from server.endpoints.wire import WireResponse
    from web.admin.forms import VersionedForm
    from web.admin.history import HistoryEntry
    from web.admin.visit import ConsoleVisit


@dataclass(frozen=True, slots=True)
class TenantFrame:
    """What stands around a form about the tenant: whether it may be sent, and what was changed lately."""

    may_manage: bool
    uri: str
    api_path: str
    history: tuple[HistoryEntry, ...]


async def tenant_frame(visit: ConsoleVisit) -> TenantFrame:
    """The frame of this page."""
    may_manage = visit.may(Permission.MANAGE_SETTINGS) and visit.tenant.slug != SYSTEM_SLUG
    history = await last_changes(visit, About(event="tenant.updated"))
    return TenantFrame(may_manage, visit.path, visit.api(), history)


def filled(tenant: Tenant, fill: Callable[[Tenant], dict[str, object]]) -> dict[str, object]:
    """What a form about the tenant is filled with."""
    return {**fill(tenant), "version": version_of(tenant)}


async def save(
    visit: ConsoleVisit,
    form: VersionedForm,
    edited: Callable[[Tenant], Tenant],
    fill: Callable[[Tenant], dict[str, object]],
) -> WireResponse | None:
    """Save what was typed; None when it cannot be, which is then said in the form."""
    version = form.version.data or ""
    try:
        await acts.change(visit.operator, visit.tenant.slug, edited, visit.site.public_url, visit.now, version=version)
    except Conflict as conflict:
        current = fill(conflict.current) if isinstance(conflict.current, Tenant) else {}
        both = {form[name].label.text: (_shown(value), _shown(form[name].data)) for name, value in current.items()}
        title = plain(visit.tenant.display_name, MAX_NAME_LENGTH) or visit.tenant.slug
        return conflicting(visit, conflict, title, visit.path, both)
    except InvalidTenant:
        form.blame(None, MISFIT)
        return None
    return done(visit, visit.path, "saved")


def _shown(value: object) -> str:
    return "" if value is None else plain(str(value).strip())
