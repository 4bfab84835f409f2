"""Settings of a tenant in the console: saved, refused, in conflict; its domains; its end."""

from __future__ import annotations

import pytest

from server import tenants
from server.kernel.clock import DAY, MINUTE
from tests.admin.conftest import Platform
from tests.admin.test_clients import fields_of
from tests.conftest import PUBLIC_URL

PATH = "/admin/t/acme/settings"


async def acme() -> tenants.Tenant:
    """The tenant as it is now."""
    found = await tenants.find_by_slug("acme", PUBLIC_URL)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("tab", "typed", "refused"),
    [
        ("", {"display_name": "Acme & Sons", "audit_retention": "400d"}, {"audit_retention": "1d"}),
        ("/lifetimes", {"access_token_lifetime": "5m"}, {"refresh_token_max_lifetime": "1d"}),
        ("/registration", {"registration": "token", "max_dynamic_clients": "7"}, {"unused_client_lifetime": "soon"}),
        ("/rate-limits", {"token": "60", "jwks": "none"}, {"authorize": "0"}),
    ],
)
async def test_settings_are_saved_refused_and_in_conflict(
    platform: Platform, tab: str, typed: dict[str, str], refused: dict[str, str]
) -> None:
    admin = await platform.signed_in("tenant-admin")
    filled = fields_of(await admin.get(f"{PATH}{tab}"))
    ((name, value),) = refused.items()
    page = await admin.post(f"{PATH}{tab}", filled | typed | refused)
    assert (page.status_code, f'id="{name}-error"' in page.text, f'value="{value}"' in page.text) == (422, True, True)
    assert await acme() == platform.acme
    assert (await admin.post(f"{PATH}{tab}", filled | typed)).status_code == 303
    assert "tenant.updated" in (await admin.get(f"{PATH}{tab}")).text
    again = fields_of(await admin.get(f"{PATH}{tab}"))
    assert again | typed == again
    assert (await admin.post(f"{PATH}{tab}", filled)).status_code == 409
    await admin.post(f"{PATH}{tab}", again)
    settings = (await acme()).settings
    expected = {
        "": settings.audit_retention == 400 * DAY,
        "/lifetimes": settings.access_token_lifetime == 5 * MINUTE,
        "/registration": settings.max_dynamic_clients == 7,
        "/rate-limits": settings.rate_limits == {"token": 60, "jwks": None},
    }
    assert expected[tab]


async def test_domain_is_claimed_vouched_for_and_taken_into_use(platform: Platform) -> None:
    admin, owner = await platform.signed_in("tenant-admin"), await platform.signed_in("owner")
    domains = "/admin/t/acme/trust/origins/domains"
    assert (await admin.post(domains, {"domain": "acme.test"})).status_code == 303
    page = await admin.get(f"{PATH}/domains")
    assert f'href="{domains}/acme.test"' in page.text
    assert "not proved yet" in page.text
    move = fields_of(await admin.get(f"{PATH}/domains"), "/issuer") | {"host": "auth.acme.test", "confirmation": "acme"}
    unproved = await admin.post(f"{PATH}/issuer", move)
    assert (unproved.status_code, "Prove this domain first" in unproved.text) == (422, True)
    assert (await owner.post(f"{domains}/acme.test/vouch")).status_code == 303
    assert (await admin.post(f"{PATH}/issuer", move | {"confirmation": ""})).status_code == 422
    assert (await admin.post(f"{PATH}/issuer", move)).status_code == 303
    assert (await acme()).issuer == "https://auth.acme.test"


async def test_tenant_is_disabled_and_removed_by_its_name(platform: Platform) -> None:
    owner = await platform.signed_in("owner")
    assert (await owner.post(f"{PATH}/remove", {"confirmation": "acme"})).status_code == 422
    assert (await owner.post(f"{PATH}/enabled", {"confirmation": "Acme"})).status_code == 422
    assert (await owner.post(f"{PATH}/enabled", {"confirmation": "acme"})).status_code == 303
    assert (await acme()).enabled is False
    assert (await owner.post(f"{PATH}/enabled", {"enabled": "y"})).status_code == 303
    assert (await owner.post(f"{PATH}/enabled", {"confirmation": "acme"})).status_code == 303
    assert (await owner.post(f"{PATH}/remove", {"confirmation": "other"})).status_code == 422
    assert (await owner.post(f"{PATH}/remove", {"confirmation": "acme"})).status_code == 303
    assert await tenants.find_by_slug("acme", PUBLIC_URL) is None


async def test_manifest_is_a_file(platform: Platform) -> None:
    auditor = await platform.signed_in("auditor")
    assert "latchkey export acme" in (await auditor.get(f"{PATH}/manifest")).text
    file = await auditor.get(f"{PATH}/manifest", file="yaml")
    assert file.headers["content-disposition"] == 'attachment; filename="acme.yaml"'
    assert file.text.startswith("tenant: acme")


async def test_system_tenant_stays_as_it_is(platform: Platform) -> None:
    owner = await platform.signed_in("owner")
    page = await owner.get("/admin/t/system/settings")
    assert '<fieldset class="sheet__fields" disabled' in page.text
    changed = fields_of(page) | {"display_name": "Somebody else"}
    assert (await owner.post("/admin/t/system/settings", changed)).status_code == 409
