"""Applying and exporting manifests on a real database."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml
from joserfc.jwk import ECKey

from server import clients, credentials, grants, keys, resources, roles, scopes, sessions, tenants, users
from server.administration import NotPermitted, Operator
from server.administration import users as user_acts
from server.administration.manifest import (
    ManifestError,
    Options,
    Plan,
    Sign,
    UnknownTenant,
    apply_manifest,
    export_tenant,
    hash_passwords,
    parse_manifests,
    plan_manifest,
)
from server.kernel import database, images, passwords
from server.kernel.clock import MINUTE
from server.kernel.database import AlreadyExists
from server.kernel.json import load_json
from server.roles import Affiliations
from server.tenants import Origin, Tenant
from tests.factories.manifests import FULL
from tests.issuing import NOW, PUBLIC_URL, make_client, make_grant, make_user

pytestmark = pytest.mark.usefixtures("storage")

OPTIONS = Options(PUBLIC_URL)
TINY_GIF = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
OPERATOR = Operator.at_the_command_line("root", Origin.MANIFEST)


async def apply(text: str, options: Options = OPTIONS, operator: Operator = OPERATOR) -> Plan:
    (manifest,) = parse_manifests(text, "acme.yaml")
    hashes = await hash_passwords(await plan_manifest(manifest, options, NOW))
    return await apply_manifest(operator, manifest, options, hashes, NOW)


async def get_tenant(slug: str = "acme") -> Tenant:
    tenant = await tenants.find_by_slug(slug, PUBLIC_URL)
    assert tenant is not None
    return tenant


async def events(tenant: Tenant) -> list[tuple[str, str, object]]:
    rows = await database.rows(
        "SELECT event, actor_kind, actor_id, details FROM audit_event WHERE tenant_id = $1 ORDER BY id", tenant.id
    )
    return [
        (str(row["event"]), f"{row['actor_kind']}:{row['actor_id']}", load_json(str(row["details"]))) for row in rows
    ]


async def test_tenant_is_made_with_everything_in_it() -> None:
    await apply(FULL)
    tenant = await get_tenant()
    assert tenant.display_name == "Acme"
    assert set(await scopes.list_scopes(tenant.id)) > {"openid", "notes:read", "notes:write", "notes:purge"}
    assert [resource.display_name for resource in await resources.list_resources(tenant.id)] == ["Notes"]
    batch = await clients.find(tenant.id, "batch")
    assert batch is not None
    assert clients.has_secret(batch, ("change-me",), NOW)
    ada = await users.find_by_identifier(tenant.id, "ada")
    assert ada is not None
    assert await roles.roles_of(tenant.id, ada.id) == ("editor",)
    assert await roles.affiliations_of(tenant.id, ada.id) == Affiliations(("editor",), ("Writers, all",))
    stored = await credentials.password_of(tenant.id, ada.id)
    assert (await passwords.verify_password(stored, "correct-horse-battery")).matches


async def test_new_tenant_can_sign_at_once() -> None:
    await apply("tenant: acme")
    tenant = await get_tenant()
    assert (await keys.signing_key(tenant.id, "ES256")).algorithm is keys.Algorithm.ES256
    assert await keys.mac_keys(tenant.id)


async def test_second_time_changes_and_audits_nothing() -> None:
    await apply(FULL)
    before = await events(await get_tenant())
    plan = await apply(FULL)
    assert plan.is_done
    assert await events(await get_tenant()) == before


async def test_every_change_is_audited_with_its_author() -> None:
    await apply(FULL)
    found = await events(await get_tenant())
    assert [name for name, _, _ in found if not name.startswith("key.")] == [
        "tenant.created",
        "scope.created",
        "scope.created",
        "scope.created",
        "resource.created",
        "role.created",
        "group.created",
        "client.created",
        "client.created",
        "client_secret.added",
        "user.created",
        "user.roles_changed",
        "group.member_added",
        "manifest.applied",
    ]
    assert {actor for name, actor, _ in found if not name.startswith("key.")} == {"system:root"}
    assert found[-1][2] == {"file": "acme.yaml", "created": 10, "changed": 0, "removed": 0}


async def test_audit_tells_what_changed_and_of_people_only_where() -> None:
    await apply(FULL)
    await apply(FULL.replace("Read your notes", "Read all").replace("Ada Lovelace", "Ada King"))
    scope, user, _ = (await events(await get_tenant()))[-3:]
    assert scope[2] == {"name": "notes:read", "changes": {"description": ["Read your notes", "Read all"]}}
    assert (user[0], user[2]) == ("user.updated", {"fields": ["name"]})


async def test_everything_can_change_and_everything_can_go() -> None:
    await apply(FULL)
    tenant = await get_tenant()
    changed = FULL.replace("display_name: Notes", "display_name: All notes").replace("30s", "1m")
    changed = changed.replace('scope: "notes:read"', 'scope: "notes:write"')
    await apply(changed.replace("    claims:", "    enabled: false\n    claims:"))
    assert [resource.display_name for resource in await resources.list_resources(tenant.id)] == ["All notes"]
    assert (await get_tenant()).settings.refresh_grace == MINUTE
    batch = await clients.find(tenant.id, "batch")
    assert batch is not None
    assert batch.scope == ("notes:write",)
    nothing = "tenant: acme\nscopes: []\nresources: []\nroles: []\ngroups: []\nclients: []\nusers: []"
    plan = await apply(nothing, replace(OPTIONS, prune=True))
    assert plan.count(Sign.REMOVED) == 9
    assert {name for name, _, _ in await events(tenant)} >= {
        "resource.updated",
        "scope.removed",
        "resource.removed",
        "role.removed",
        "group.removed",
        "client.removed",
        "user.removed",
    }
    assert (await apply(nothing, replace(OPTIONS, prune=True))).is_done


async def test_role_is_described_until_something_else_is_written() -> None:
    await apply("tenant: acme\nroles: [{name: editor, description: Changes every text}, author]")
    assert (await apply("tenant: acme\nroles: [editor, author]")).is_done
    assert "- name: editor\n  description: Changes every text\n" in await export_tenant("acme", PUBLIC_URL)
    plan = await apply("tenant: acme\nroles: [{name: editor, description: ''}]")
    assert [str(change) for change in plan.roles] == ["~ role editor (description)"]
    assert (await roles.list_roles((await get_tenant()).id))[1].description == ""
    with pytest.raises(ManifestError, match="one line of at most 500 characters"):
        await apply(f"tenant: acme\nroles: [{{name: editor, description: {'x' * 501}}}]")


async def test_group_gives_and_holds_until_something_else_is_written() -> None:
    await apply(FULL)
    tenant = await get_tenant()
    left_alone = "tenant: acme\ngroups: ['Writers, all', Others]\nusers: [{username: ada}]"
    assert [str(change) for change in (await apply(left_alone)).groups] == ["= group Writers, all", "+ group Others"]
    assert "- name: Writers, all\n  description: Whoever writes\n  roles:\n  - editor\n" in await export_tenant(
        "acme", PUBLIC_URL
    )
    moved = "tenant: acme\ngroups: [{name: 'Writers, all', roles: []}]\nusers: [{username: ada, groups: [Others]}]"
    plan = await apply(moved)
    assert [str(change) for change in plan.groups] == ["~ group Writers, all (roles)"]
    assert [str(change) for change in plan.people] == ["~ user ada (groups)"]
    assert [name for name, _, _ in (await events(tenant))[-4:]] == [
        "group.updated",
        "group.member_removed",
        "group.member_added",
        "manifest.applied",
    ]
    assert (await apply(await export_tenant("acme", PUBLIC_URL))).is_done


async def test_name_that_is_freed_can_be_taken_in_the_same_breath() -> None:
    await apply("tenant: acme\nusers: [{username: ada, email: ada@acme.test}]")
    plan = await apply("tenant: acme\nusers: [{username: eve, email: ada@acme.test}]", replace(OPTIONS, prune=True))
    assert [str(change) for change in plan.people] == ["+ user eve", "- user ada"]


async def test_person_is_given_only_roles_that_there_are() -> None:
    await apply(FULL)
    tenant = await get_tenant()
    ada = await users.find_by_identifier(tenant.id, "ada")
    assert ada is not None
    with pytest.raises(roles.InvalidRole):
        await user_acts.set_roles(OPERATOR, tenant, ada.id, before=(), after=("nonsense",), now=NOW)


async def test_secrets_are_not_in_the_audit() -> None:
    await apply(FULL)
    await apply(FULL.replace("change-me", "another-secret"), replace(OPTIONS, set_secrets=True))
    told = str(await events(await get_tenant()))
    assert "client_secret.replaced" in told
    for secret in ("change-me", "another-secret", "correct-horse-battery", "argon2"):
        assert secret not in told


async def test_failure_leaves_nothing_behind() -> None:
    other = 'tenant: other\nsettings: {refresh_grace: 1m}\ndomain: auth.acme.test\nscopes: [{name: "a"}]\n'
    await apply("tenant: acme\ndomain: auth.acme.test")
    with pytest.raises(AlreadyExists):
        await apply(other)
    assert await tenants.find_by_slug("other", PUBLIC_URL) is None
    await apply(other.replace("auth.acme.test", "auth.other.test"))
    with pytest.raises(ManifestError):
        await apply("tenant: other\nsettings: {refresh_grace: 2m}\nresources: [{identifier: nonsense}]\n")
    assert (await get_tenant("other")).settings.refresh_grace == 60_000_000


async def test_whoever_may_not_changes_nothing() -> None:
    with pytest.raises(NotPermitted):
        await apply(FULL, operator=Operator.administrator(NOBODY.id, ()))
    assert await tenants.find_by_slug("acme", PUBLIC_URL) is None


async def test_planning_changes_nothing() -> None:
    (manifest,) = parse_manifests(FULL, "acme.yaml")
    plan = await plan_manifest(manifest, OPTIONS, NOW)
    assert plan.count(Sign.CREATED) == 10
    assert await tenants.find_by_slug("acme", PUBLIC_URL) is None


async def test_two_tenants_do_not_touch_each_other() -> None:
    await apply(FULL)
    await apply(FULL.replace("tenant: acme", "tenant: other").replace("Read your notes", "Read other notes"))
    await apply("tenant: other\nscopes: []\nclients: []\nusers: []\nresources: []", replace(OPTIONS, prune=True))
    assert (await apply(FULL)).is_done
    other = await get_tenant("other")
    assert await clients.find(other.id, "batch") is None
    assert await users.list_users(other.id) == ()


async def test_pruned_client_and_person_lose_their_grants_and_sessions() -> None:
    await apply(FULL)
    tenant = await get_tenant()
    client, ada = await clients.find(tenant.id, "notes-cli"), await users.find_by_identifier(tenant.id, "ada")
    assert client is not None
    assert ada is not None
    by_client = await make_grant(tenant, client, await make_user(tenant, "bob"))
    by_person = await make_grant(tenant, await make_client(tenant, "console-made"), ada)
    session = sessions.begin(tenant.id, ada.id, idle=10**9, longest=10**9, now=NOW)
    row, token = sessions.new_row(tenant.id, session)
    await database.write(row)
    await apply("tenant: acme\nclients: []\nusers: []", replace(OPTIONS, prune=True))
    for grant in (by_client, by_person):
        found = await grants.find(tenant.id, grant.id)
        assert found is not None
        assert found.revoked_at == NOW
    assert await sessions.find(tenant.id, token, NOW) is None
    assert await credentials.password_of(tenant.id, ada.id) is None


async def test_person_who_is_disabled_is_signed_out() -> None:
    await apply(FULL)
    tenant = await get_tenant()
    ada = await users.find_by_identifier(tenant.id, "ada")
    assert ada is not None
    row, token = sessions.new_row(tenant.id, sessions.begin(tenant.id, ada.id, idle=10**9, longest=10**9, now=NOW))
    await database.write(row)
    await apply("tenant: acme\nusers: [{username: ada, enabled: false}]")
    assert await sessions.find(tenant.id, token, NOW) is None


async def test_disabled_client_loses_its_grants_and_a_public_one_its_secrets() -> None:
    await apply(FULL)
    tenant = await get_tenant()
    cli = await clients.find(tenant.id, "notes-cli")
    assert cli is not None
    grant = await make_grant(tenant, cli, await make_user(tenant, "bob"))
    public = "{client_id: batch, token_endpoint_auth_method: none, redirect_uris: ['https://a.test/cb']}"
    disabled = "{client_id: notes-cli, redirect_uris: ['http://127.0.0.1/callback'], enabled: false}"
    await apply(f"tenant: acme\nclients: [{public}, {disabled}]")
    found, batch = await grants.find(tenant.id, grant.id), await clients.find(tenant.id, "batch")
    assert found is not None
    assert found.revoked_at == NOW
    assert batch is not None
    assert batch.secrets == ()


async def test_dynamic_client_is_not_taken_over() -> None:
    await apply("tenant: acme")
    await make_client(await get_tenant(), "app", source=clients.ClientSource.DYNAMIC)
    with pytest.raises(AlreadyExists):
        await apply("tenant: acme\nclients: [{client_id: app, redirect_uris: ['https://a.test/cb']}]")


async def test_export_is_a_manifest_that_changes_nothing() -> None:
    await apply(FULL.replace("domain: null", "domain: auth.acme.test"))
    text = await export_tenant("acme", PUBLIC_URL)
    assert (await apply(text, replace(OPTIONS, prune=True))).is_done


async def test_look_and_rules_of_sign_in_come_back_as_they_were_written() -> None:
    branding = {
        "primary_color": "#0a5c43",
        "dark_color": "#7fd8b6",
        "logo": images.redrawn(TINY_GIF),
        "logo_uri": None,
        "login_text": {"en": "Welcome", "de": "Willkommen"},
        "support_contact": "help@acme.test",
        "terms_uri": "https://acme.test/terms",
        "privacy_uri": None,
    }
    settings = {"keep_signed_in": "offered", "shortest_password": 12, "login_tries": 5, "login_tries_window": "20m"}
    await apply(yaml.safe_dump({"tenant": "acme", "branding": branding | {"logo": TINY_GIF}, "settings": settings}))
    text = await export_tenant("acme", PUBLIC_URL)
    told = yaml.safe_load(text)
    assert told["branding"] == branding
    assert {name: told["settings"][name] for name in settings} == settings
    assert (await apply(text)).is_done
    with pytest.raises(ManifestError, match="12 characters"):
        await apply("tenant: acme\nusers: [{username: new, password: elevenchars}]")
    with pytest.raises(ManifestError, match="no picture"):
        await apply("tenant: acme\nbranding: {logo: 'data:image/png;base64,AAAA'}")


async def test_export_makes_the_same_tenant_elsewhere() -> None:
    await apply(FULL)
    text = await export_tenant("acme", PUBLIC_URL)
    plan = await apply(text.replace("tenant: acme", "tenant: other"))
    assert plan.count(Sign.CREATED) == 10
    assert (await export_tenant("other", PUBLIC_URL)).replace("tenant: other", "tenant: acme") == text


async def test_export_has_no_secrets_and_nothing_that_registered_itself() -> None:
    await apply(FULL)
    await make_client(await get_tenant(), "dyn", source=clients.ClientSource.DYNAMIC)
    text = await export_tenant("acme", PUBLIC_URL)
    for absent in ("change-me", "correct-horse", "argon2", "secret:", "client_id: dyn"):
        assert absent not in text


async def test_unknown_tenant_is_not_exported() -> None:
    with pytest.raises(UnknownTenant):
        await export_tenant("nobody", PUBLIC_URL)


NOBODY = users.new_user(tenants.PLATFORM, "nobody", origin=Origin.CLI, now=NOW)


async def test_what_is_said_of_registration_comes_back_as_it_was_written() -> None:
    key = ECKey.generate_key("P-256", {"kid": "vendor", "use": "sig"}).as_dict(private=False)
    written = {
        "registration": "token",
        "unused_client_lifetime": "60d",
        "software_statement_issuers": {"https://vendor.test": {"keys": [key]}},
    }
    await apply(yaml.safe_dump({"tenant": "open", "settings": written}))
    told = yaml.safe_load(await export_tenant("open", PUBLIC_URL))["settings"]
    assert {name: told[name] for name in written} == written
