"""Domains of the tenant: claimed, proved by a TXT record in the DNS, given up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.administration import Permission
from server.administration import trust_domains as acts
from server.administration.trust_domains import NotProven
from server.kernel import txt_records
from server.kernel.database import AlreadyExists
from server.kernel.txt_records import NamesUnavailable
from server.trust import InvalidDomain
from web.admin.forms import NOT_THE_NAME, TAKEN, ConfirmForm
from web.admin.frame import draw
from web.admin.notices import done
from web.admin.rows import does, shows
from web.admin.trust_history import done_with_domains
from web.admin.trust_origins.contexts import DomainPage, DomainsPage, domain_entry
from web.admin.trust_origins.forms import DomainForm
from web.admin.trust_origins.tabs import DOMAINS, tabs_of
from web.localization import mark

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from server.trust import VerifiedDomain
    from web.admin.visit import ConsoleVisit

NO_DOMAIN = mark("Enter a domain that can be registered, such as example.org: without scheme and subdomain.")
NOT_PROVEN = mark("The DNS does not hold the record yet. New records can take some minutes to be seen everywhere.")
NO_ANSWER = mark("No name server answered. Try again in a moment.")


async def domains(visit: ConsoleVisit) -> WireResponse:
    """Every domain, proved or not."""
    return await _draw_list(visit, DomainForm(), 200)


async def claim(visit: ConsoleVisit) -> WireResponse:
    """Say that a domain is the tenant's own, and learn the record that proves it."""
    form = DomainForm(visit.form)
    if not form.validate():
        return await _draw_list(visit, form, 422)
    try:
        claimed = await acts.claim(visit.operator, visit.tenant, (form.domain.data or "").strip(), visit.now)
    except InvalidDomain:
        form.blame("domain", NO_DOMAIN)
    except AlreadyExists:
        form.blame("domain", TAKEN)
    else:
        return done(visit, visit.uri("trust", "origins", "domains", claimed.domain), "created")
    return await _draw_list(visit, form, 422)


async def domain(visit: ConsoleVisit) -> WireResponse:
    """One domain, and the record that proves it."""
    return await _draw(visit, await _domain(visit))


async def check(visit: ConsoleVisit) -> WireResponse:
    """Look whether the DNS holds the record."""
    claimed = await _domain(visit)
    try:
        await acts.verify(visit.operator, visit.tenant, claimed.domain, txt_records.reader(), visit.now)
    except NotProven:
        return await _draw(visit, claimed, 422, error=NOT_PROVEN)
    except NamesUnavailable:
        return await _draw(visit, claimed, 503, error=NO_ANSWER)
    return done(visit, visit.uri("trust", "origins", "domains", claimed.domain), "verified")


async def vouch(visit: ConsoleVisit) -> WireResponse:
    """Answer for it, as whoever manages tenants may."""
    claimed = await _domain(visit)
    await acts.vouch(visit.operator, visit.tenant, claimed.domain, visit.now)
    return done(visit, visit.uri("trust", "origins", "domains", claimed.domain), "verified")


async def remove(visit: ConsoleVisit) -> WireResponse:
    """Give it up; its name has to be typed."""
    claimed = await _domain(visit)
    if not ConfirmForm(visit.form).is_for(claimed.domain):
        return await _draw(visit, claimed, 422, confirm_error=NOT_THE_NAME)
    await acts.discard(visit.operator, visit.tenant, claimed.domain, visit.now)
    return done(visit, visit.uri("trust", "origins", "domains"), "removed")


async def _domain(visit: ConsoleVisit) -> VerifiedDomain:
    return await acts.get(visit.operator, visit.tenant, visit.arguments["domain"])


async def _draw_list(visit: ConsoleVisit, form: DomainForm, status: int) -> WireResponse:
    found = await acts.domains(visit.operator, visit.tenant)
    page = DomainsPage(
        domains=tuple(domain_entry(visit, one) for one in found),
        form=form,
        tabs=tabs_of(visit, DOMAINS),
        may_manage=visit.may(Permission.MANAGE_SETTINGS),
        uri=visit.uri("trust", "origins", "domains"),
        history=await done_with_domains(visit),
        api_path=visit.api("trust", "domains"),
    )
    return draw(visit, "admin/trust_origins/domains.html", page, status=status)


async def _draw(
    visit: ConsoleVisit, claimed: VerifiedDomain, status: int = 200, *, error: str = "", confirm_error: str = ""
) -> WireResponse:
    page = DomainPage(
        domain=domain_entry(visit, claimed),
        record_name=acts.record_name(claimed.domain),
        challenge=claimed.challenge,
        may_manage=visit.may(Permission.MANAGE_SETTINGS),
        may_vouch=visit.may(Permission.MANAGE_TENANTS),
        list_uri=visit.uri("trust", "origins", "domains"),
        history=await done_with_domains(visit, claimed.domain),
        api_path=visit.api("trust", "domains", claimed.domain),
        error=error,
        confirm=ConfirmForm(),
        confirm_error=confirm_error,
    )
    return draw(visit, "admin/trust_origins/domain.html", page, status=status)


ALL = "/t/<tenant>/trust/origins/domains"
DECIDE = Permission.MANAGE_SETTINGS
ROWS = (
    shows(ALL, domains),
    does(ALL, claim, DECIDE),
    shows(f"{ALL}/<domain>", domain),
    does(f"{ALL}/<domain>/check", check, DECIDE),
    does(f"{ALL}/<domain>/vouch", vouch, Permission.MANAGE_TENANTS),
    does(f"{ALL}/<domain>/remove", remove, DECIDE),
)
