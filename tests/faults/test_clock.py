"""A clock that is stepped forth and back under a running server: nothing revives, and nothing is locked for ever."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator

import asyncpg
import httpx2
import pytest

from tests.actors import EndUser, RelyingParty
from tests.faults.conftest import check, for_a_while, until, with_variables
from tests.support.faketime import SteppingClock
from tests.support.ledger import claims_of, header_of
from tests.support.load import APP_SECRET, CALLBACK, TENANT, nodes_of, under_load
from tests.support.processes import Installation, Server, serving

HOUR = 3600
LITTLE = 20  # seconds: less than the life of a code
STEPS = (HOUR, -HOUR, 30 * HOUR, 0)
# One in three seconds, with a reserve of twenty; and the grace of thirty seconds that tenants have by default.
CLOCKWORK = {**TENANT, "tenant": "clockwork", "settings": {"rate_limits": {"jwks": 20}}}


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> SteppingClock:
    clock = SteppingClock(tmp_path_factory.mktemp("clock") / "offset")
    clock.step_to(0)
    return clock


@pytest.fixture(scope="module")
def installation(installation: Installation, clock: SteppingClock) -> Installation:
    installation.apply(CLOCKWORK)
    return with_variables(installation, LATCHKEY_RATE_LIMITS="on", **clock.variables)


@pytest.fixture(scope="module")
def server(installation: Installation) -> Iterator[Server]:
    with serving(installation) as (running,):
        yield running


@pytest.fixture(autouse=True)
def right_time(clock: SteppingClock) -> None:
    """Each test begins at the real time, wherever the one before it left the clock."""
    clock.step_to(0)


@pytest.fixture
async def browser(server: Server) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(timeout=120) as http:
        yield http
    assert "endpoint failed" not in server.log()


@pytest.fixture
def app(server: Server, browser: httpx2.AsyncClient) -> RelyingParty:
    issuer = server.installation.issuer("clockwork")
    return RelyingParty(browser, issuer, "app", redirect_uri=CALLBACK, client_secret=APP_SECRET)


async def signed_in(app: RelyingParty) -> dict[str, str]:
    attempt = app.begin(scope="openid profile offline_access")
    page = await EndUser(app.http).authorize(attempt.url)
    answer: dict[str, str] = (await app.redeem(page.answer["code"], attempt)).json()
    return answer


async def test_under_load_steps_of_the_clock_lose_nothing_and_revive_nothing(
    server: Server, clock: SteppingClock
) -> None:
    async with nodes_of([server]) as nodes:
        async with under_load(nodes) as load:
            for step in (LITTLE, -LITTLE, 0):
                clock.step_to(step)
                await for_a_while(0.5)
            await load.wait_until_all_work()
        assert not load.ledger.unavailable
        await check(load, [server], 0)


async def test_events_are_sorted_as_they_happened(
    app: RelyingParty, clock: SteppingClock, installation: Installation
) -> None:
    token, happened = (await signed_in(app))["refresh_token"], []
    for step in (HOUR, 0, -HOUR, 0):
        clock.step_to(step)
        answer = (await app.refresh(token)).json()
        token = answer["refresh_token"]
        happened.append(str(claims_of(answer["access_token"])["jti"]))
    connection = await asyncpg.connect(installation.database_url)
    found = await connection.fetch("SELECT details FROM audit_event WHERE event = 'token.refreshed' ORDER BY id")
    await connection.close()
    by_id = [str(json.loads(row["details"])["token_id"]) for row in found]
    assert [jti for jti in by_id if jti in happened] == happened


async def test_what_was_revoked_stays_revoked(app: RelyingParty, clock: SteppingClock) -> None:
    clock.step_to(HOUR)
    tokens, others = await signed_in(app), await signed_in(app)
    assert (await app.revoke(tokens["refresh_token"])).status_code == 200
    assert (await app.revoke(others["access_token"])).status_code == 200
    for step in STEPS:
        clock.step_to(step)
        for token in (tokens["access_token"], tokens["refresh_token"], others["access_token"]):
            assert (await app.introspect(token)).json() == {"active": False}
        assert (await app.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await app.refresh(others["refresh_token"])).status_code == 200


async def test_a_clock_that_goes_back_does_not_stretch_the_grace(app: RelyingParty, clock: SteppingClock) -> None:
    clock.step_to(HOUR)
    first, lasting = (await signed_in(app))["refresh_token"], (await signed_in(app))["refresh_token"]
    second = (await app.refresh(first)).json()["refresh_token"]
    clock.step_to(0)
    assert (await app.refresh(lasting)).status_code == 200
    # Rotated in an hour, says the clock: a thief who brings it for the next hour is a thief.
    assert (await app.refresh(first)).json()["error"] == "invalid_grant"
    clock.step_to(HOUR)
    assert (await app.refresh(second)).json()["error"] == "invalid_grant"


async def test_a_session_and_a_code_outlive_a_step(app: RelyingParty, clock: SteppingClock) -> None:
    await signed_in(app)
    for step in (0, -HOUR, HOUR):
        clock.step_to(step)
        assert (await EndUser(app.http).visit(app.begin(prompt="none").url)).answer["code"]
    attempt = app.begin(prompt="none")
    page = await EndUser(app.http).visit(attempt.url)
    clock.step_to(0)
    assert (await app.redeem(page.answer["code"], attempt)).status_code == 200


async def test_nobody_is_kept_waiting_until_the_clock_has_caught_up(app: RelyingParty, clock: SteppingClock) -> None:
    clock.step_to(HOUR)
    answers = [await app.http.get(f"{app.issuer}/jwks") for _ in range(60)]
    assert 429 in {answer.status_code for answer in answers}
    clock.step_to(-HOUR)

    async def is_answered() -> bool:
        return (await app.http.get(f"{app.issuer}/jwks")).status_code == 200

    await until(is_answered)


async def test_a_name_that_was_slowed_down_is_free_again_in_time(app: RelyingParty, clock: SteppingClock) -> None:
    clock.step_to(2 * HOUR)
    person = EndUser(app.http)
    page = await person.visit(app.begin().url)
    for _ in range(11):
        page = await person.log_in(page, password="wrong")
    assert "retry-after" in page.headers
    clock.step_to(0)
    again = await person.visit(app.begin().url)
    assert "retry-after" in (await person.log_in(again)).headers
    # Ten minutes by the clock, and not two hours and ten.
    clock.step_to(11 * 60)
    assert (await person.authorize(app.begin().url)).answer["code"]


async def test_keys_that_were_made_in_the_future_are_replaced(
    app: RelyingParty, clock: SteppingClock, installation: Installation
) -> None:
    made = [await signed_in(app)]

    async def is_signed_anew() -> bool:
        made.append((await app.refresh(made[-1]["refresh_token"])).json())
        return key_of(made[-1]) not in map(key_of, made[:-1])

    for step in (HOUR, 0):
        clock.step_to(step)
        await asyncio.to_thread(installation.run, "keys", "rotate", "clockwork")
        await until(is_signed_anew)
    for answer in made:
        assert (await app.introspect(answer["access_token"])).json()["active"]


def key_of(answer: dict[str, str]) -> object:
    return header_of(answer["access_token"])["kid"]
