"""The domains of a tenant: claimed, proved by a TXT record, given up; and the one that its issuer is at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.administration import NotPermitted, Permission
from server.administration import tenants as tenant_acts
from server.administration import trust_domains as acts
from server.administration.finding import Conflict, version_of
from server.kernel import txt_records
from server.kernel.database import AlreadyExists
from server.tenants import InvalidTenant
from server.trust import InvalidDomain
from web.admin.conflict import conflicting
from web.admin.forms import NOT_THE_NAME, TAKEN
from web.admin.frame import draw
from web.admin.notices import done
from web.admin.rows import does, shows
from web.admin.settings.contexts import DomainsPage, domain_entry, head_of, name_of
from web.admin.settings.domain_forms import BAD_DOMAIN, ClaimForm, PlaceForm
from web.localization import mark

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from web.admin.visit import ConsoleVisit

NOT_PROVEN = mark("The DNS does not say it yet. Changes there can take an hour to be seen.")
NO_NAMES = mark("No name server answered. Try again in a moment.")
NOT_VERIFIED = mark("Verify this domain first, or the one that it is below.")


async def domains(visit: ConsoleVisit) -> WireResponse:
    """Every domain of the tenant."""
    return await _draw(visit, 200)


async def claim(visit: ConsoleVisit) -> WireResponse:
    """Say that a domain is the tenant's own."""
    form = ClaimForm(visit.form)
    if not form.validate():
        return await _draw(visit, 422, claim_form=form)
    try:
        await acts.claim(visit.operator, visit.tenant, (form.domain.data or "").strip(), visit.now)
    except InvalidDomain:
        form.blame("domain", BAD_DOMAIN)
    except AlreadyExists:
        form.blame("domain", TAKEN)
    else:
        return done(visit, visit.uri("settings", "domains"), "saved")
    return await _draw(visit, 422, claim_form=form)


async def verify(visit: ConsoleVisit) -> WireResponse:
    """Look for the TXT record."""
    try:
        await acts.verify(visit.operator, visit.tenant, visit.arguments["domain"], txt_records.reader(), visit.now)
    except acts.NotProven:
        return await _draw(visit, 422, error=NOT_PROVEN)
    except txt_records.NamesUnavailable:
        return await _draw(visit, 422, error=NO_NAMES)
    return done(visit, visit.uri("settings", "domains"), "verified")


async def vouch(visit: ConsoleVisit) -> WireResponse:
    """Let a domain count without a record, because an owner of the platform answers for it."""
    await acts.vouch(visit.operator, visit.tenant, visit.arguments["domain"], visit.now)
    return done(visit, visit.uri("settings", "domains"), "verified")


async def remove(visit: ConsoleVisit) -> WireResponse:
    """Let a domain no longer count."""
    await acts.discard(visit.operator, visit.tenant, visit.arguments["domain"], visit.now)
    return done(visit, visit.uri("settings", "domains"), "removed")


async def move(visit: ConsoleVisit) -> WireResponse:
    """Put the issuer at another host; the tenant's short name has to be typed, for every client must register again."""
    form, tenant, public_url = PlaceForm(visit.form), visit.tenant, visit.site.public_url
    host = (form.host.data or "").strip().lower() or None
    if not form.validate() or not form.is_for(tenant.slug):
        form.blame("confirmation", NOT_THE_NAME)
        return await _draw(visit, 422, place_form=form)
    try:
        await tenant_acts.change(
            visit.operator,
            tenant.slug,
            lambda before: tenant_acts.with_domain(before, host, public_url),
            public_url,
            visit.now,
            version=form.version.data or "",
        )
    except Conflict as conflict:
        return conflicting(visit, conflict, name_of(tenant), visit.uri("settings", "domains"), {})
    except InvalidTenant:
        form.blame("host", BAD_DOMAIN)
    except NotPermitted:
        form.blame("host", NOT_VERIFIED)
    except AlreadyExists:
        form.blame("host", TAKEN)
    else:
        return done(visit, visit.uri("settings", "domains"), "saved")
    return await _draw(visit, 422, place_form=form)


async def _draw(
    visit: ConsoleVisit,
    status: int,
    *,
    claim_form: ClaimForm | None = None,
    place_form: PlaceForm | None = None,
    error: str = "",
) -> WireResponse:
    known, tenant = await acts.domains(visit.operator, visit.tenant), visit.tenant
    page = DomainsPage(
        head=head_of(visit, "domains"),
        domains=tuple(domain_entry(visit, domain) for domain in known),
        claim=claim_form or ClaimForm(),
        issuer=tenant.issuer,
        domain=tenant.domain,
        uri=visit.uri("settings", "domains"),
        api_path=visit.api("trust", "domains"),
        may_vouch=visit.may(Permission.MANAGE_TENANTS),
        place=place_form or PlaceForm(data={"host": tenant.domain or "", "version": version_of(tenant)}),
        error=error,
    )
    return draw(visit, "admin/settings/domains.html", page, status=status)


ALL = "/t/<tenant>/settings/domains"
MANAGE = Permission.MANAGE_SETTINGS
ROWS = (
    shows(ALL, domains),
    does(ALL, claim, MANAGE),
    does("/t/<tenant>/settings/issuer", move, MANAGE),
    does(f"{ALL}/<domain>/verify", verify, MANAGE),
    does(f"{ALL}/<domain>/vouch", vouch, Permission.MANAGE_TENANTS),
    does(f"{ALL}/<domain>/remove", remove, MANAGE),
)
