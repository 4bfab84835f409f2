"""Keys in the console: drawn along the time, rotated, retired before their time."""

from __future__ import annotations

import pytest

from server import keys
from server.kernel import clock, database
from server.kernel.clock import DAY
from server.keys import Algorithm, KeyState, KeyTimes
from tests.admin.conftest import Platform
from web.admin.keys.timeline import span_of, stretches

PATH = "/admin/t/acme/keys"
NOW = 1_000 * DAY


async def test_keys_are_rotated_and_one_is_retired(platform: Platform) -> None:
    admin, auditor = await platform.signed_in("tenant-admin"), await platform.signed_in("auditor")
    before = (await keys.signing_key(platform.acme.id, "ES256")).kid
    page = await auditor.get(PATH)
    assert before in page.text
    assert "lane__stretch--active" in page.text
    assert "Retire now" not in page.text
    assert (await admin.post(f"{PATH}/rotate")).status_code == 303
    after = (await keys.signing_key(platform.acme.id, "ES256")).kid
    assert after != before
    assert "retiring" in (await admin.get(PATH)).text
    for kid, typed, status in (
        (after, "wrong", 422),
        (after, "acme", 303),
        (after, "acme", 404),
        (before, "acme", 303),
    ):
        assert (await admin.post(f"{PATH}/{kid}/retire", {"confirmation": typed})).status_code == status
    published = {jwk["kid"] for jwk in await keys.public_keys(platform.acme.id)}
    assert not published & {before, after}
    assert (await keys.signing_key(platform.acme.id, "ES256")).kid in published


async def test_overview_leads_to_keys_that_nobody_rotated(platform: Platform) -> None:
    admin = await platform.signed_in("tenant-admin")
    assert "A key is older than it should be" not in (await admin.get("/admin/t/acme")).text
    long_ago = clock.now() - 95 * DAY
    await database.execute("UPDATE signing_key SET activates_at = $2 WHERE tenant_id = $1", platform.acme.id, long_ago)
    page = await admin.get("/admin/t/acme")
    assert "A key is older than it should be" in page.text
    assert f'href="{PATH}"' in page.text


def key(state: KeyState, created: int, active: int, retires: int | None = None) -> KeyTimes:
    ends = None if retires is None else NOW + retires * DAY
    return KeyTimes("kid", Algorithm.ES256, state, NOW + created * DAY, NOW + active * DAY, ends)


SIGNING = key(KeyState.ACTIVE, -5, -5)


@pytest.mark.parametrize(
    ("known", "drawn"),
    [
        ((), []),
        ((key(KeyState.ACTIVE, -10, -10),), ["planned", "active"]),
        (
            (key(KeyState.ANNOUNCED, -1, 1), key(KeyState.ACTIVE, -90, -89)),
            ["planned", "planned", "announced", "announced", "active"],
        ),
        ((SIGNING, key(KeyState.RETIRING, -50, -50, 2)), ["planned", "active", "active", "retiring"]),
        ((SIGNING, key(KeyState.RETIRED, -50, -50, -5)), ["planned", "active", "active"]),
    ],
)
def test_timeline_draws_each_state_in_its_time(known: tuple[KeyTimes, ...], drawn: list[str]) -> None:
    span = span_of(known, NOW)
    assert [stretch.state for stretch in stretches(known, span, NOW)] == drawn
