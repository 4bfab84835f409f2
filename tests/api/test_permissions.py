"""Every route times every role: what is not allowed is not done, and no other tenant is seen."""

from __future__ import annotations

import pytest

from server.administration import administrator_tokens
from server.api import ROUTES, Route
from server.kernel import clock, database, ids
from server.roles import AdminRole
from tests.api.conftest import OPERATOR, Platform

INSIDERS = ("tenant-owner", "tenant-admin", "client-manager", "user-manager", "auditor")
EVERYBODY = frozenset({"owner", *INSIDERS})
PLATFORM = frozenset({"owner"})
OWNERS = PLATFORM | {"tenant-owner"}
ADMINS = OWNERS | {"tenant-admin"}
CLIENTS, USERS = ADMINS | {"client-manager"}, ADMINS | {"user-manager"}

# Who may do what in their tenant. A route that is not here has not been thought about.
ALLOWED: dict[str, frozenset[str]] = {
    "getMyself": EVERYBODY,
    "listTenants": EVERYBODY,
    "createTenant": PLATFORM,
    "getTenant": EVERYBODY,
    "changeTenant": ADMINS,
    "deleteTenant": PLATFORM,
    "listAdministrators": PLATFORM,
    "addAdministrator": PLATFORM,
    "removeAdministratorRole": PLATFORM,
    "deleteAdministrator": PLATFORM,
    "createServiceAccount": PLATFORM,
    "addServiceAccountSecret": OWNERS,
    "deleteServiceAccount": OWNERS,
    "listAdministratorsOfTenant": EVERYBODY,
    "addAdministratorOfTenant": OWNERS,
    "removeAdministratorRoleOfTenant": OWNERS,
    "createServiceAccountOfTenant": OWNERS,
    **dict.fromkeys(("listClients", "getClient"), EVERYBODY),
    **dict.fromkeys(
        ("registerClient", "changeClient", "deleteClient", "addClientSecret", "deleteClientSecret"), CLIENTS
    ),
    **dict.fromkeys(("listUsers", "getUser", "getUserRoles"), EVERYBODY),
    **dict.fromkeys(
        ("createUser", "changeUser", "deleteUser", "setUserPassword", "signUserOut", "setUserRoles"), USERS
    ),
    **dict.fromkeys(("listScopes", "getScope", "listResources", "getResource", "listRoles", "getRole"), EVERYBODY),
    **dict.fromkeys(("listGroups", "getGroup", "listGroupMembers"), EVERYBODY),
    **dict.fromkeys(("createGroup", "changeGroup", "deleteGroup", "addGroupMember", "removeGroupMember"), USERS),
    **dict.fromkeys(("defineScope", "changeScope", "deleteScope"), CLIENTS),
    **dict.fromkeys(("defineResource", "changeResource", "deleteResource"), CLIENTS),
    **dict.fromkeys(("defineRole", "changeRole", "deleteRole"), USERS),
    **dict.fromkeys(("listSessions", "listGrants", "listConsents", "listKeys"), EVERYBODY),
    **dict.fromkeys(("endSession", "endSessions", "revokeGrant", "withdrawConsent"), USERS),
    **dict.fromkeys(("rotateKeys", "retireKey"), ADMINS),
    "listInitialAccessTokens": EVERYBODY,
    **dict.fromkeys(("createInitialAccessToken", "revokeInitialAccessToken", "setClientState"), CLIENTS),
    **dict.fromkeys(("getTrustPolicy", "listTrustPolicyVersions", "getTrustPolicyVersion"), EVERYBODY),
    **dict.fromkeys(("replayTrustPolicy", "simulateTrust", "listTrustOrigins", "getTrustOrigin"), EVERYBODY),
    **dict.fromkeys(("listTrustVerdicts", "getTrustVerdict", "listTrustHolds", "getTrustHold"), EVERYBODY),
    **dict.fromkeys(("listTrustDomains", "getTrustDomain"), EVERYBODY),
    **dict.fromkeys(("saveTrustPolicy", "restoreTrustPolicyVersion"), ADMINS),
    **dict.fromkeys(("giveTrustVerdict", "takeTrustVerdictBack", "answerTrustHolds"), ADMINS),
    **dict.fromkeys(("claimTrustDomain", "checkTrustDomain", "giveTrustDomainUp"), ADMINS),
    "vouchForTrustDomain": PLATFORM,
    **dict.fromkeys(("listAuditEvents", "getAuditEvent", "exportAuditEvents", "tailAuditEvents"), EVERYBODY),
    **dict.fromkeys(("getAuditChain", "signAuditCheckpoint"), EVERYBODY),
    **dict.fromkeys(("listWebhooks", "getWebhook", "listWebhookDeliveries"), EVERYBODY),
    **dict.fromkeys(("createWebhook", "changeWebhook", "deleteWebhook", "retryWebhookDelivery"), ADMINS),
    **dict.fromkeys(("rotateWebhookSecret", "retireWebhookSecret"), ADMINS),
    **dict.fromkeys(("listDeadJobs", "retryDeadJob"), PLATFORM),
}
# Hidden from those who may not: they cannot be told that there is such an account.
HIDDEN = {"addServiceAccountSecret", "deleteServiceAccount"}
# Parts of paths that name what is not there.
NOTHING = ("secret", "session", "grant", "token", "verdict", "hold", "event", "webhook", "delivery", "job", "key")


