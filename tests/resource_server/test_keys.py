"""Keys rotate, and the authorization server is sometimes away."""

from __future__ import annotations

import asyncio
import json

import pytest

from server.protocol.jwt import verification_keys
from server.resource_server import Fetched, Options
from server.resource_server.fetching import FetchFailed
from tests.resource_server.conftest import Protect
from tests.resource_server.issuer import ES256, NEXT, signed


async def test_keys_are_asked_for_once_and_kept(protect: Protect) -> None:
    notes = await protect()
    for _ in range(5):
        assert (await notes.get()).status_code == 200
    assert notes.issuer.asked == {"metadata": 1, "jwks": 1}


async def test_many_first_requests_make_one_question(protect: Protect) -> None:
    notes = await protect()
    answers = await asyncio.gather(*(notes.get() for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert notes.issuer.asked == {"metadata": 1, "jwks": 1}


async def test_whoever_hangs_up_takes_the_keys_from_nobody(protect: Protect) -> None:
    slow = SlowFetcher()
    notes = await protect(options=Options(fetcher=slow))
    slow.issuer = notes.issuer.url
    gone = asyncio.create_task(notes.get())
    await slow.is_asked.wait()
    waiting = asyncio.create_task(notes.get())
    gone.cancel()
    slow.may_answer.set()
    assert (await waiting).status_code == 200
    assert slow.questions == 2


class SlowFetcher:
    """A fetcher of the test's own, which answers when it is told to."""

    def __init__(self) -> None:
        self.issuer = ""
        self.questions = 0
        self.is_asked, self.may_answer = asyncio.Event(), asyncio.Event()

    async def get(self, url: str) -> Fetched:
        self.questions += 1
        self.is_asked.set()
        await self.may_answer.wait()
        if url.endswith("/jwks"):
            return Fetched(200, json.dumps({"keys": [ES256.as_dict(private=False)]}).encode())
        return Fetched(200, json.dumps({"issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks"}).encode())

    async def post_form(self, url: str, form: object, credentials: object) -> Fetched:
        raise FetchFailed(f"nothing to introspect at {url}: {form} {credentials}")


async def test_a_new_key_is_found_at_its_first_use(protect: Protect) -> None:
    notes = await protect()
    assert (await notes.get()).status_code == 200
    notes.issuer.keys = [NEXT, ES256]
    assert (await notes.get(signed(notes.claims(), NEXT))).status_code == 200
    assert (await notes.get()).status_code == 200
    assert notes.issuer.asked["jwks"] == 2


async def test_unknown_keys_are_asked_about_once_in_a_while_only(protect: Protect) -> None:
    notes = await protect()
    assert (await notes.get()).status_code == 200
    for asked, ahead in ((2, 0), (3, 11)):
        notes.clock.ahead = ahead
        for number in range(5):
            assert (await notes.get(signed(notes.claims(), NEXT, kid=f"invented-{number}"))).status_code == 401
        assert notes.issuer.asked["jwks"] == asked
    assert (await notes.get()).status_code == 200


async def test_a_withdrawn_key_ends_within_minutes(protect: Protect) -> None:
    notes = await protect()
    token = notes.token(exp=notes.claims()["iat"] + 3600)  # type: ignore[operator] # a number
    assert (await notes.get(token)).status_code == 200
    notes.issuer.keys = [NEXT]
    notes.clock.ahead = 301
    assert (await notes.get(token)).status_code == 401


async def test_an_outage_is_not_felt_while_keys_are_known(protect: Protect) -> None:
    notes = await protect()
    token = notes.token(exp=notes.claims()["iat"] + 360_000)  # type: ignore[operator] # a number
    assert (await notes.get(token)).status_code == 200
    notes.issuer.is_down = True
    for ahead in (301, 4000, 23 * 3600):
        notes.clock.ahead = ahead
        assert (await notes.get(token)).status_code == 200
    notes.clock.ahead = 25 * 3600
    assert (await notes.get(token)).status_code == 503


async def test_an_outage_before_any_key_is_known_is_503_and_passes(protect: Protect) -> None:
    notes = await protect()
    notes.issuer.is_down = True
    answer = await notes.get()
    assert answer.status_code == 503
    assert 1 <= int(answer.headers["retry-after"]) <= 10
    assert answer.json()["error"] == "temporarily_unavailable"
    assert "www-authenticate" not in answer.headers
    asked = notes.issuer.asked.copy()
    assert (await notes.get()).status_code == 503
    assert notes.issuer.asked == asked
    notes.issuer.is_down = False
    notes.clock.ahead = 11
    assert (await notes.get()).status_code == 200


async def test_a_new_key_during_an_outage_is_nobodys_fault(protect: Protect) -> None:
    notes = await protect()
    assert (await notes.get()).status_code == 200
    notes.issuer.is_down = True
    assert (await notes.get(signed(notes.claims(), NEXT))).status_code == 503
    assert (await notes.get()).status_code == 200


@pytest.mark.rfc("8414", "3.3")
async def test_metadata_that_name_another_issuer_are_not_used(protect: Protect) -> None:
    notes = await protect()
    for named in ("https://evil.test", f"{notes.issuer.url}/", notes.issuer.url.upper()):
        notes.clock.ahead += 11
        notes.issuer.named = named
        assert (await notes.get()).status_code == 503
    assert notes.issuer.asked["jwks"] == 0


async def test_symmetric_and_strange_keys_of_the_set_are_left_out() -> None:
    good = ES256.as_dict(private=False)
    listed = [
        {"kty": "oct", "k": "c2VjcmV0", "kid": "shared"},
        {**good, "kid": "encrypts", "use": "enc"},
        {**good, "kid": None},
        {"kty": "lattice", "kid": "tomorrow"},
        {"kty": "EC", "kid": "broken", "crv": "P-256", "x": "!", "y": 7},
        "no key",
        good,
    ]
    assert set(verification_keys({"keys": listed}).by_id) == {ES256.kid}
    with pytest.raises(ValueError, match="keys"):
        verification_keys({"keys": "none"})
