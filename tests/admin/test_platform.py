"""What belongs to the platform: tenants are made, administrators given roles and taken them."""

from __future__ import annotations

import re
from importlib.metadata import version

import pytest

from server import roles, tenants, users
from server.administration import health
from server.kernel import clock, ids, outbox, rate_limits, schedule_runs
from server.kernel.clock import SECOND
from server.roles import AdminRole
from tests.admin.conftest import Administrator, Platform
from tests.conftest import PUBLIC_URL

PATH = "/admin/administrators"


async def fresh(administrator: Administrator, location: str) -> str:
    """What the page shows once, and never again."""
    page = await administrator.get(location)
    (found,) = re.findall(r'class="fresh".*?data-copy="([^"]+)"', page.text, re.DOTALL)
    assert 'class="fresh"' not in (await administrator.get(location)).text
    return str(found)


async def path_of(platform: Platform, name: str) -> str:
    """The page of an administrator."""
    user = await users.find_by_identifier(platform.system.id, name)
    assert user is not None
    return f"{PATH}/{ids.to_short(user.id)}"


async def test_tenant_is_made_and_its_overview_says_what_comes_first(platform: Platform) -> None:
    owner = await platform.signed_in("owner")
    refused = await owner.post("/admin/tenants/new", {"display_name": "Kept", "slug": "Not this"})
    assert (refused.status_code, 'id="slug-error"' in refused.text, "Kept" in refused.text) == (422, True, True)
    assert (await owner.post("/admin/tenants/new", {"display_name": "Acme", "slug": "acme"})).status_code == 422
    made = await owner.post("/admin/tenants/new", {"display_name": "New Company", "slug": "new"})
    assert made.headers["location"] == "/admin/t/new"
    assert "First steps" in (await owner.get("/admin/t/new")).text
    assert "New Company" in (await owner.get("/admin/tenants", state="enabled")).text
    agent = await owner.post(
        "/admin/t/new/clients/new/mcp", {"client_name": "Agent", "redirect_uris": "http://127.0.0.1/"}
    )
    trial = agent.headers["location"]
    assert "Nobody can sign in here yet" in (await owner.get(trial)).text
    await owner.post("/admin/t/new/users/new", {"username": "me", "how": "made-up"})
    assert "Sign in as one of the people of this tenant" in (await owner.get(trial)).text
    # A service is newer, and nobody signs in to it.
    await owner.post("/admin/t/new/clients/new/service", {"client_name": "Nightly"})
    assert f'href="{trial}"' in (await owner.get("/admin/t/new")).text
    assert "New Company" not in (await owner.get("/admin/tenants", state="disabled")).text


async def test_manifest_is_previewed_then_applied(platform: Platform) -> None:
    owner = await platform.signed_in("owner")
    wrong = await owner.post("/admin/tenants/import", {"manifest": "tenant: third\nwishes: 3\n"})
    assert (wrong.status_code, "manifest.yaml:2" in wrong.text) == (422, True)
    text = "tenant: third\ndisplay_name: Third\nscopes: [{name: read, description: Read}]\n"
    preview = await owner.post("/admin/tenants/import", {"manifest": text})
    assert "scope read" in preview.text
    assert await tenants.find_by_slug("third", PUBLIC_URL) is None
    done = await owner.post("/admin/tenants/import", {"manifest": text, "seen": "y"})
    assert done.headers["location"] == "/admin/t/third"
    again = await owner.post("/admin/tenants/import", {"manifest": text})
    assert "more are as the manifest says already" in again.text
    assert 'type="submit" disabled' in again.text