def test_every_route_was_thought_about() -> None:
    assert {route.name for route in ROUTES} == set(ALLOWED)


async def paths_of(platform: Platform, account: str) -> dict[str, str]:
    """The path of every route by its name, with things that there are."""
    parts = {
        "tenant": "acme",
        "client": (await platform.one("/tenants/acme/clients", client_id="webapp"))["id"],
        "user": (await platform.one("/tenants/acme/users", username="ada"))["id"],
        "scope": "notes:read",
        "resource": (await platform.one("/tenants/acme/resources"))["id"],
        "group": (await platform.one("/tenants/acme/groups"))["id"],
        "account": account,
        "domain": "acme.test",
        "number": "0",
        **dict.fromkeys(NOTHING, str(ids.uuid7())),
    }
    return {
        route.name: route.path.format(**parts, role="auditor" if "administrators" in route.path else "nobody")
        for route in ROUTES
    }


async def attempt(platform: Platform, route: Route, path: str, caller: str) -> int:
    """The status of a call that is refused for its content, if for nothing else."""
    fields = {"if_match": '"an-old-version"'} if route.shows else {}
    if route.streams:
        path += "?unknown=1"  # nobody waits for a stream to end
    body = {"unknown": True} if route.body else None
    return (await platform.call(route.method, path, body, caller=caller, **fields)).status_code


@pytest.fixture
async def account(platform: Platform) -> str:
    """A service account of `acme`."""
    made = await platform.call("POST", "/tenants/acme/service-accounts", {"name": "Bot", "role": "auditor"})
    return str(made.json()["id"])


async def written() -> int:
    """How much was ever audited, but for what was refused."""
    row = await database.row("SELECT count(*) AS total FROM audit_event WHERE event <> 'permission.refused'")
    assert row is not None
    return database.as_int(row["total"])


@pytest.mark.parametrize("caller", sorted(EVERYBODY))
async def test_roles_allow_what_the_table_says(platform: Platform, account: str, caller: str) -> None:
    wrong = []
    last = {"deleteServiceAccount", "deleteAdministrator", "rotateKeys"}
    paths = await paths_of(platform, account)
    for route in sorted(ROUTES, key=lambda route: (route.name in last, route.name)):
        before = await written()
        status = await attempt(platform, route, paths[route.name], caller)
        refused = 404 if route.name in HIDDEN else 403
        allowed = caller in ALLOWED[route.name]
        if (status == refused) == allowed or status >= 500 or status == 401:
            wrong.append((route.name, status))
        if not allowed and await written() != before:
            wrong.append((route.name, -1))
    assert wrong == []


async def test_nothing_of_another_tenant_is_seen(platform: Platform, account: str) -> None:
    wrong = []
    paths, before = await paths_of(platform, account), await written()
    for route in ROUTES:
        status = await attempt(platform, route, paths[route.name], "stranger")
        if (route.in_tenant or route.name in HIDDEN) and status != 404:
            wrong.append((route.name, status))
    assert wrong == []
    assert await written() == before
    listed = (await platform.call("GET", "/tenants", caller="stranger")).json()["items"]
    assert [tenant["slug"] for tenant in listed] == ["other"]


