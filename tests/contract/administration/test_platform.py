"""What an installation comes with, and the people who administer it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from server import clients, keys, resources, roles, scopes, tenants, tokens, users
from server.administration import (
    COMMAND_LINE,
    CONSOLE,
    NotMigrated,
    NotPermitted,
    Operator,
    administrator_tokens,
    administrators,
    ensure_system_tenant,
    get_system_tenant,
)
from server.administration import keys as key_acts
from server.administration import users as user_acts
from server.administration.administrator_tokens import NotAnAdministrator
from server.administration.administrators import NewAdministrator
from server.clients import ClientSource
from server.kernel import database, encryption, passwords
from server.kernel.clock import MINUTE
from server.kernel.database import AlreadyExists
from server.roles import AdminRole, InvalidRole, Membership
from server.tenants import Origin, Registration, Tenant
from server.users import User
from tests.issuing import NOW, PUBLIC_URL, make_client, make_tenant

pytestmark = pytest.mark.usefixtures("storage")

OPERATOR = Operator.at_the_command_line("root")


async def system_tenant() -> Tenant:
    await ensure_system_tenant(PUBLIC_URL, NOW)
    return await get_system_tenant(PUBLIC_URL)


async def make_administrator(
    name: str = "root", role: AdminRole = AdminRole.PLATFORM_OWNER, tenant: Tenant | None = None
) -> User:
    new = NewAdministrator(name, await passwords.hash_password("a password of theirs"), role, tenant)
    return await administrators.create(OPERATOR, await system_tenant(), new, NOW)


async def test_system_tenant_is_there_only_after_migrate() -> None:
    with pytest.raises(NotMigrated):
        await get_system_tenant(PUBLIC_URL)


async def test_system_tenant_lets_nobody_register() -> None:
    system = await system_tenant()
    assert system.settings.registration is Registration.OFF
    assert not system.settings.client_id_metadata_documents
    assert system.issuer == f"{PUBLIC_URL}/t/system"


async def test_built_in_clients_and_api_are_there() -> None:
    system = await system_tenant()
    (api,) = await resources.list_resources(system.id)
    assert api.identifier == f"{PUBLIC_URL}/api/v1"
    assert not (await scopes.list_scopes(system.id))["admin"].dynamic
    console, command_line = await clients.list_clients(system.id, ClientSource.ADMIN)
    assert {console.client_id, command_line.client_id} == {CONSOLE, COMMAND_LINE}
    for client in (console, command_line):
        assert (client.first_party, client.origin) == (True, Origin.BUILT_IN)
    found = await clients.find(system.id, CONSOLE)
    assert found is not None
    assert found.metadata.redirect_uris == (f"{PUBLIC_URL}/admin/callback",)
    assert await keys.mac_keys(system.id)


async def test_second_migration_changes_nothing() -> None:
    system = await system_tenant()
    count = "SELECT count(*) AS total FROM audit_event WHERE tenant_id = $1"
    before = await database.row(count, system.id)
    await ensure_system_tenant(PUBLIC_URL, NOW + 1)
    assert await database.row(count, system.id) == before


async def test_migrations_at_the_same_time_make_one_system_tenant() -> None:
    await asyncio.gather(*(ensure_system_tenant(PUBLIC_URL, NOW) for _ in range(3)))
    assert [tenant.slug for tenant in await tenants.list_tenants(PUBLIC_URL)] == ["system"]


async def test_built_in_things_follow_the_public_url() -> None:
    system = await system_tenant()
    await ensure_system_tenant("https://id.example", NOW)
    (api,) = await resources.list_resources(system.id)
    assert api.identifier == "https://id.example/api/v1"
    console = await clients.find(system.id, CONSOLE)
    assert console is not None
    assert console.metadata.redirect_uris == ("https://id.example/admin/callback",)


async def test_settings_of_the_system_tenant_are_mended() -> None:
    system = await system_tenant()
    await database.execute("UPDATE tenant SET settings = $2 WHERE id = $1", system.id, '{"registration": "open"}')
    await ensure_system_tenant(PUBLIC_URL, NOW)
    assert (await get_system_tenant(PUBLIC_URL)).settings == system.settings


async def test_administrator_can_be_of_the_platform_or_of_one_tenant() -> None:
    acme = await make_tenant()
    root = await make_administrator()
    ada = await make_administrator("ada", AdminRole.CLIENT_MANAGER, acme)
    system = await system_tenant()
    assert await roles.memberships_of(system.id, root.id) == (Membership(root.id, AdminRole.PLATFORM_OWNER, None),)
    assert await roles.memberships_of(system.id, ada.id) == (Membership(ada.id, AdminRole.CLIENT_MANAGER, acme.id),)
    assert await administrators.find(system, "ROOT") == root


async def test_administrators_name_is_taken_once() -> None:
    await make_administrator()
    with pytest.raises(AlreadyExists):
        await make_administrator("Root")


async def test_role_must_fit_where_it_is_given() -> None:
    with pytest.raises(InvalidRole):
        await make_administrator(role=AdminRole.PLATFORM_OWNER, tenant=await make_tenant())
    with pytest.raises(InvalidRole):
        await make_administrator(role=AdminRole.AUDITOR)


async def test_tenant_owner_makes_no_platform_owner() -> None:
    acme = await make_tenant()
    ada = await make_administrator("ada", AdminRole.TENANT_OWNER, acme)
    system = await system_tenant()
    operator = Operator.administrator(ada.id, await roles.memberships_of(system.id, ada.id))
    new = NewAdministrator("eve", "a hash", AdminRole.PLATFORM_OWNER, None)
    with pytest.raises(NotPermitted):
        await administrators.create(operator, system, new, NOW)


@pytest.mark.rfc("9068", "2.2")
async def test_token_is_for_the_api_and_lives_for_a_quarter_of_an_hour() -> None:
    root, system = await make_administrator(), await system_tenant()
    text = await administrator_tokens.issue_token(OPERATOR, system, "root", None, NOW)
    token = await tokens.find_access_token(system, text, NOW)
    assert token is not None
    assert (token.subject, token.audience, token.scope) == (root.sub, (f"{PUBLIC_URL}/api/v1",), ("admin",))
    assert token.expires_at - token.issued_at == 15 * MINUTE
    assert await tokens.find_access_token(system, text, NOW + 15 * MINUTE) is None


async def test_token_is_audited_with_who_asked_the_machine_for_it() -> None:
    root, system = await make_administrator(), await system_tenant()
    await administrator_tokens.issue_token(OPERATOR, system, "root", None, NOW)
    row = await database.row(
        "SELECT * FROM audit_event WHERE tenant_id = $1 AND event = $2", system.id, "administrator_token.issued"
    )
    assert row is not None
    assert (row["actor_kind"], row["actor_id"], database.as_uuid(row["subject_id"])) == ("system", "root", root.id)


async def test_token_is_limited_to_the_tenant_that_is_named() -> None:
    acme = await make_tenant()
    await make_administrator("ada", AdminRole.AUDITOR, acme)
    system = await system_tenant()
    text = await administrator_tokens.issue_token(OPERATOR, system, "ada", acme, NOW)
    token = await tokens.find_access_token(system, text, NOW)
    assert token is not None
    assert token.scope == ("admin:acme",)


async def test_who_administers_nothing_there_gets_no_token() -> None:
    acme, other = await make_tenant(), await make_tenant("other")
    await make_administrator("ada", AdminRole.AUDITOR, acme)
    system = await system_tenant()
    await users.create(system.id, users.new_user(system.id, "visitor", origin=Origin.CONSOLE, now=NOW))
    for name, limit in (("nobody", None), ("ada", other), ("visitor", None)):
        with pytest.raises(NotAnAdministrator):
            await administrator_tokens.issue_token(OPERATOR, system, name, limit, NOW)


async def test_disabled_administrator_gets_no_token_and_loses_the_last_one() -> None:
    root, system = await make_administrator(), await system_tenant()
    text = await administrator_tokens.issue_token(OPERATOR, system, "root", None, NOW)
    await user_acts.update(OPERATOR, system, root, replace(root, enabled=False), NOW)
    assert await tokens.find_access_token(system, text, NOW) is None
    with pytest.raises(NotAnAdministrator, match="disabled"):
        await administrator_tokens.issue_token(OPERATOR, system, "root", None, NOW)


async def test_token_needs_what_migrate_makes() -> None:
    await make_administrator()
    system = await system_tenant()
    command_line = await clients.find(system.id, COMMAND_LINE)
    assert command_line is not None
    await clients.delete(system.id, command_line.id)
    with pytest.raises(NotMigrated):
        await administrator_tokens.issue_token(OPERATOR, system, "root", None, NOW)


async def test_rotation_replaces_the_keys_of_one_tenant() -> None:
    acme, other = await make_tenant(), await make_tenant("other")
    before = [await keys.signing_key(tenant.id, "ES256") for tenant in (acme, other)]
    await key_acts.rotate(OPERATOR, acme, NOW + 1)
    assert (await keys.signing_key(acme.id, "ES256")).kid != before[0].kid
    assert (await keys.signing_key(other.id, "ES256")).kid == before[1].kid
    # What was signed before is still recognized.
    assert before[0].kid in {str(key["kid"]) for key in await keys.public_keys(acme.id)}


async def test_rewrap_leaves_only_what_clients_must_bring_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encryption, "_masters", encryption._masters)
    system, acme = await system_tenant(), await make_tenant()
    await make_client(acme, secret="a secret of the application")
    encryption.open_master_secrets("another master secret of the tests", "a master secret that only tests know")
    done = await key_acts.rewrap(OPERATOR, system, PUBLIC_URL, NOW)
    assert done.sealed >= 6
    assert done.client_secrets_left == 1
    assert (await key_acts.rewrap(OPERATOR, system, PUBLIC_URL, NOW)).sealed == 0
    encryption.open_master_secrets("another master secret of the tests")
    assert (await keys.mac_key(acme.id)).secret
