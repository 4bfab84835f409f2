"""Signing in to the console by Latchkey's own flow, staying, leaving, and what a session that ended leaves behind."""

from __future__ import annotations

import re
from dataclasses import replace

import httpx2
import pytest

from server import roles, sessions, users
from server.administration import get_system_tenant
from server.kernel import clock, shared_state
from server.kernel.clock import DAY
from server.roles import AdminRole, Membership
from tests.admin.conftest import PASSWORD, SAME_ORIGIN, Administrator, Platform
from tests.conftest import PUBLIC_URL
from tests.support.forms import read_document
from web.requests import MAX_FORM_BYTES


async def end_sessions(platform: Platform, name: str) -> None:
    """Let everything that somebody is signed in to end."""
    user = await users.find_by_identifier(platform.system.id, name)
    assert user is not None
    assert await sessions.end_for_user(platform.system.id, user.id, clock.now())


async def test_sign_in_leads_back_to_the_page(platform: Platform) -> None:
    owner = platform.browser("owner")
    answer = await owner.sign_in("/admin/t/acme/users?state=enabled")
    assert (answer.status_code, answer.url.path, answer.url.query) == (200, "/admin/t/acme/users", b"state=enabled")
    again = await owner.get("/admin/t/acme/clients")
    assert "Web application" in again.text
    assert "form-action 'self'; connect-src 'self'" in again.headers["content-security-policy"]


async def test_first_page_is_that_of_a_tenant(platform: Platform) -> None:
    answer = await platform.browser("auditor").sign_in()
    assert answer.url.path == "/admin/t/acme"


async def test_code_of_another_browser_signs_nobody_in(platform: Platform) -> None:
    thief, victim = platform.browser("owner"), platform.browser("auditor")
    answer = await thief.follow(await thief.get("/admin"))
    fields = dict(read_document(answer.text).form("login").hidden()) | {"username": "owner", "password": PASSWORD}
    answer = await thief.http.post(str(answer.url), data=fields, headers=SAME_ORIGIN)
    while "/admin/callback" not in answer.headers["location"]:
        answer = await thief.get(answer.headers["location"])
    refused = await victim.get(answer.headers["location"])
    assert (refused.status_code, read_document(refused.text).error) == (400, "access_denied")
    assert (await victim.get("/admin")).status_code == 303
    assert (await thief.follow(answer)).status_code == 200
    used = await thief.get(answer.headers["location"])
    assert used.status_code == 400


async def test_cookie_is_nothing_without_the_session(platform: Platform) -> None:
    owner = await platform.signed_in("owner")
    thief = platform.browser("nobody")
    (name,) = [name for name in owner.http.cookies if name.endswith("-c")]
    thief.http.cookies.set(name, owner.http.cookies[name])
    assert (await owner.get("/admin/t/acme")).status_code == 200
    assert (await thief.get("/admin/t/acme")).status_code == 303


async def test_sign_out_ends_the_session(platform: Platform) -> None:
    owner = await platform.signed_in("owner")
    kept = dict(owner.http.cookies)
    answer = await owner.post("/admin/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PUBLIC_URL}/admin")
    owner.http.cookies.update(kept)
    assert (await owner.get("/admin/t/acme")).status_code == 303


async def test_person_without_memberships_is_told_so(platform: Platform) -> None:
    auditor = await platform.signed_in("auditor")
    system = await get_system_tenant(PUBLIC_URL)
    user = await users.find_by_identifier(system.id, "auditor")
    assert user is not None
    await roles.remove_membership(system.id, Membership(user.id, AdminRole.AUDITOR, platform.acme.id))
    answer = await auditor.get("/admin/t/acme")
    assert (answer.status_code, read_document(answer.text).error) == (403, "access_denied")


async def _resume(administrator: Administrator, answer: httpx2.Response) -> httpx2.Response:
    page = await administrator.follow(answer)
    fields = dict(read_document(page.text).form("login").hidden()) | {
        "username": administrator.name,
        "password": PASSWORD,
    }
    return await administrator.follow(await administrator.http.post(str(page.url), data=fields, headers=SAME_ORIGIN))


async def test_form_sent_too_late_can_be_sent_again(platform: Platform) -> None:
    owner = await platform.signed_in("owner")
    await end_sessions(platform, "owner")
    typed = {"username": "carol", "name": "Carol", "email": "", "how": "none", "password": "a-secret-thing"}
    page = await _resume(owner, await owner.post("/admin/t/acme/users/new", typed))
    assert page.status_code == 200
    assert "Send it again?" in page.text
    assert 'name="username" value="carol"' in page.text
    assert "<dd>a-secret-thing" not in page.text
    (form,) = [form for form in read_document(page.text).forms if form.action.endswith("/users/new")]
    made = await owner.http.post("/admin/t/acme/users/new", data=dict(form.hidden()), headers=SAME_ORIGIN)
    assert made.status_code == 303
    assert re.search("carol", (await owner.get("/admin/t/acme/users")).text)


async def test_nobody_fills_the_memory_from_outside(platform: Platform) -> None:
    nobody = platform.browser("nobody")
    answer = await nobody.http.post("/admin/t/acme/users/new", data={"username": "x"}, headers=SAME_ORIGIN)
    assert answer.status_code == 303
    owner = await platform.signed_in("owner")
    assert (await owner.get("/admin/resume/AAAAAAAAAAAAAAAAAAAAAA")).status_code == 404


def kept_by(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """How long what is kept is, by its key, from now on."""
    kept: dict[str, int] = {}
    state = shared_state.shared_state()
    put = state.put

    async def note(key: str, value: str, ttl: int) -> None:
        kept[key] = len(value)
        await put(key, value, ttl)

    monkeypatch.setattr(state, "put", note)
    return kept


async def test_of_forms_sent_too_late_one_is_kept_and_none_that_is_large(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = await platform.signed_in("owner")
    await end_sessions(platform, "owner")
    kept = kept_by(monkeypatch)
    branding = "/admin/t/acme/branding"
    for large in ({"name": "x" * 900_000}, {"name": "\x01" * 30_000}):
        answer = await owner.post(branding, large)
        assert answer.status_code == 303
    file = {"logo": ("logo.png", b"\x89PNG", "image/png")}
    assert (await owner.http.post(branding, files=file, headers=SAME_ORIGIN)).status_code == 303
    assert not kept
    for number in range(4):
        await owner.post("/admin/t/acme/users/new", {"username": f"carol{number}", "name": "x" * 60_000})
    answer = await owner.post("/admin/t/acme/users/new", {"username": "carol4", "name": "x" * 60_000})
    assert len(kept) == 1
    assert sum(kept.values()) < 2 * MAX_FORM_BYTES
    assert 'name="username" value="carol4"' in (await _resume(owner, answer)).text


@pytest.mark.parametrize("how", ["signed out", "long ago", "disabled"])
async def test_nothing_is_kept_for_whoever_was_signed_out(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    owner = await platform.signed_in("owner")
    cookies = dict(owner.http.cookies)
    user = await users.find_by_identifier(platform.system.id, "owner")
    assert user is not None
    if how == "signed out":
        await owner.post("/admin/sign-out")
        owner.http.cookies.update(cookies)
    elif how == "disabled":
        await users.update(platform.system.id, user, replace(user, enabled=False), clock.now())
    else:
        late = clock.now() + 400 * DAY
        monkeypatch.setattr(clock, "now", lambda: late)
    kept = kept_by(monkeypatch)
    answer = await owner.post("/admin/t/acme/users/new", {"username": "carol"})
    assert answer.status_code == 303
    assert not kept
