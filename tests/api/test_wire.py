"""Refusals, versions, idempotency, pages: what every route has in common. RFC 9457, RFC 9110 §13."""

from __future__ import annotations

import asyncio

import pytest

from server.api import MAX_BODY, ROUTES, openapi_document
from server.kernel import database
from tests.api.conftest import Platform
from tests.conftest import PUBLIC_URL

SCOPE = {"name": "files:read", "description": "Read your files"}


REFUSALS: tuple[tuple[str, str, object, int, str], ...] = (
    ("GET", "/nothing", None, 404, "not_found"),
    ("GET", "/tenants/nowhere", None, 404, "not_found"),
    ("GET", "/tenants/acme/users/not-an-id", None, 404, "not_found"),
    ("GET", "/tenants/acme/users/%00", None, 404, "not_found"),
    ("GET", "/tenants/acme/scopes/%00", None, 404, "not_found"),
    ("POST", "/tenants/acme", None, 405, "method_not_allowed"),
    ("OPTIONS", "/tenants", None, 405, "method_not_allowed"),
    ("GET", "/tenants?unknown=1", None, 422, "invalid"),
    ("GET", "/tenants?search=a&search=b", None, 422, "invalid"),
    ("GET", "/tenants?limit=0", None, 422, "invalid"),
    ("GET", "/tenants?limit=201", None, 422, "invalid"),
    ("GET", "/tenants?cursor=x", None, 422, "invalid"),
    ("GET", "/tenants?search=%00", None, 422, "invalid"),
    ("GET", "/tenants/acme/grants", None, 422, "invalid"),
    ("GET", "/tenants?access_token=x", None, 400, "invalid_request"),
    ("PATCH", "/tenants/acme", {"enabled": False}, 428, "version_required"),
    ("POST", "/tenants", {"slug": "Bad Slug", "display_name": "x"}, 422, "invalid"),
    ("POST", "/tenants/acme/clients", {"redirect_uris": ["javascript:alert(1)"]}, 422, "invalid"),
    ("POST", "/tenants/acme/clients", {"scope": "nowhere", "redirect_uris": ["https://a.test/"]}, 422, "invalid"),
    ("POST", "/tenants/acme/users/sign-out", {}, 405, "method_not_allowed"),
)


async def test_refusals_are_typed(platform: Platform) -> None:
    for method, path, json, status, code in REFUSALS:
        refused = await platform.call(method, path, json)
        assert (refused.status_code, refused.headers["content-type"]) == (status, "application/problem+json"), path
        problem = refused.json()
        assert (problem["status"], problem["type"]) == (status, f"urn:latchkey:problem:{code}"), path
        assert "access-control-allow-origin" not in refused.headers


async def test_every_fault_of_a_document_is_told_with_its_place(platform: Platform) -> None:
    new = {"slug": 1, "settings": {"refresh_grace": "soon", "unknown": 1}}
    refused = (await platform.call("POST", "/tenants", new)).json()
    assert {fault["pointer"] for fault in refused["errors"]} == {
        "/slug",
        "/display_name",
        "/settings/refresh_grace",
        "/settings/unknown",
    }


async def test_bodies_are_json_of_a_bounded_size(platform: Platform) -> None:
    headers = {"authorization": f"Bearer {platform.tokens['owner']}", "content-type": "text/plain"}
    post = platform.http.post
    assert (await post("/api/v1/tenants", content=b"{}", headers=headers)).status_code == 415
    headers["content-type"] = "application/json"
    for content in (b"", b"[]", b"{", b'{"a":1,"a":2}'):
        assert (await post("/api/v1/tenants", content=content, headers=headers)).status_code == 400
    large = await post("/api/v1/tenants", content=b" " * (MAX_BODY + 1), headers=headers)
    assert (large.status_code, large.headers["content-type"]) == (413, "application/problem+json")


async def test_only_tokens_of_administrators_let_in(platform: Platform) -> None:
    for value, status in ((None, 401), ("Bearer nonsense", 401), ("Basic eDp5", 401), ("Bearer a b", 400)):
        headers = {"authorization": value} if value else {}
        refused = await platform.http.get("/api/v1/me", headers=headers)
        assert refused.status_code == status
        assert refused.headers.get("www-authenticate", "").startswith("Bearer") == (status == 401)


