"""The protected resource metadata document."""

from __future__ import annotations

from functools import partial

import httpx2
import pytest
from mcp.client.auth.utils import build_protected_resource_metadata_discovery_urls
from mcp.shared.auth import ProtectedResourceMetadata
from mcp.shared.auth_utils import check_resource_allowed
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from server.resource_server import PUBLIC, Options, ResourceServer
from tests.resource_server.conftest import Protect, Protected, notes_app
from tests.resource_server.serving import origin_of, reserved_socket, served


@pytest.mark.rfc("9728", "3.1")
@pytest.mark.checklist("2.1")
@pytest.mark.checklist("2.2")
async def test_the_document_stands_at_the_path_and_at_the_root(notes: Protected) -> None:
    for url in build_protected_resource_metadata_discovery_urls(None, notes.resource):
        answer = await notes.http.get(url)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/json"
        assert answer.json() == {
            "resource": notes.resource,
            "authorization_servers": [notes.issuer.url],
            "bearer_methods_supported": ["header"],
            "scopes_supported": ["notes:read"],
        }


@pytest.mark.checklist("2.11")
async def test_clients_find_their_own_url_in_it(notes: Protected) -> None:
    answer = await notes.http.get("/.well-known/oauth-protected-resource/mcp")
    document = ProtectedResourceMetadata.model_validate_json(answer.content)
    assert check_resource_allowed(notes.resource, str(document.resource))


@pytest.mark.checklist("2.12")
async def test_scripts_may_read_the_document(notes: Protected) -> None:
    answer = await notes.http.get("/.well-known/oauth-protected-resource/mcp", headers={"Origin": "https://app.test"})
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_the_document_can_only_be_read(notes: Protected) -> None:
    answer = await notes.http.post("/.well-known/oauth-protected-resource/mcp")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"
    assert (await notes.http.head("/.well-known/oauth-protected-resource/mcp")).status_code == 200


@pytest.mark.checklist("2.10")
async def test_offline_access_is_no_scope_of_a_resource() -> None:
    protect = partial(ResourceServer, notes_app(), resource="https://notes.test", issuer="https://auth.test")
    with pytest.raises(ValueError, match="offline_access"):
        protect(scopes=("notes:read", "offline_access"))
    with pytest.raises(ValueError, match="offline_access"):
        protect(routes={"/x": ("offline_access",)})
    with pytest.raises(ValueError, match="offline_access"):
        protect(options=Options(scopes_supported=("offline_access",)))


async def test_name_and_scopes_of_the_document_can_be_chosen(protect: Protect) -> None:
    options = Options(name="Notes", scopes_supported=("notes:read", "notes:write"))
    notes = await protect(options=options)
    document = (await notes.http.get("/.well-known/oauth-protected-resource")).json()
    assert document["resource_name"] == "Notes"
    assert document["scopes_supported"] == ["notes:read", "notes:write"]


async def test_a_resource_without_scopes_lists_none(protect: Protect) -> None:
    notes = await protect(scopes=(), path="")
    document = (await notes.http.get("/.well-known/oauth-protected-resource")).json()
    assert "scopes_supported" not in document
    challenge = (await notes.http.get("/mcp")).headers["www-authenticate"]
    assert challenge == f'Bearer resource_metadata="{notes.origin}/.well-known/oauth-protected-resource"'


async def test_a_resource_at_the_root_may_be_spelt_with_its_slash(protect: Protect) -> None:
    notes = await protect(path="/")
    assert (await notes.get(audience=notes.origin)).status_code == 200
    assert (await notes.get(audience=notes.resource)).status_code == 200


async def test_a_mounted_application_routes_the_document_by_hand(notes: Protected) -> None:
    bound = reserved_socket()
    resource = f"{origin_of(bound)}/inner/mcp"
    guarded = ResourceServer(
        notes_app(), resource=resource, issuer=notes.issuer.url, routes={"/mcp/write": ("notes:write",)}
    )
    outer = Starlette(routes=[Route(guarded.metadata.path, guarded.metadata), Mount("/inner", guarded)])
    async with served(outer, bound) as origin, httpx2.AsyncClient(base_url=origin, timeout=60) as http:
        assert (await http.get("/.well-known/oauth-protected-resource/inner/mcp")).json()["resource"] == resource
        assert (await http.get("/inner/mcp")).status_code == 401
        assert (await http.get("/inner/mcp", headers=notes.bearer(audience=resource))).status_code == 200
        assert (await http.get("/inner/mcp/write", headers=notes.bearer(audience=resource))).status_code == 403


async def test_two_resources_live_in_one_application(notes: Protected) -> None:
    bound = reserved_socket()
    origin, issuer = origin_of(bound), notes.issuer.url
    inner = ResourceServer(notes_app(), resource=f"{origin}/mcp/session", issuer=issuer)
    well_known = "/.well-known/oauth-protected-resource/mcp/session"
    outer = ResourceServer(
        inner, resource=f"{origin}/mcp", issuer=issuer, routes={"/mcp/session": PUBLIC, well_known: PUBLIC}
    )
    async with served(outer, bound), httpx2.AsyncClient(base_url=origin, timeout=60) as http:
        assert (await http.get(well_known)).json()["resource"] == f"{origin}/mcp/session"
        outer_token = notes.bearer(audience=f"{origin}/mcp")
        assert (await http.get("/mcp/session", headers=outer_token)).status_code == 401
        inner_token = notes.bearer(audience=f"{origin}/mcp/session")
        assert (await http.get("/mcp/session", headers=inner_token)).status_code == 200


@pytest.mark.parametrize(
    "settings",
    [
        {"resource": "notes.test"},
        {"resource": "ftp://notes.test"},
        {"resource": "http://notes.test/mcp"},
        {"resource": "https://notes.test/mcp?x=1"},
        {"resource": "https://notes.test/mcp#top"},
        {"resource": "https://ada@notes.test/mcp"},
        {"issuer": "http://auth.test"},
        {"scopes": "notes:read"},
        {"scopes": ("notes:read notes:write",)},
        {"routes": {"notes": ()}},
        {"routes": {"post /notes": ()}},
        {"routes": {"/notes": "notes:read"}},
    ],
    ids=str,
)
async def test_settings_that_cannot_be_meant_stop_the_start(settings: dict[str, object]) -> None:
    good: dict[str, object] = {"resource": "https://notes.test/mcp", "issuer": "https://auth.test"}
    ResourceServer(notes_app(), **good)  # type: ignore[arg-type] # keyword by keyword
    with pytest.raises(ValueError, match=r"\w"):
        ResourceServer(notes_app(), **{**good, **settings})  # type: ignore[arg-type] # the same


async def test_a_laboratory_may_use_plain_http() -> None:
    options = Options(allow_http=True)
    ResourceServer(notes_app(), resource="http://notes:3001/mcp", issuer="http://latchkey:9000/t/demo", options=options)