async def test_administrator_is_made_given_a_role_and_removed(platform: Platform) -> None:
    owner = await platform.signed_in("owner")
    for typed in (
        {"role": "auditor"},
        {"role": "auditor", "tenant": "nowhere"},
        {"role": "platform-owner", "tenant": "acme"},
    ):
        refused = await owner.post(f"{PATH}/new", {"username": "carol", **typed})
        assert (refused.status_code, 'id="tenant-error"' in refused.text) == (422, True)
    for kind in ("new", "new-service"):
        there = {"username": "carol", "name": "Carol", "role": "auditor", "tenant": "system"}
        assert (await owner.post(f"{PATH}/{kind}", there)).status_code == 422
    taken = await owner.post(f"{PATH}/new", {"username": "owner", "role": "platform-owner"})
    assert (taken.status_code, "Somebody is called like that already" in taken.text) == (422, True)
    made = await owner.post(f"{PATH}/new", {"username": "carol", "role": "auditor", "tenant": "acme"})
    path = made.headers["location"].partition("?")[0]
    assert len(await fresh(owner, made.headers["location"])) > 12
    assert (await owner.post(f"{path}/roles", {"role": "client-manager", "tenant": "other"})).status_code == 303
    assert (await owner.post(f"{path}/roles", {"role": "auditor", "tenant": "system"})).status_code == 422
    change = {"before": "client-manager", "role": "user-manager", "tenant": "other"}
    assert (await owner.post(f"{path}/change", change)).status_code == 303
    assert (await owner.post(f"{path}/change", change)).status_code == 404
    user = await users.find_by_identifier(platform.system.id, "carol")
    assert user is not None
    held = await roles.memberships_of(platform.system.id, user.id)
    assert {one.role for one in held} == {AdminRole.AUDITOR, AdminRole.USER_MANAGER}
    take = {"before": "user-manager", "tenant": "other", "taken": "y", "role": "user-manager"}
    assert (await owner.post(f"{path}/change", take)).status_code == 303
    assert "carol" in (await owner.get(PATH)).text
    assert (await owner.post(f"{path}/remove", {"confirmation": "Carol"})).status_code == 422
    assert (await owner.post(f"{path}/remove", {"confirmation": "carol"})).status_code == 303
    assert (await owner.get(path)).status_code == 404


async def test_tenant_of_a_role_is_found_by_a_few_letters(platform: Platform) -> None:
    owner, path = await platform.signed_in("owner"), f"{PATH}/new"
    assert '<option value="acme">Acme</option>' in (await owner.get(path)).text
    suggested = (await owner.get(path, tenant="oth")).text
    assert re.findall(r'<option value="([a-z]+)">', suggested) == ["other"]
    assert 'name="tenant" type="text" value="oth"' in suggested
    for typed in ("\0", "Nobody\0"):  # PostgreSQL has no such text
        assert (await owner.post(path, {"username": "erin", "role": "auditor", "tenant": typed})).status_code == 422
    asked = {"username": "erin", "role": "auditor", "tenant": "e"}
    several = await owner.post(path, asked)
    assert (several.status_code, 'id="which-error"' in several.text) == (422, True)
    assert re.findall(r'name="which" value="([a-z]+)"( checked)?', several.text) == [("acme", ""), ("other", "")]
    assert 'value="erin"' in several.text
    one = await owner.post(path, asked | {"tenant": "Oth", "which": "acme"})
    assert re.findall(r'name="which" value="([a-z]+)"( checked)?', one.text) == [("other", " checked")]
    wrong = await owner.post(path, asked | {"which": "other", "username": ""})
    assert re.findall(r'name="which" value="([a-z]+)"( checked)?', wrong.text) == [("acme", ""), ("other", " checked")]
    made = await owner.post(path, asked | {"which": "other"})
    erin = made.headers["location"].partition("?")[0]
    assert "other" in (await owner.get(erin)).text
    more = {"role": "client-manager", "tenant": "ac"}
    assert (await owner.post(f"{erin}/roles", more)).status_code == 422
    assert (await owner.post(f"{erin}/roles", more | {"which": "acme"})).status_code == 303


async def test_last_owner_stays_and_the_page_says_so_before(platform: Platform) -> None:
    owner = await platform.signed_in("owner")
    path = await path_of(platform, "owner")
    page = await owner.get(path)
    assert "The last owner of the platform cannot be removed." in page.text
    assert "/change" not in page.text
    assert "One person alone owns the platform" in (await owner.get(PATH)).text
    assert (await owner.post(f"{path}/change", {"before": "platform-owner"})).status_code == 422
    assert (await owner.post(f"{path}/remove", {"confirmation": "owner"})).status_code == 422
    await owner.post(f"{PATH}/new", {"username": "second", "role": "platform-owner"})
    assert "Take this role" in (await owner.get(path)).text
    assert "One person alone" not in (await owner.get(PATH)).text


