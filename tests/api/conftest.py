"""A platform with two tenants, and callers of every kind."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest

from server import tenants
from server.administration import (
    Operator,
    administrator_tokens,
    administrators,
    ensure_system_tenant,
    get_system_tenant,
)
from server.administration.administrators import NewAdministrator
from server.kernel import clock
from server.roles import AdminRole
from server.settings import Settings
from server.tenants import Tenant
from tests.api.tenants import manifest_of
from tests.conftest import PUBLIC_URL
from tests.flows.conftest import apply_document

OPERATOR = Operator.at_the_command_line("test")
HASH = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$c29tZWhhc2g"  # of nobody: these administrators are given tokens


@dataclass(frozen=True, slots=True)
class Platform:
    """The tenants, and tokens for whoever calls."""

    http: httpx2.AsyncClient
    system: Tenant
    acme: Tenant
    other: Tenant
    tokens: dict[str, str] = field(repr=False)

    async def call(
        self, method: str, path: str, json: object = None, *, caller: str | None = "owner", **headers: str
    ) -> httpx2.Response:
        """Call the API as somebody; header names are written with underscores."""
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        if caller is not None:
            fields["authorization"] = f"Bearer {self.tokens[caller]}"
        return await self.http.request(method, f"/api/v1{path}", json=json, headers=fields)

    async def one(self, path: str, **wanted: str) -> dict[str, Any]:
        """The one item of a list that has these values."""
        items = (await self.call("GET", path)).json()["items"]
        (found,) = [item for item in items if all(item[name] == value for name, value in wanted.items())]
        return dict(found)


async def administrator(system: Tenant, name: str, role: AdminRole, tenant: Tenant | None) -> str:
    """An administrator's token."""
    await administrators.create(OPERATOR, system, NewAdministrator(name, HASH, role, tenant), clock.now())
    return await administrator_tokens.issue_token(OPERATOR, system, name, None, clock.now())


@pytest.fixture
async def platform(http: httpx2.AsyncClient, settings: Settings) -> Platform:
    """Two tenants alike; in `acme` an administrator of every role, in `other` an owner."""
    await ensure_system_tenant(PUBLIC_URL, clock.now())
    system = await get_system_tenant(PUBLIC_URL)
    for slug in ("acme", "other"):
        await apply_document(settings, manifest_of(slug))
    acme = await tenants.find_by_slug("acme", PUBLIC_URL)
    other = await tenants.find_by_slug("other", PUBLIC_URL)
    assert acme is not None
    assert other is not None
    held = {
        role.value: await administrator(system, role.value, role, acme)
        for role in AdminRole
        if "tenant" in role or role in {AdminRole.CLIENT_MANAGER, AdminRole.USER_MANAGER, AdminRole.AUDITOR}
    }
    held["owner"] = await administrator(system, "owner", AdminRole.PLATFORM_OWNER, None)
    held["stranger"] = await administrator(system, "stranger", AdminRole.TENANT_OWNER, other)
    return Platform(http, system, acme, other, held)
