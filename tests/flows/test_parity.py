"""The dispatcher in front and the Quart routes behind it give the same answers."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from server.hosting import ENDPOINTS, Dispatcher
from tests.actors import RelyingParty, basic
from tests.conftest import PUBLIC_URL

FORM = {"content-type": "application/x-www-form-urlencoded"}
SECRET = basic("webapp", "a-secret-of-the-web-application")

# One request that gets far into each endpoint, and one that is refused at its edge.
REQUESTS: dict[str, tuple[dict[str, Any], ...]] = {
    "/authorize": (
        {"method": "GET", "params": {"client_id": "webapp", "response_type": "token"}},
        {"method": "GET", "params": {"client_id": "nobody"}},
        {"method": "POST", "content": "client_id=webapp", "headers": {"content-type": "text/plain"}},
    ),
    "/token": (
        {
            "method": "POST",
            "data": {"grant_type": "refresh_token", "refresh_token": "x"},
            "headers": {"authorization": SECRET},
        },
        {"method": "POST", "content": b"x" * 70_000, "headers": FORM},
    ),
    "/revoke": ({"method": "POST", "data": {"token": "unknown"}, "headers": {"authorization": SECRET}},),
    "/introspect": ({"method": "POST", "data": {"token": "unknown"}, "headers": {"authorization": SECRET}},),
    "/register": (
        {"method": "POST", "json": {"redirect_uris": ["javascript:alert(1)"]}},
        {"method": "POST", "content": b"{" + b" " * 20_000},
    ),
    "/register/{client_id}": (
        {"method": "GET"},
        {"method": "PUT", "json": {}, "headers": {"authorization": "Bearer unknown"}},
        {"method": "POST", "content": b"{" + b" " * 20_000},
    ),
    "/jwks": ({"method": "GET"}, {"method": "HEAD"}),
    "/userinfo": ({"method": "GET"}, {"method": "GET", "headers": {"authorization": "Bearer unknown"}}),
    "/.well-known/openid-configuration": ({"method": "GET"},),
    "/.well-known/oauth-authorization-server": ({"method": "GET"}, {"method": "OPTIONS"}),
}
VARYING = {"x-correlation-id", "content-security-policy", "date"}


def comparable(response: httpx2.Response) -> tuple[int, dict[str, str], bytes]:
    headers = {name: value for name, value in response.headers.items() if name not in VARYING}
    is_page = headers.get("content-type", "").startswith("text/html")
    if is_page:
        headers.pop("content-length", None)
    return response.status_code, headers, b"" if is_page else response.content


@pytest.mark.parametrize("path", [endpoint.path for endpoint in ENDPOINTS])
async def test_both_ways_of_serving_answer_alike(
    issuer: str, webapp: RelyingParty, app: Dispatcher, http: httpx2.AsyncClient, path: str
) -> None:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app.pages), base_url=PUBLIC_URL) as behind:
        for request in ({"method": "DELETE"}, *REQUESTS[path]):
            arguments = {name: value for name, value in request.items() if name != "method"}
            method = str(request["method"])
            url = f"{issuer}{path.format(client_id='webapp')}"
            in_front = await http.request(method, url, **arguments)
            through_quart = await behind.request(method, url, **arguments)
            assert comparable(in_front) == comparable(through_quart)
