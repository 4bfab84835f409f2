"""Every page of the console times every role: what is not allowed is neither done nor shown."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from server import audit, clients, keys, resources, roles, users, webhooks
from server.administration import Permission
from server.kernel import database, ids
from tests.admin.conftest import SAME_ORIGIN, Administrator, Platform
from web.admin.navigation import OF_PLATFORM, OF_TENANT
from web.admin.rows import Row
from web.admin.scopes.contexts import segment_of
from web.admin.search.actions import ACTIONS
from web.admin.table import ROWS

INSIDERS = ("tenant-owner", "tenant-admin", "client-manager", "user-manager", "auditor")
EVERYBODY = ("owner", *INSIDERS)
ADMINS = {"owner", "tenant-owner", "tenant-admin"}

# What a permission means in its tenant, written down once more: the table of roles in the specification.
ALLOWED = {
    None: set(EVERYBODY),
    Permission.READ: set(EVERYBODY),
    Permission.MANAGE_CLIENTS: ADMINS | {"client-manager"},
    Permission.MANAGE_USERS: ADMINS | {"user-manager"},
    Permission.MANAGE_SETTINGS: ADMINS,
    Permission.MANAGE_KEYS: ADMINS,
    Permission.MANAGE_ADMINISTRATORS: {"owner", "tenant-owner"},
    Permission.MANAGE_TENANTS: {"owner"},
}
# What a form needs at least, to be one that would be carried out or refused for its content.
ELSEWHERE = {"/sign-out", "/resume/<handle>"}


async def paths_of(platform: Platform) -> Callable[[Row], str]:
    """What gives a row's path, with things that there are."""
    client = await clients.find(platform.acme.id, "webapp")
    user = await users.find_by_identifier(platform.acme.id, "ada")
    assert client is not None
    assert user is not None
    administrator = await users.find_by_identifier(platform.system.id, "tenant-owner")
    assert administrator is not None
    (resource,) = await resources.list_resources(platform.acme.id)
    (role,) = await roles.list_roles(platform.acme.id)
    (group,) = await roles.list_groups(platform.acme.id)
    (webhook,) = await webhooks.list_webhooks(platform.acme.id)
    newest = (await audit.search(platform.acme.id, audit.Filters(), limit=1)).entries[0]
    things = {"client": client.id, "user": user.id, "resource": resource.id, "administrator": administrator.id}
    things |= {"role": role.id, "group": group.id, "webhook": webhook.id, "event": newest.id}
    known = {
        "tenant": "acme",
        "kind": "web",
        "scope": segment_of("notes:read"),
        "key": (await keys.signing_key(platform.acme.id, "ES256")).kid,
        "domain": "acme.test",
    } | {name: ids.to_short(found) for name, found in things.items()}

    def path_of(row: Row) -> str:
        filled = re.sub(r"<(\w+)>", lambda found: known.get(found[1]) or ids.to_short(ids.uuid7()), row.path)
        return f"/admin{filled}"

    return path_of


async def ask(administrator: Administrator, row: Row, path: str) -> int:
    """The status of a request; forms are sent empty."""
    answer = await (administrator.get(path) if row.method == "GET" else administrator.post(path))
    return answer.status_code


async def written() -> int:
    """How much was ever audited, but for what was refused."""
    row = await database.row("SELECT count(*) AS total FROM audit_event WHERE event <> 'permission.refused'")
    assert row is not None
    return database.as_int(row["total"])


def is_allowed(row: Row, role: str) -> bool:
    """Whether the table of roles lets a role do this."""
    if not row.in_tenant and row.permission is not None:
        return role == "owner"
    return role in ALLOWED[row.permission]