async def test_token_for_something_else_lets_nobody_in(platform: Platform) -> None:
    new = {"name": "Bot", "role": "platform-owner"}
    made = (await platform.call("POST", "/service-accounts", new)).json()
    auth = (made["client_id"], made["client_secret"])
    data = {"grant_type": "client_credentials", "scope": "admin"}
    answer = await platform.http.post(f"{PUBLIC_URL}/t/system/token", data=data, auth=auth)
    platform.tokens["bot"] = answer.json()["access_token"]  # whose audience is the issuer
    assert (await platform.call("GET", "/me", caller="bot")).status_code == 401


async def test_api_lives_on_the_public_host_only(platform: Platform) -> None:
    await platform.call("PATCH", "/tenants/acme", {"domain": "auth.acme.test"}, if_match="*")
    for path in ("/api/v1/me", "/api/openapi.json"):
        assert (await platform.http.get(path, headers={"host": "auth.acme.test"})).status_code == 404


async def test_second_of_two_editors_is_told_what_it_is_now(platform: Platform) -> None:
    seen = await platform.call("GET", "/tenants/acme/scopes/notes:read")
    etag = seen.headers["etag"]
    first = await platform.call("PATCH", "/tenants/acme/scopes/notes:read", {"description": "One"}, if_match=etag)
    assert first.status_code == 200
    second = await platform.call("PATCH", "/tenants/acme/scopes/notes:read", {"description": "Two"}, if_match=etag)
    assert second.status_code == 412
    assert second.json()["current"]["description"] == "One"
    assert second.headers["etag"] == first.headers["etag"]
    again = second.headers["etag"]
    third = await platform.call("PATCH", "/tenants/acme/scopes/notes:read", {"description": "Two"}, if_match=again)
    assert third.json()["description"] == "Two"
    weak = await platform.call("DELETE", "/tenants/acme/scopes/notes:read", if_match=f"W/{third.headers['etag']}")
    assert weak.status_code == 412