async def test_tenant_owner_manages_those_of_the_tenant_alone(platform: Platform) -> None:
    mine = "/admin/t/acme/administrators"
    insider, admin = await platform.signed_in("tenant-owner"), await platform.signed_in("tenant-admin")
    listed = await insider.get(mine)
    assert "auditor" in listed.text
    assert "stranger" not in listed.text
    assert (await admin.get(mine)).status_code == 403
    stranger = (await path_of(platform, "stranger")).replace(PATH, mine)
    assert (await insider.get(stranger)).status_code == 404
    assert (await insider.post(f"{stranger}/roles", {"role": "auditor"})).status_code == 404
    auditor = (await path_of(platform, "auditor")).replace(PATH, mine)
    assert "Remove this administrator" not in (await insider.get(auditor)).text
    for wrong in ({"before": "auditor", "role": "platform-owner"}, {"before": "platform-owner", "taken": "y"}):
        refused = await insider.post(f"{auditor}/change", wrong)
        assert (refused.status_code, "Nobody can have this role there." in refused.text) == (422, True)
    take = {"before": "auditor", "taken": "y"}
    assert (await insider.post(f"{auditor}/change", take)).headers["location"] == mine
    own = (await path_of(platform, "tenant-owner")).replace(PATH, mine)
    assert "The last owner: this role stays" in (await insider.get(own)).text
    assert (await insider.post(f"{own}/change", {"before": "tenant-owner", "taken": "y"})).status_code == 422
    assert (await insider.post(f"{mine}/new", {"username": "dan", "role": "platform-owner"})).status_code == 422


async def test_service_account_has_two_secrets_at_most(platform: Platform) -> None:
    insider = await platform.signed_in("tenant-owner")
    mine = "/admin/t/acme/administrators"
    nameless = await insider.post(f"{mine}/new-service", {"name": "  ", "role": "tenant-admin"})
    assert (nameless.status_code, "Enter a name." in nameless.text) == (422, True)
    made = await insider.post(f"{mine}/new-service", {"name": "Deployment", "role": "tenant-admin", "reads_only": "y"})
    path = made.headers["location"].partition("?")[0]
    first = await fresh(insider, made.headers["location"])
    more = await insider.post(f"{path}/secrets")
    assert await fresh(insider, more.headers["location"]) != first
    assert (await insider.post(f"{path}/secrets")).status_code == 422
    page = await insider.get(path)
    secrets = re.findall(r'/secrets/([^/]+)/remove"', page.text)
    assert len(secrets) == 2
    assert (await insider.post(f"{path}/secrets/{secrets[0]}/remove")).status_code == 303
    (name,) = re.findall(r'data-copy="(service-[^"]+)"', page.text)
    assert (await insider.post(f"{path}/remove", {"confirmation": name})).status_code == 303
    assert (await insider.get(path)).status_code == 404


async def test_system_says_how_it_is_and_tries_dead_jobs_again(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, now = await platform.signed_in("owner"), clock.now()
    await schedule_runs.note("sweep", started_at=now, finished_at=now + SECOND, error="LookupError")
    await outbox.enqueue("mail", {}, tenant_id=platform.acme.id, now=now)
    (claim,) = await outbox.claim_due("mail", 1, now=now, leased_until=now + SECOND)
    await outbox.give_up(claim, error="ConnectionError", now=now)
    page = await owner.get("/admin/system")
    for text in ("up to date", "ConnectionError", "LookupError", "1.00 s", version("latchkey")):
        assert text in page.text
    assert "not well" not in page.text
    (retry,) = re.findall(r'action="(/admin/system/jobs/[^"]+)"', page.text)
    assert (await owner.post(retry)).status_code == 303
    assert (await owner.post(retry)).status_code == 404
    assert "job.revived" in (await owner.get("/admin/t/system")).text
    for name, limit in (*tenants.RATE_LIMITS.items(), *tenants.PLATFORM_RATE_LIMITS.items()):
        assert f"rate_limits.{name}" in page.text
        assert f"{limit:,}" in page.text
    assert "LATCHKEY_RATE_LIMITS is off" in page.text
    monkeypatch.setattr(rate_limits, "_refused", {"introspect": rate_limits.Refused(4711, now)})
    assert "<td>4,711</td>" in (await owner.get("/admin/system")).text

    async def fail(_: object) -> str:
        raise health.Problem("the wall is on fire")

    monkeypatch.setattr(health, "CHECKS", {"database": fail})
    page = await owner.get("/admin/system")
    assert "not well" in page.text
    assert "the wall is on fire" in page.text
    assert "Last migration" not in page.text