@pytest.mark.parametrize("role", EVERYBODY)
async def test_roles_may_what_the_table_says(platform: Platform, role: str) -> None:
    administrator, path_of = await platform.signed_in(role), await paths_of(platform)
    wrong = []
    # What ends the session, or what the others need, comes last.
    for row in sorted(ROWS, key=lambda row: ("remove" in row.path, row.path, row.method)):
        if row.path in ELSEWHERE:
            continue
        path, before = path_of(row), await written()
        status = await ask(administrator, row, path)
        if is_allowed(row, role):
            wrong += [(row.method, row.path, status)] if status in {401, 403} or status >= 500 else []
        elif status not in {403, 404} or await written() != before:
            wrong.append((row.method, row.path, status))
    assert wrong == []


@pytest.mark.parametrize("role", EVERYBODY)
async def test_pages_show_only_forms_that_may_be_sent(platform: Platform, role: str) -> None:
    administrator, path_of = await platform.signed_in(role), await paths_of(platform)
    wrong = []
    by_path = {row.path: row for row in ROWS if row.method == "POST"}
    for row in ROWS:
        if row.method != "GET" or row.path in ELSEWHERE:
            continue
        page = await administrator.get(path_of(row))
        for action in re.findall(r'<form[^>]* method="post"(?: action="([^"]*)")?', page.text):
            target = by_path.get(row.path if not action else template_of(action))
            if (
                target is not None
                and not is_allowed(target, role)
                and '<fieldset class="sheet__fields" disabled' not in page.text
            ):
                wrong.append((row.path, action))
    assert wrong == []


def template_of(action: str) -> str:
    """The row's path that an action fits."""
    path = action.removeprefix("/admin")
    for row in ROWS:
        if re.fullmatch(re.sub(r"<\w+>", "[^/]+", row.path), path):
            return row.path
    return path


async def test_nothing_of_another_tenant_is_there(platform: Platform) -> None:
    stranger, path_of = await platform.signed_in("stranger"), await paths_of(platform)
    before = await written()
    answers = {row.name: await ask(stranger, row, path_of(row)) for row in ROWS if row.in_tenant}
    assert set(answers.values()) == {404}
    assert await written() == before
    assert "/admin/t/acme" not in (await stranger.get("/admin/switch")).text
    assert (await stranger.get("/admin/tenants")).status_code == 403


async def test_things_of_another_tenant_are_nothing_here(platform: Platform) -> None:
    stranger, path_of = await platform.signed_in("stranger"), await paths_of(platform)
    for row in ROWS:
        if any(thing in row.path for thing in ("<client>", "<user>", "<role>", "<group>", "<webhook>", "<event>")):
            path = path_of(row).replace("/t/acme/", "/t/other/")
            assert await ask(stranger, row, path) == 404, row.path


async def test_nobody_gets_anything_without_signing_in(platform: Platform) -> None:
    nobody, path_of = platform.browser("nobody"), await paths_of(platform)
    for row in ROWS:
        answer = await (
            nobody.get(path_of(row))
            if row.method == "GET"
            else nobody.http.post(path_of(row), data={"csrf": "x"}, headers=SAME_ORIGIN)
        )
        assert answer.status_code == 303
        assert "/t/system/authorize?" in answer.headers["location"]


async def test_forms_need_the_token_of_the_sign_in(platform: Platform) -> None:
    owner, path_of = await platform.signed_in("owner"), await paths_of(platform)
    for row in ROWS:
        if row.method == "POST":
            path, before = path_of(row), await written()
            assert (await owner.post(path, csrf="of-somebody-else")).status_code == 403
            assert (
                await owner.http.post(path, data={"csrf": owner.csrf}, headers={"sec-fetch-site": "cross-site"})
            ).status_code == 403
            assert await written() == before


def test_navigation_leads_to_pages_that_there_are() -> None:
    pages = {row.path for row in ROWS if row.method == "GET"}
    for _, entries in OF_TENANT:
        for entry in entries:
            assert f"/t/<tenant>/{entry.path}".rstrip("/") in pages
    for entry in OF_PLATFORM:
        assert f"/{entry.path}" in pages
    for _, _, parts, permission in ACTIONS:
        row = next(row for row in ROWS if row.path == "/".join(["/t/<tenant>", *parts]) and row.method == "GET")
        assert row.permission is permission
