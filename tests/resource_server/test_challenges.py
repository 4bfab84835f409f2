"""What a client without the right token is told."""

from __future__ import annotations

import pytest

from server.resource_server import PUBLIC, Options
from tests.resource_server.conftest import Protect, Protected


@pytest.mark.rfc("6750", "3")
@pytest.mark.rfc("9728", "5.1")
@pytest.mark.checklist("2.2")
@pytest.mark.checklist("2.3")
async def test_no_token_is_an_invitation_and_no_error(notes: Protected) -> None:
    answer = await notes.http.get("/mcp")
    assert answer.status_code == 401
    document = f"{notes.origin}/.well-known/oauth-protected-resource/mcp"
    assert answer.headers["www-authenticate"] == f'Bearer scope="notes:read", resource_metadata="{document}"'
    assert answer.headers["cache-control"] == "no-store"


async def test_credentials_of_another_scheme_are_no_token(notes: Protected) -> None:
    answer = await notes.http.get("/mcp", headers={"Authorization": "Basic YTpi"})
    assert answer.status_code == 401
    assert "error=" not in answer.headers["www-authenticate"]


@pytest.mark.rfc("6750", "3.1")
@pytest.mark.checklist("2.5")
async def test_a_bad_token_is_an_error_with_the_same_scope(notes: Protected) -> None:
    answer = await notes.get(exp=1)
    assert answer.status_code == 401
    challenge = answer.headers["www-authenticate"]
    assert challenge.startswith('Bearer error="invalid_token", error_description="')
    assert 'scope="notes:read"' in challenge
    assert answer.json()["error"] == "invalid_token"


@pytest.mark.rfc("6750", "3.1")
@pytest.mark.checklist("2.5")
@pytest.mark.checklist("2.6")
async def test_a_missing_scope_is_403_with_all_scopes_of_the_operation(protect: Protect) -> None:
    notes = await protect(routes={"POST /mcp": ("notes:read", "notes:write", "notes:tag")})
    answer = await notes.http.post("/mcp", headers=notes.bearer(scope="notes:read"))
    assert answer.status_code == 403
    challenge = answer.headers["www-authenticate"]
    assert 'error="insufficient_scope"' in challenge
    assert 'scope="notes:read notes:write notes:tag"' in challenge
    assert f'resource_metadata="{notes.origin}/.well-known/oauth-protected-resource/mcp"' in challenge


@pytest.mark.checklist("2.6")
async def test_the_challenge_of_an_operation_is_the_same_whatever_the_token_has(protect: Protect) -> None:
    notes = await protect(routes={"POST /mcp": ("notes:read", "notes:write")})
    challenges = set()
    for scope in ("", "notes:read", "notes:write", "other"):
        answer = await notes.http.post("/mcp", headers=notes.bearer(scope=scope))
        assert answer.status_code == 403
        challenges.add(answer.headers["www-authenticate"])
    assert len(challenges) == 1


@pytest.mark.checklist("2.7")
async def test_a_scope_that_includes_another_counts_as_both(protect: Protect) -> None:
    implied = {"notes:admin": ("notes:write",), "notes:write": ("notes:read",)}
    notes = await protect(options=Options(implied_scopes=implied), routes={"POST /mcp": ("notes:read", "notes:write")})
    assert (await notes.get(scope="notes:admin")).status_code == 200
    assert (await notes.http.post("/mcp", headers=notes.bearer(scope="notes:write"))).status_code == 200
    refused = await notes.http.post("/mcp", headers=notes.bearer(scope="notes:read"))
    assert refused.status_code == 403
    assert ' scope="notes:write"' in refused.headers["www-authenticate"]


@pytest.mark.rfc("6750", "2")
@pytest.mark.checklist("2.5")
@pytest.mark.parametrize(
    "presented",
    [
        ["Bearer a.b.c", "Bearer a.b.c"],
        ["Bearer a, Bearer b"],
        ["Bearer"],
        ["Bearer a b"],
        ['Bearer "a"'],
        ["Bearer ä"],
    ],
    ids=str,
)
async def test_a_malformed_request_is_400(notes: Protected, presented: list[str]) -> None:
    fields = [("Authorization", value.encode("latin-1")) for value in presented]
    answer = await notes.http.get("/mcp", headers=[(name.encode(), value) for name, value in fields])
    assert answer.status_code == 400
    assert 'error="invalid_request"' in answer.headers["www-authenticate"]
    assert answer.json()["error"] == "invalid_request"


async def test_two_good_tokens_are_one_too_many(notes: Protected) -> None:
    fields = [("Authorization", f"Bearer {notes.token()}"), ("Authorization", f"Bearer {notes.token()}")]
    assert (await notes.http.get("/mcp", headers=fields)).status_code == 400


@pytest.mark.checklist("2.9")
@pytest.mark.parametrize("name", ["access_token", "access%5Ftoken", "x=1&access_token", "x=%ff&access_token"])
async def test_a_token_in_the_url_is_refused_even_beside_a_good_one(notes: Protected, name: str) -> None:
    answer = await notes.http.get(f"/mcp?{name}={notes.token()}", headers=notes.bearer())
    assert answer.status_code == 400
    assert notes.token() not in answer.text


async def test_a_token_in_the_body_is_no_token_and_the_body_stays_unread(notes: Protected) -> None:
    form = {"access_token": notes.token()}
    assert (await notes.http.post("/mcp/body", data=form)).status_code == 401
    answer = await notes.http.post("/mcp/body", data=form, headers=notes.bearer())
    assert answer.text.startswith("access_token=")


async def test_nothing_that_was_sent_comes_back(notes: Protected) -> None:
    answer = await notes.http.get("/mcp", headers={"Authorization": 'Bearer evil"<script>'})
    assert "evil" not in answer.text + str(answer.headers)


@pytest.mark.checklist("2.6")
async def test_the_application_may_ask_for_more_than_the_route(notes: Protected) -> None:
    refused = await notes.get(path="/mcp/write")
    assert refused.status_code == 403
    assert 'scope="notes:read notes:write"' in refused.headers["www-authenticate"]
    assert refused.json()["error"] == "insufficient_scope"
    assert (await notes.get(path="/mcp/write", scope="notes:read notes:write")).json() == {"written": True}


@pytest.mark.parametrize(
    "path", ["/mcp/../healthz", "/healthz/../mcp", "/healthz/./", "//healthz", "/healthz//..//mcp"]
)
async def test_no_spelling_of_a_path_opens_what_is_closed(protect: Protect, path: str) -> None:
    notes = await protect(routes={"/healthz": PUBLIC})
    answer = await notes.http.get(path.replace("..", "%2e%2e").replace("/./", "/%2e/"))
    assert answer.status_code in {400, 401}


async def test_a_path_that_climbs_is_malformed_even_with_a_token(notes: Protected) -> None:
    assert (await notes.get(path="/mcp/%2e%2e/mcp")).status_code == 400


async def test_a_public_path_needs_no_token_and_all_others_do(protect: Protect) -> None:
    notes = await protect(routes={"/healthz": PUBLIC})
    assert (await notes.http.get("/healthz")).json() == {"token": False}
    assert (await notes.http.get("/healthzz")).status_code == 401
    assert (await notes.http.get("/nowhere")).status_code == 401


@pytest.mark.checklist("2.8")
async def test_the_application_never_sees_the_token_unless_it_must(protect: Protect) -> None:
    notes = await protect()
    assert "authorization" not in (await notes.get(path="/mcp/headers")).json()
    exchanger = await protect(options=Options(forward_token=True))
    assert (await exchanger.get(path="/mcp/headers")).json()["authorization"].startswith("Bearer ey")
