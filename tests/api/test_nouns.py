"""What can be done to each noun, from the wire to the database and back."""

from __future__ import annotations

from tests.api.conftest import Platform


async def test_every_list_answers(platform: Platform) -> None:
    for path in (
        "/tenants", "/administrators", "/tenants/acme/administrators", "/tenants/acme/clients", "/tenants/acme/users",
        "/tenants/acme/scopes", "/tenants/acme/resources", "/tenants/acme/roles", "/tenants/acme/sessions",
        "/tenants/acme/consents",
    ):  # fmt: skip
        found = await platform.call("GET", path)
        assert found.status_code == 200, (path, found.text)
        assert set(found.json()) == {"items", "next"}
