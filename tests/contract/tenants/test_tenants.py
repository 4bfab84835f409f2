"""Tenants as rows, found by slug, domain and id."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server import tenants
from server.kernel import database, ids
from server.kernel.database import AlreadyExists
from server.tenants import (
    Branding,
    KeepSignedIn,
    PrivateUseSchemes,
    Registration,
    RememberConsent,
    Tenant,
    TenantSettings,
)
from tests.issuing import NOW, PUBLIC_URL

pytestmark = pytest.mark.usefixtures("storage")


async def make(slug: str, **fields: object) -> Tenant:
    tenant = replace(tenants.new_tenant(slug, slug.title(), PUBLIC_URL, NOW), **fields)  # type: ignore[arg-type] # fields
    await tenants.create(tenant, NOW)
    return tenant


async def test_tenant_comes_back_as_it_was_stored() -> None:
    settings = TenantSettings(
        access_token_lifetime=1,
        registration=Registration.OFF,
        client_id_metadata_documents=False,
        remember_consent=RememberConsent.NEVER,
        private_use_schemes=PrivateUseSchemes.ALL,
        rate_limits={"token": 5, "jwks": None},
        keep_signed_in=KeepSignedIn.OFFERED,
        shortest_password=12,
    )
    look = Branding("#1f6feb", "https://acme.test/logo.svg", login_text={"en": "Welcome", "de": "Willkommen"})
    acme = await make("acme", settings=settings, branding=look)
    assert await tenants.find_by_slug("acme", PUBLIC_URL) == acme
    assert await tenants.find(acme.id, PUBLIC_URL) == acme


async def test_each_of_two_tenants_is_found_by_its_own_names() -> None:
    acme = await make("acme", domain="auth.acme.test", issuer="https://auth.acme.test")
    other = await make("other")
    assert await tenants.find_by_domain("auth.acme.test", PUBLIC_URL) == acme
    assert await tenants.find_by_slug("other", PUBLIC_URL) == other
    assert await tenants.list_tenants(PUBLIC_URL) == (acme, other)


@pytest.mark.parametrize("slug", ["nobody", "", "a\x00", "ä", "x" * 300])
async def test_nobody_is_found_by_a_strange_name(slug: str) -> None:
    await make("acme")
    assert await tenants.find_by_slug(slug, PUBLIC_URL) is None
    assert await tenants.find_by_domain(slug, PUBLIC_URL) is None
    assert await tenants.find(ids.uuid7(), PUBLIC_URL) is None


async def test_slug_and_domain_are_taken_once() -> None:
    await make("acme", domain="auth.acme.test")
    with pytest.raises(AlreadyExists):
        await make("acme")
    with pytest.raises(AlreadyExists):
        await make("other", domain="auth.acme.test")


async def test_second_lookup_asks_the_database_nothing() -> None:
    await make("acme")
    await tenants.find_by_slug("acme", PUBLIC_URL)
    with database.query_count() as count:
        await tenants.find_by_slug("acme", PUBLIC_URL)
    assert count.total == 0


async def test_update_is_seen_at_once_and_writes_only_what_differs() -> None:
    acme, other = await make("acme"), await make("other")
    renamed = replace(acme, display_name="Acme Inc.")
    await tenants.update(acme.id, acme, renamed, NOW + 1)
    # Somebody else, with a copy from before, does not undo it.
    await tenants.update(acme.id, acme, replace(acme, enabled=False), NOW + 2)
    assert await tenants.find_by_slug("acme", PUBLIC_URL) == replace(renamed, enabled=False)
    assert await tenants.find_by_slug("other", PUBLIC_URL) == other


async def test_no_difference_is_no_write() -> None:
    acme = await make("acme")
    with database.query_count() as count:
        await tenants.update(acme.id, acme, acme, NOW)
    assert count.total == 0


async def test_settings_of_another_release_are_read() -> None:
    acme = await make("acme")
    await database.execute(
        "UPDATE tenant SET settings = $2, branding = $3 WHERE id = $1", acme.id, '{"from_the_future": 1}', "{}"
    )
    found = await tenants.find(acme.id, PUBLIC_URL)
    assert found is not None
    assert found.settings == TenantSettings()
