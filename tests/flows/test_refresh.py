"""Refreshing: rotation, the window of grace, and what a replay does."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from dataclasses import replace

import pytest

from server import grants, users
from server.endpoints.token import token
from server.endpoints.userinfo import userinfo
from server.grants import GRACE_USES, Grant
from server.kernel import database
from server.kernel.clock import DAY, SECOND, Instant
from server.kernel.json import load_json
from server.tenants import Tenant, TenantSettings
from server.users import User
from tests.issuing import (
    FILES,
    NOTES,
    NOW,
    Answer,
    bearer,
    call,
    make_client,
    make_grant,
    make_tenant,
    make_user,
    refresh_token_of,
    wire_request,
)

pytestmark = pytest.mark.usefixtures("storage")

LATER = NOW + SECOND


@pytest.fixture
async def ada(tenant: Tenant) -> User:
    return await make_user(tenant)


@pytest.fixture
async def grant(tenant: Tenant, ada: User) -> Grant:
    return await redeemed(tenant, ada)


async def redeemed(tenant: Tenant, user: User, scope: str = "openid profile notes:read", *targets: str) -> Grant:
    """A grant whose first refresh token is out."""
    client = await make_client(tenant)
    grant = await make_grant(tenant, client, user, scope=scope, targets=targets)
    assert await grants.claim_code(tenant.id, grant.id, generation=1, expires_at=NOW + 30 * DAY, now=NOW)
    return grant


async def refresh(
    tenant: Tenant,
    grant: Grant,
    generation: int,
    changes: Mapping[str, str | list[str]] | None = None,
    *,
    now: Instant = LATER,
) -> Answer:
    """Use the refresh token of one generation."""
    form: dict[str, str | list[str]] = {
        "grant_type": "refresh_token",
        "client_id": "app",
        "refresh_token": await refresh_token_of(tenant, grant, generation),
        **(changes or {}),
    }
    return await call(token, wire_request(tenant, form, now=now))


async def events(tenant: Tenant) -> list[tuple[str, object]]:
    rows = await database.rows("SELECT event, details FROM audit_event WHERE tenant_id = $1 ORDER BY id", tenant.id)
    found = [(str(row["event"]), load_json(str(row["details"]))) for row in rows]
    return [
        (name, details.get("grace") if isinstance(details, dict) else None)
        for name, details in found
        if name != "key.rotated"
    ]


@pytest.mark.rfc("6749", "6")
@pytest.mark.checklist("1a.8")
async def test_refresh_token_is_rotated(tenant: Tenant, grant: Grant) -> None:
    answer = await refresh(tenant, grant, 1)
    assert answer.status == 200
    assert answer.text("refresh_token") == await refresh_token_of(tenant, grant, 2)
    assert answer.document["scope"] == "openid profile notes:read"
    stored = await grants.find(tenant.id, grant.id)
    assert stored is not None
    assert (stored.generation, stored.expires_at) == (2, LATER + 30 * DAY)
    assert await events(tenant) == [("token.refreshed", False)]


async def test_refreshed_id_token_keeps_the_sign_in_and_has_no_nonce(tenant: Tenant, grant: Grant) -> None:
    answer = await refresh(tenant, grant, 1)
    claims = _claims(answer.text("id_token"))
    assert claims["auth_time"] == grant.auth_time // SECOND
    assert "nonce" not in claims


async def test_idle_lifetime_begins_anew_within_the_absolute_one(ada: User, tenant: Tenant) -> None:
    grant = await redeemed(tenant, ada)
    for generation in range(1, 8):
        assert (await refresh(tenant, grant, generation, now=NOW + generation * 25 * DAY)).status == 200
    stored = await grants.find(tenant.id, grant.id)
    assert stored is not None
    assert stored.expires_at == NOW + 180 * DAY
    refused = await refresh(tenant, grant, stored.generation, now=NOW + 180 * DAY)
    assert refused.document["error"] == "invalid_grant"


async def test_five_parallel_refreshes_share_one_branch(tenant: Tenant, grant: Grant) -> None:
    answers = await asyncio.gather(*(refresh(tenant, grant, 1) for _ in range(5)))
    assert [answer.status for answer in answers] == [200] * 5
    assert {answer.text("refresh_token") for answer in answers} == {await refresh_token_of(tenant, grant, 2)}
    assert len({answer.text("access_token") for answer in answers}) == 5
    for answer in answers:
        assert (await _userinfo(tenant, answer.text("access_token"))).status == 200
    assert sorted(str(grace) for _, grace in await events(tenant)) == ["False"] + ["True"] * 4


async def test_grace_ends_after_the_window_and_a_replay_ends_the_grant(tenant: Tenant, grant: Grant) -> None:
    first = await refresh(tenant, grant, 1)
    assert (await refresh(tenant, grant, 1, now=LATER + 30 * SECOND)).status == 200
    replayed = await refresh(tenant, grant, 1, now=LATER + 30 * SECOND + 1)
    assert replayed.document["error"] == "invalid_grant"
    assert (await refresh(tenant, grant, 2)).document["error"] == "invalid_grant"
    assert (await _userinfo(tenant, first.text("access_token"))).status == 401
    assert [name for name, _ in await events(tenant)][-2:] == ["refresh_token.replayed", "grant.revoked"]


@pytest.mark.rfc("9700", "4.14.2")
async def test_older_generation_ends_the_grant_even_within_the_window(tenant: Tenant, grant: Grant) -> None:
    await refresh(tenant, grant, 1)
    await refresh(tenant, grant, 2)
    assert (await refresh(tenant, grant, 1)).document["error"] == "invalid_grant"
    stored = await grants.find(tenant.id, grant.id)
    assert stored is not None
    assert stored.revoked_at == LATER


async def test_grace_that_was_used_up_refuses_and_ends_nothing(tenant: Tenant, grant: Grant) -> None:
    for _ in range(1 + GRACE_USES):
        assert (await refresh(tenant, grant, 1)).status == 200
    assert (await refresh(tenant, grant, 1)).document["error"] == "invalid_grant"
    assert (await refresh(tenant, grant, 2)).status == 200


async def test_tenant_may_do_without_grace(ada: User) -> None:
    strict = await make_tenant("strict", TenantSettings(refresh_grace=0))
    grant = await redeemed(strict, await make_user(strict))
    await refresh(strict, grant, 1)
    assert (await refresh(strict, grant, 1, now=LATER + 1)).document["error"] == "invalid_grant"
    assert (await refresh(strict, grant, 2, now=LATER + 2)).document["error"] == "invalid_grant"


async def test_refresh_token_of_another_client_changes_nothing(tenant: Tenant, grant: Grant) -> None:
    await make_client(tenant, "thief")
    assert (await refresh(tenant, grant, 1, {"client_id": "thief"})).document["error"] == "invalid_grant"
    assert (await refresh(tenant, grant, 1)).status == 200


@pytest.mark.rfc("6749", "6")
async def test_narrowed_scope_counts_for_this_answer_only(tenant: Tenant, grant: Grant) -> None:
    narrow = await refresh(tenant, grant, 1, {"scope": "notes:read"})
    assert narrow.document["scope"] == "notes:read"
    assert "id_token" not in narrow.document
    wide = await refresh(tenant, grant, 2)
    assert wide.document["scope"] == "openid profile notes:read"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"scope": "notes:write"}, "invalid_scope"),
        ({"resource": "https://elsewhere.test/"}, "invalid_target"),
        ({"refresh_token": "lk_refresh_a.b.1.c"}, "invalid_grant"),
        ({"refresh_token": ""}, "invalid_request"),
    ],
)
async def test_what_is_refused_rotates_nothing(
    tenant: Tenant, grant: Grant, changes: dict[str, str | list[str]], error: str
) -> None:
    assert (await refresh(tenant, grant, 1, changes)).document["error"] == error
    stored = await grants.find(tenant.id, grant.id)
    assert stored is not None
    assert stored.generation == 1


@pytest.mark.rfc("8707", "2.2")
async def test_each_refresh_names_the_resources_that_it_is_for(tenant: Tenant, ada: User) -> None:
    grant = await redeemed(tenant, ada, "notes:read files:read", NOTES, FILES)
    one = await refresh(tenant, grant, 1, {"resource": NOTES})
    assert _claims(one.text("access_token"))["aud"] == NOTES
    both = await refresh(tenant, grant, 2, {"resource": [NOTES, FILES.rstrip("/")]})
    assert both.text("access_token").startswith("lk_access_")
    assert both.document["scope"] == "notes:read files:read"


async def test_code_is_no_refresh_token_and_the_other_way_round(tenant: Tenant, grant: Grant) -> None:
    text = await refresh_token_of(tenant, grant, 1)
    as_code = {"grant_type": "authorization_code", "client_id": "app", "code": text}
    assert (await call(token, wire_request(tenant, as_code, now=LATER))).document["error"] == "invalid_grant"


async def test_person_who_was_disabled_refreshes_nothing(tenant: Tenant, grant: Grant, ada: User) -> None:
    await users.update(tenant.id, ada, replace(ada, enabled=False), LATER)
    assert (await refresh(tenant, grant, 1)).document["error"] == "invalid_grant"


async def test_grant_that_was_swept_is_gone(tenant: Tenant, grant: Grant) -> None:
    await grants.sweep(NOW + 100 * DAY, 10)
    assert (await refresh(tenant, grant, 1)).document["error"] == "invalid_grant"


async def test_logout_ends_refresh_tokens_without_offline_access(tenant: Tenant, grant: Grant) -> None:
    assert grant.session_id is not None
    await grants.revoke_for_session(tenant.id, grant.session_id, LATER)
    assert (await refresh(tenant, grant, 1)).document["error"] == "invalid_grant"


@pytest.mark.usefixtures("warm_caches")
async def test_refresh_costs_one_read_and_one_write_and_one_more_in_grace(tenant: Tenant, grant: Grant) -> None:
    await refresh(tenant, grant, 1)
    for generation, expected in ((2, 2), (2, 3)):
        text = await refresh_token_of(tenant, grant, generation)
        with database.query_count() as count:
            assert (await refresh(tenant, grant, generation, {"refresh_token": text})).status == 200
        assert count.total == expected


async def _userinfo(tenant: Tenant, text: str) -> Answer:
    return await call(userinfo, wire_request(tenant, headers=bearer(text), method="GET", now=LATER))


def _claims(text: str) -> dict[str, object]:
    payload = text.split(".")[1]
    claims = load_json(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert isinstance(claims, dict)
    return dict(claims)
