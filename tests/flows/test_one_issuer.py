"""What belongs to one issuer: https, its name in every answer, and the credentials of its clients."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

import httpx2
import pytest

from server.app import create_app
from server.settings import BadSettings, Settings, load_settings
from tests.actors import EndUser, RelyingParty
from tests.flows.conftest import ACME, apply_document


@pytest.mark.checklist("1a.6")
def test_a_public_url_without_https_is_for_this_machine_only() -> None:
    with pytest.raises(BadSettings, match="PUBLIC_URL: must be https"):
        load_settings({"LATCHKEY_PUBLIC_URL": "http://auth.acme.test", "LATCHKEY_SECRET_KEY": "x" * 32})


@pytest.mark.checklist("1a.6")
async def test_every_endpoint_stands_on_https_as_the_public_url_does(storage: None, settings: Settings) -> None:
    secure = replace(settings, public_url="https://auth.acme.test")
    await apply_document(secure, ACME)
    transport = httpx2.ASGITransport(create_app(secure))
    async with httpx2.AsyncClient(transport=transport, base_url=secure.public_url) as http:
        metadata = (await http.get("/.well-known/oauth-authorization-server/t/acme")).json()
    addresses = [value for name, value in metadata.items() if name.endswith(("_endpoint", "_uri", "issuer"))]
    assert len(addresses) > 5
    assert {urlsplit(address).scheme for address in addresses} == {"https"}


@pytest.mark.rfc("9207", "2")
@pytest.mark.checklist("1b.16")
@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"prompt": "none"}, "login_required"),
        ({"code_challenge": None}, "invalid_request"),
        ({"scope": "openid notes:purge"}, "invalid_scope"),
        ({"resource": "https://elsewhere.test/mcp"}, "invalid_target"),
        ({"state": None, "prompt": "none"}, "login_required"),
    ],
)
async def test_no_refusal_lacks_the_issuer(
    ada: EndUser, webapp: RelyingParty, parameters: dict[str, str | None], error: str
) -> None:
    answer = (await ada.visit(webapp.begin(**parameters).url)).answer
    assert (answer["error"], answer["iss"]) == (error, webapp.issuer)


@pytest.mark.checklist("1b.16")
async def test_a_declined_consent_carries_the_issuer(ada: EndUser, webapp: RelyingParty) -> None:
    page = await ada.log_in(await ada.visit(webapp.begin().url))
    answer = (await ada.deny(page)).answer
    assert (answer["error"], answer["iss"]) == ("access_denied", webapp.issuer)


@pytest.mark.checklist("1e.35")
async def test_credentials_are_nobodys_at_another_issuer(
    http: httpx2.AsyncClient, settings: Settings, ada: EndUser, webapp: RelyingParty
) -> None:
    await apply_document(settings, {"tenant": "globex", "display_name": "Globex", "users": ACME["users"]})
    elsewhere = replace(webapp, issuer=webapp.issuer.replace("acme", "globex"))
    refused = await elsewhere.token(grant_type="refresh_token", refresh_token="lk_anything")
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    page = await ada.visit(elsewhere.begin().url)
    assert (page.callback, page.error) == (None, "invalid_client")


@pytest.mark.checklist("1e.35")
async def test_a_dynamic_client_is_known_where_it_registered_only(
    http: httpx2.AsyncClient, settings: Settings, ada: EndUser, dynamic: RelyingParty
) -> None:
    await apply_document(settings, {"tenant": "globex", "display_name": "Globex"})
    there = dynamic.issuer.replace("acme", "globex")
    page = await ada.visit(replace(dynamic, issuer=there).begin().url)
    assert page.error == "invalid_client"
    registered = await RelyingParty.register(http, there)
    assert registered.client_id != dynamic.client_id
