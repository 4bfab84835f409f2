"""Where the issuer of a tenant is: at the platform's own address, or at a domain that was proved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.administration import NotPermitted, Permission, trust_domains
from server.administration import tenants as acts
from server.administration.finding import Conflict, version_of
from server.kernel.database import AlreadyExists
from server.projections import About
from server.tenants import InvalidTenant
from web.admin.conflict import conflicting
from web.admin.forms import NOT_THE_NAME, TAKEN
from web.admin.frame import draw
from web.admin.history import last_changes
from web.admin.notices import done
from web.admin.rows import does, shows
from web.admin.settings.contexts import DomainsPage, head_of, name_of
from web.admin.settings.forms import BAD_HOST, PlaceForm
from web.admin.trust_history import OF_DOMAINS
from web.admin.trust_origins.contexts import domain_entry
from web.localization import mark

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from web.admin.visit import ConsoleVisit

CHANGED = About(events=("tenant.updated", *OF_DOMAINS))
NOT_VERIFIED = mark("Prove this domain first, or the one that it is below.")


async def domains(visit: ConsoleVisit) -> WireResponse:
    """The tenant's domains, and where its issuer is."""
    tenant = visit.tenant
    form = PlaceForm(data={"host": tenant.domain or "", "version": version_of(tenant)})
    return await _draw(visit, form, 200)


async def move(visit: ConsoleVisit) -> WireResponse:
    """Put the issuer at another host; the tenant's short name has to be typed, for every client must register again."""
    form, tenant, public_url = PlaceForm(visit.form), visit.tenant, visit.site.public_url
    host = (form.host.data or "").strip().lower() or None
    if not form.validate() or not form.is_for(tenant.slug):
        form.blame("confirmation", NOT_THE_NAME)
        return await _draw(visit, form, 422)
    try:
        await acts.change(
            visit.operator,
            tenant.slug,
            lambda before: acts.with_domain(before, host, public_url),
            public_url,
            visit.now,
            version=form.version.data or "",
        )
    except Conflict as conflict:
        return conflicting(visit, conflict, name_of(tenant), visit.uri("settings", "domains"), {})
    except InvalidTenant:
        form.blame("host", BAD_HOST)
    except NotPermitted:
        form.blame("host", NOT_VERIFIED)
    except AlreadyExists:
        form.blame("host", TAKEN)
    else:
        return done(visit, visit.uri("settings", "domains"), "saved")
    return await _draw(visit, form, 422)


async def _draw(visit: ConsoleVisit, form: PlaceForm, status: int) -> WireResponse:
    known = await trust_domains.domains(visit.operator, visit.tenant)
    page = DomainsPage(
        head=head_of(visit, "domains"),
        domains=tuple(domain_entry(visit, domain) for domain in known),
        domains_uri=visit.uri("trust", "origins", "domains"),
        issuer=visit.tenant.issuer,
        form=form,
        history=await last_changes(visit, CHANGED, "domain", "method"),
    )
    return draw(visit, "admin/settings/domains.html", page, status=status)


ROWS = (
    shows("/t/<tenant>/settings/domains", domains),
    does("/t/<tenant>/settings/issuer", move, Permission.MANAGE_SETTINGS),
)