async def test_of_editors_at_once_one_wins(platform: Platform) -> None:
    ada = await platform.one("/tenants/acme/users", username="ada")
    path = f"/tenants/acme/users/{ada['id']}"
    etag = (await platform.call("GET", path)).headers["etag"]
    answers = await asyncio.gather(
        *(platform.call("PATCH", path, {"name": f"Ada {number}"}, if_match=etag) for number in range(6))
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 5
    (winner,) = [answer for answer in answers if answer.status_code == 200]
    assert (await platform.call("GET", path)).json()["name"] == winner.json()["name"]


async def test_same_key_makes_one_thing(platform: Platform) -> None:
    new = {
        "client_name": "Batch",
        "redirect_uris": ["https://b.test/"],
        "token_endpoint_auth_method": "client_secret_post",
    }
    path, key = "/tenants/acme/clients", "a-key-of-this-test"
    first = await platform.call("POST", path, new, idempotency_key=key)
    again = await platform.call("POST", path, new, idempotency_key=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()  # the secret included
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["location"] == first.headers["location"]
    other = await platform.call("POST", path, new | {"client_name": "Other"}, idempotency_key=key)
    assert (other.status_code, other.json()["type"]) == (422, "urn:latchkey:problem:key_reused")
    somebody = await platform.call("POST", path, new, caller="client-manager", idempotency_key=key)
    assert somebody.json()["client"]["id"] != first.json()["client"]["id"]
    assert (await platform.call("POST", path, new, idempotency_key="x" * 256)).status_code == 400


async def test_of_same_keys_at_once_one_makes_it(platform: Platform) -> None:
    answers = await asyncio.gather(
        *(platform.call("POST", "/tenants/acme/scopes", SCOPE, idempotency_key="same") for _ in range(5))
    )
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert [answer for answer in answers if answer.status_code == 201]
    assert "already_exists" not in "".join(answer.text for answer in answers)


async def test_refused_creation_may_be_tried_again_under_its_key(platform: Platform) -> None:
    bad = SCOPE | {"description": "x" * 501}
    assert (await platform.call("POST", "/tenants/acme/scopes", bad, idempotency_key="k")).status_code == 422
    assert (await platform.call("POST", "/tenants/acme/scopes", SCOPE, idempotency_key="k")).status_code == 201


LISTS = (
    ("/tenants/acme/users", "username"),
    ("/tenants/acme/users?order=newest", "username"),
    ("/tenants/acme/clients", "client_id"),
    ("/tenants/acme/scopes", "name"),
    ("/tenants", "slug"),
    ("/administrators", "username"),
)


async def test_pages_together_are_the_list(platform: Platform) -> None:
    for number in range(5):
        await platform.call("POST", "/tenants/acme/users", {"username": f"P{number}ß"})
        await platform.call("POST", "/tenants/acme/scopes", {"name": f"s{number}", "description": ""})
    for path, name in LISTS:
        joint = "&" if "?" in path else "?"
        whole = [item[name] for item in (await platform.call("GET", f"{path}{joint}limit=200")).json()["items"]]
        found: list[str] = []
        cursor = ""
        while len(found) <= len(whole):
            page = (await platform.call("GET", f"{path}{joint}limit=2{cursor}")).json()
            assert 0 < len(page["items"]) <= 2
            found += [item[name] for item in page["items"]]
            if page["next"] is None:
                break
            cursor = f"&cursor={page['next']}"
        assert found == whole
        assert len(set(found)) == len(found)


# Three of them say who calls: the token's jti and grant, and the memberships.
BUDGETS = {
    "/me": 4,
    "/tenants": 4,
    "/tenants/acme": 4,
    "/administrators": 5,
    "/tenants/acme/administrators": 6,
    "/tenants/acme/clients": 5,
    "/tenants/acme/users": 5,
    "/tenants/acme/users?role=editor": 6,
    "/tenants/acme/scopes": 4,
    "/tenants/acme/resources": 4,
    "/tenants/acme/roles": 5,
    "/tenants/acme/sessions": 5,
    "/tenants/acme/grants?user=019aa000-0000-7000-8000-000000000000": 5,
    "/tenants/acme/consents": 5,
    "/tenants/acme/keys": 5,
    "/tenants/acme/trust/policy": 7,
    "/tenants/acme/trust/policy/versions": 5,
    "/tenants/acme/trust/verdicts": 5,
    "/tenants/acme/trust/inbox": 5,
    "/tenants/acme/trust/origins": 5,
    "/tenants/acme/trust/domains": 5,
    "/tenants/acme/audit/events": 5,
    "/tenants/acme/audit/chain": 6,
    "/tenants/acme/webhooks": 5,
    "/system/jobs/dead": 5,
}


@pytest.mark.usefixtures("warm_caches")
async def test_reads_stay_within_their_budget(platform: Platform) -> None:
    over = {}
    for path, budget in BUDGETS.items():
        await platform.call("GET", path)
        with database.query_count() as count:
            assert (await platform.call("GET", path)).status_code == 200
        if count.total > budget:
            over[path] = count.total
    assert over == {}


@pytest.mark.rate_limited
async def test_floods_are_stopped(platform: Platform) -> None:
    limits = {"settings": {"rate_limits": {"api": 5, "admin": 2}}}  # so that it does not depend on how fast we are
    assert (await platform.call("PATCH", "/tenants/system", limits, if_match="*")).status_code == 200
    answers = [await platform.http.get("/api/v1/me") for _ in range(8)]
    stopped = [answer for answer in answers if answer.status_code == 429]
    assert stopped
    assert int(stopped[0].headers["retry-after"]) >= 1
    assert stopped[0].headers["content-type"] == "application/problem+json"
    seen = [(await platform.http.get("/admin", headers={"accept": "text/html"})) for _ in range(4)]
    assert [page.status_code == 429 for page in seen] == [False, False, True, True]
    assert 'data-error="too_many_requests"' in seen[-1].text
    assert int(seen[-1].headers["retry-after"]) >= 1


async def test_description_is_public_and_names_every_route(platform: Platform) -> None:
    described = (await platform.http.get("/api/openapi.json")).json()
    assert described == openapi_document(PUBLIC_URL)
    assert described["openapi"] == "3.1.0"
    operations = {operation["operationId"] for path in described["paths"].values() for operation in path.values()}
    assert operations == {route.name for route in ROUTES}
    assert len(operations) == len(ROUTES)
    assert (await platform.http.post("/api/openapi.json")).status_code == 405


async def test_head_is_get_without_its_body(platform: Platform) -> None:
    answer = await platform.call("HEAD", "/tenants/acme")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["etag"] == (await platform.call("GET", "/tenants/acme")).headers["etag"]
