"""Administrators of every role at their browsers, in a platform with two tenants."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx2
import pytest

from server import tenants, webhooks
from server.administration import Operator, administrators, ensure_system_tenant, get_system_tenant
from server.administration import webhooks as webhook_acts
from server.administration.administrators import NewAdministrator
from server.jobs import JobKind
from server.jobs.worker import work_on
from server.kernel import clock, outbox, passwords
from server.kernel.clock import DAY
from server.kernel.outbox import Job
from server.roles import AdminRole
from server.settings import Settings
from server.tenants import Tenant
from tests.conftest import PUBLIC_URL
from tests.flows.conftest import apply_document
from tests.support.forms import read_document
from web.admin.audit import live

OPERATOR = Operator.at_the_command_line("test")
PASSWORD = "correct-horse-battery"
SAME_ORIGIN = {"sec-fetch-site": "same-origin"}
Server = Callable[..., Awaitable[None]]


def manifest_of(slug: str) -> dict[str, object]:
    """A tenant with one of everything that a manifest can say."""
    return {
        "tenant": slug,
        "display_name": slug.title(),
        "scopes": [{"name": "notes:read", "description": "Read your notes"}],
        "resources": [{"identifier": f"https://api.{slug}.test/", "display_name": "Notes", "scopes": ["notes:read"]}],
        "roles": ["editor"],
        "groups": [{"name": "Staff & friends", "roles": ["editor"]}],
        "clients": [
            {
                "client_id": "webapp",
                "client_name": "Web application",
                "client_secret": "a-secret-of-the-web-application",
                "redirect_uris": [f"https://app.{slug}.test/callback"],
                "grant_types": ["authorization_code", "refresh_token"],
                "scope": "openid profile notes:read offline_access",
            },
        ],
        "users": [
            {
                "username": "ada",
                "email": f"ada@{slug}.test",
                "name": "Ada Lovelace",
                "roles": ["editor"],
                "groups": ["Staff & friends"],
            },
            {"username": "bob", "email": f"bob@{slug}.test", "password": PASSWORD},
        ],
    }


@dataclass
class Administrator:
    """One administrator at a browser of their own."""

    http: httpx2.AsyncClient = field(repr=False)
    name: str
    csrf: str = ""

    async def get(self, path: str, **query: str) -> httpx2.Response:
        """Open a page."""
        return await self.http.get(path, params=query or None)

    async def post(
        self, path: str, fields: Mapping[str, object] | None = None, *, csrf: str | None = None
    ) -> httpx2.Response:
        """Send a form, with the token that pages carry."""
        token = self.csrf if csrf is None else csrf
        return await self.http.post(path, data={"csrf": token, **(fields or {})}, headers=SAME_ORIGIN)

    async def sign_in(self, path: str = "/admin") -> httpx2.Response:
        """Go through the console's sign-in to a page."""
        answer = await self.follow(await self.get(path))
        assert answer.status_code == 200, answer.text
        fields = dict(read_document(answer.text).form("login").hidden()) | {"username": self.name, "password": PASSWORD}
        answer = await self.http.post(str(answer.url), data=fields, headers=SAME_ORIGIN)
        answer = await self.follow(answer)
        found = re.search(r'name="csrf" value="([^"]+)"', answer.text)
        self.csrf = found[1] if found else ""
        return answer

    async def follow(self, answer: httpx2.Response) -> httpx2.Response:
        """Go where redirects lead, as long as they stay here."""
        while answer.is_redirect:
            parts = urlsplit(answer.headers["location"])
            assert not parts.netloc or parts.netloc == urlsplit(PUBLIC_URL).netloc
            answer = await self.http.get(answer.headers["location"])
        return answer


@dataclass
class Platform:
    """Two tenants alike, and administrators by the name of their role."""

    app: Server = field(repr=False)
    system: Tenant
    acme: Tenant
    other: Tenant

    def browser(self, name: str) -> Administrator:
        """An administrator who has not signed in yet."""
        transport = httpx2.ASGITransport(self.app)
        return Administrator(httpx2.AsyncClient(transport=transport, base_url=PUBLIC_URL), name)

    async def signed_in(self, name: str) -> Administrator:
        """An administrator in the console."""
        administrator = self.browser(name)
        answer = await administrator.sign_in()
        assert answer.status_code == 200, answer.text
        return administrator


@pytest.fixture
async def platform(app: Server, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Platform:
    """In `acme` an administrator of every role, in `other` an owner, and the owner of the platform."""
    # Whoever opens every page does not stay to listen.
    monkeypatch.setattr(live, "LONGEST", -1)
    await ensure_system_tenant(PUBLIC_URL, clock.now())
    system = await get_system_tenant(PUBLIC_URL)
    for slug in ("acme", "other"):
        await apply_document(settings, manifest_of(slug))
    acme = await tenants.find_by_slug("acme", PUBLIC_URL)
    other = await tenants.find_by_slug("other", PUBLIC_URL)
    assert acme is not None
    assert other is not None
    hook = webhooks.new_webhook(acme.id, "https://hooks.acme.test/latchkey", ("login.*",), clock.now())
    await webhook_acts.create(OPERATOR, acme, hook, clock.now(), allow_http=False)
    hashed = await passwords.hash_password(PASSWORD)
    people = [(role.value, role, acme) for role in AdminRole if role is not AdminRole.PLATFORM_OWNER]
    people += [("stranger", AdminRole.TENANT_OWNER, other)]
    for name, role, tenant in people:
        await administrators.create(OPERATOR, system, NewAdministrator(name, hashed, role, tenant), clock.now())
    owner = NewAdministrator("owner", hashed, AdminRole.PLATFORM_OWNER, None)
    await administrators.create(OPERATOR, system, owner, clock.now())
    return Platform(app, system, acme, other)


async def do_jobs(kind: str, run: Callable[[Job], Awaitable[object]]) -> None:
    """Do what is promised of a kind, due or not."""
    late = clock.now() + DAY
    for claim in await outbox.claim_due(kind, 100, now=late, leased_until=late + DAY):
        await work_on(JobKind(run), claim)