async def test_ids_of_another_tenant_are_nothing_here(platform: Platform) -> None:
    theirs = {noun: (await platform.call("GET", f"/tenants/acme/{noun}")).json()["items"][0]["id"]
              for noun in ("clients", "users", "resources", "groups")}  # fmt: skip
    for noun, name in theirs.items():
        for method in ("GET", "DELETE"):
            refused = await platform.call(method, f"/tenants/other/{noun}/{name}", caller="stranger", if_match="*")
            assert refused.status_code == 404
        assert (await platform.call("GET", f"/tenants/acme/{noun}/{name}")).status_code == 200


async def test_token_for_one_tenant_reaches_no_other(platform: Platform) -> None:
    platform.tokens["limited"] = await administrator_tokens.issue_token(
        OPERATOR, platform.system, "owner", platform.acme, clock.now()
    )
    assert (await platform.call("GET", "/tenants/acme", caller="limited")).status_code == 200
    assert (await platform.call("GET", "/tenants/other", caller="limited")).status_code == 404
    assert (await platform.call("GET", "/administrators", caller="limited")).status_code == 403
    new = {"slug": "third", "display_name": "Third"}
    assert (await platform.call("POST", "/tenants", new, caller="limited")).status_code == 403
    listed = (await platform.call("GET", "/tenants", caller="limited")).json()["items"]
    assert [tenant["slug"] for tenant in listed] == ["acme"]


async def test_rights_are_those_of_the_moment(platform: Platform) -> None:
    auditor = await platform.one("/tenants/acme/administrators", username="auditor")
    path = f"/tenants/acme/administrators/{auditor['user_id']}/roles/auditor"
    assert (await platform.call("GET", "/tenants/acme", caller="auditor")).status_code == 200
    assert (await platform.call("DELETE", path)).status_code == 204
    refused = await platform.call("GET", "/tenants/acme", caller="auditor")
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:latchkey:problem:insufficient_scope")


async def test_last_owner_stays(platform: Platform) -> None:
    owner = await platform.one("/administrators", username="owner")
    for path in (f"/administrators/{owner['user_id']}", f"/administrators/{owner['user_id']}/roles/platform-owner"):
        refused = await platform.call("DELETE", path)
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:latchkey:problem:last_owner")
    path = f"/tenants/system/users/{owner['user_id']}"
    assert (await platform.call("PATCH", path, {"enabled": False}, if_match="*")).status_code == 409
    assert (await platform.call("DELETE", path, if_match="*")).status_code == 409
    second = {"username": "second", "role": "platform-owner", "password": "correct-horse-battery"}
    assert (await platform.call("POST", "/administrators", second)).status_code == 201
    assert (await platform.call("DELETE", f"/administrators/{owner['user_id']}")).status_code == 204
    assert (await platform.call("GET", "/me")).status_code == 401


async def test_tenant_keeps_its_last_owner_unless_the_platform_says_otherwise(platform: Platform) -> None:
    owner = await platform.one("/tenants/acme/administrators", username="tenant-owner")
    path = f"/tenants/acme/administrators/{owner['user_id']}/roles/tenant-owner"
    assert (await platform.call("DELETE", path, caller="tenant-owner")).status_code == 409
    assert (await platform.call("DELETE", path)).status_code == 204


async def test_system_tenant_is_nobodys_to_describe(platform: Platform) -> None:
    tenant = {"settings": {"registration": "open"}}
    assert (await platform.call("PATCH", "/tenants/system", tenant, if_match="*")).status_code == 409
    client = {"client_id": "thief", "redirect_uris": ["https://evil.test/"], "scope": "admin"}
    assert (await platform.call("POST", "/tenants/system/clients", client)).status_code == 409
    new = {"username": "eve", "role": "tenant-owner", "password": "correct-horse-battery"}
    assert (await platform.call("POST", "/tenants/system/administrators", new)).status_code == 422
    assert AdminRole.PLATFORM_OWNER.value in (await platform.call("GET", "/administrators")).text
    console = await platform.one("/tenants/system/clients", client_id="console")
    path = f"/tenants/system/clients/{console['id']}"
    assert (await platform.call("DELETE", path, if_match="*")).status_code == 409
