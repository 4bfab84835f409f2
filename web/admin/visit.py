"""One request of an administrator to the console, admitted and read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode
from uuid import UUID

from werkzeug.datastructures import MultiDict

from server.administration import is_permitted
from server.administration.finding import Unknown
from server.kernel import ids

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from server.administration import Operator, Permission
    from server.kernel.clock import Instant
    from server.sessions import Browser
    from server.tenants import Tenant
    from server.users import User
    from web.localization import Language
    from web.requests import Form

PREFIX = "/admin"


@dataclass(frozen=True, slots=True)
class Site:
    """Where the console is, and who looks at it from which browser. Nobody needs to be signed in."""

    system: Tenant
    public_url: str
    browser: Browser = field(repr=False)
    secure: bool
    language: Language
    now: Instant


@dataclass(frozen=True, slots=True)
class Seat:
    """Who is signed in to the console, with the rights of this very moment; the token proves it and binds forms."""

    token: str = field(repr=False)
    user: User
    operator: Operator


@dataclass(frozen=True, slots=True)
class ConsoleVisit:
    """What every page of the console is called with."""

    site: Site
    seat: Seat
    tenant_named: Tenant | None
    path: str  # of this page, as the browser asked for it
    arguments: Mapping[str, str]
    query: MultiDict[str, str]
    form: Form = field(default_factory=MultiDict, repr=False)
    partial: bool = False  # a script asked, to put a part of the answer into the page that it has

    @property
    def operator(self) -> Operator:
        """Who acts."""
        return self.seat.operator

    @property
    def now(self) -> Instant:
        """When the request came."""
        return self.site.now

    @property
    def language(self) -> Language:
        """The language that the person reads."""
        return self.site.language

    @property
    def tenant(self) -> Tenant:
        """The tenant in the path."""
        if self.tenant_named is None:
            raise TypeError("the page belongs to no tenant")
        return self.tenant_named

    def within(self, tenant: Tenant) -> ConsoleVisit:
        """The same visit, to a page of this tenant."""
        return replace(self, tenant_named=tenant)

    def at(self, path: str, query: str) -> ConsoleVisit:
        """The same visit, to another page that this one draws instead."""
        return replace(self, path=path, query=MultiDict(parse_qsl(query)))

    def with_form(self, form: Form) -> ConsoleVisit:
        """The same visit, with the form that was sent."""
        return replace(self, form=form)

    def may(self, permission: Permission) -> bool:
        """Whether the person may do this in the tenant of the page, or on the platform."""
        where = self.tenant_named or self.site.system
        return is_permitted(self.operator, permission, where.id)

    def identifier(self, name: str) -> UUID:
        """An id in the path; raises Unknown for what is none."""
        found = ids.from_short(self.arguments[name])
        if found is None:
            raise Unknown
        return found

    def api(self, *parts: str | UUID) -> str:
        """The path of the administration API that is about the same."""
        return "/".join([f"/api/v1/tenants/{self.tenant.slug}", *(quote(str(part), safe="") for part in parts)])

    def uri(self, *parts: str | UUID, **query: str | None) -> str:
        """The path of another page of this tenant: `uri("clients", client.id)`; ids are written short."""
        return uri_in(self.tenant.slug, *parts, **query)


def uri_in(slug: str, *parts: str | UUID, **query: str | None) -> str:
    """The path of a page of a tenant."""
    return _path(f"{PREFIX}/t/{slug}", parts, query)


def platform_uri(*parts: str | UUID, **query: str | None) -> str:
    """The path of a page that belongs to no tenant."""
    return _path(PREFIX, parts, query)


def _path(root: str, parts: Sequence[str | UUID], query: Mapping[str, str | None]) -> str:
    path = "/".join([root, *map(_segment, parts)])
    kept = {name: value for name, value in query.items() if value}
    return f"{path}?{urlencode(kept)}" if kept else path


def _segment(part: str | UUID) -> str:
    return ids.to_short(part) if isinstance(part, UUID) else quote(part, safe="")
