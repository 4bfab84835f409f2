"""Tokens that the authorization server is asked about."""

from __future__ import annotations

import base64

import pytest

from server.resource_server import Introspection
from tests.resource_server.conftest import Protect, Protected

OPAQUE = "opaque-token"


async def introspecting(
    protect: Protect, answer: dict[str, object] | None = None, cache_seconds: float = 0
) -> Protected:
    introspection = Introspection("batch", "change-me", cache_seconds)
    notes = await protect(introspection=introspection)
    notes.issuer.active[OPAQUE] = {
        "active": True,
        "token_type": "Bearer",
        **notes.claims(jti=None, iat=None),
        **(answer or {}),
    }
    return notes


@pytest.mark.rfc("7662", "2.1")
async def test_an_active_token_is_admitted_and_we_say_who_asks(protect: Protect) -> None:
    notes = await introspecting(protect)
    assert (await notes.get(OPAQUE)).json()["sub"] == "ada"
    assert notes.issuer.credentials == ["Basic " + base64.b64encode(b"batch:change-me").decode()]


async def test_a_revocation_counts_at_once(protect: Protect) -> None:
    notes = await introspecting(protect)
    assert (await notes.get(OPAQUE)).status_code == 200
    notes.issuer.active.clear()
    assert (await notes.get(OPAQUE)).status_code == 401


@pytest.mark.rfc("7662", "4")
@pytest.mark.parametrize(
    "answer",
    [
        {"active": False},
        {"active": "true"},
        {"aud": "https://other.test"},
        {"aud": None},
        {"exp": 1},
        {"iss": "https://evil.test"},
        {"token_type": "DPoP"},
        {"token_type": 7},
    ],
    ids=str,
)
@pytest.mark.checklist("2.4")
async def test_the_answer_is_checked_like_any_token(protect: Protect, answer: dict[str, object]) -> None:
    notes = await introspecting(protect, answer)
    assert (await notes.get(OPAQUE)).status_code == 401


async def test_an_oversize_token_is_asked_about_by_nobody(protect: Protect) -> None:
    notes = await introspecting(protect)
    assert (await notes.get("x" * 9000)).status_code == 401
    assert notes.issuer.asked["introspect"] == 0


async def test_a_cache_spares_questions_for_as_long_as_it_was_told(protect: Protect) -> None:
    notes = await introspecting(protect, cache_seconds=60)
    for _ in range(3):
        assert (await notes.get(OPAQUE)).status_code == 200
    assert notes.issuer.asked["introspect"] == 1
    notes.issuer.active.clear()
    notes.clock.ahead = 61
    assert (await notes.get(OPAQUE)).status_code == 401


async def test_the_cache_stays_small(protect: Protect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.resource_server.introspection._MAX_CACHED", 2)
    notes = await introspecting(protect, cache_seconds=60)
    for token in ("one", "two", "three", "three", "one"):
        notes.issuer.active[token] = notes.issuer.active[OPAQUE]
        assert (await notes.get(token)).status_code == 200
    assert notes.issuer.asked["introspect"] == 4


async def test_an_outage_is_503(protect: Protect) -> None:
    notes = await introspecting(protect)
    assert (await notes.get(OPAQUE)).status_code == 200
    notes.issuer.is_down = True
    answer = await notes.get(OPAQUE)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"


async def test_the_secret_shows_in_no_repr() -> None:
    assert "change-me" not in repr(Introspection("batch", "change-me"))
