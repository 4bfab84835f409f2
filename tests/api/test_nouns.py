"""What can be done to each noun, from the wire to the database and back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from server import grants, sessions, tenants
from server.administration import tenants as tenant_acts
from server.api.nouns.client_documents import ClientDocument
from server.api.nouns.tenant_documents import SettingsChange, TenantSettings
from server.kernel import clock, database, erasing, ids, images
from server.kernel.clock import DAY, HOUR
from server.kernel.json import load_json
from server.kernel.outbox import Job
from server.protocol.claims import ClaimsRequest
from server.protocol.client_metadata import ClientMetadata
from tests.actors import RelyingParty
from tests.api.conftest import Platform
from tests.conftest import PUBLIC_URL
from web.brand import own_logo_name

TINY_GIF = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"


async def events(platform: Platform, name: str) -> list[dict[str, Any]]:
    """The details of the events of one name, in either tenant."""
    rows = await database.rows("SELECT details FROM audit_event WHERE event = $1 ORDER BY id", name)
    found = [load_json(str(row["details"])) for row in rows]
    return [dict(item) for item in found if isinstance(item, dict)]


async def test_tenant_lives_and_goes(platform: Platform) -> None:
    new = {"slug": "third", "display_name": "Third", "settings": {"refresh_grace": "1m"}}
    made = await platform.call("POST", "/tenants", new)
    assert (made.status_code, made.headers["location"]) == (201, "/api/v1/tenants/third")
    assert made.json()["settings"]["refresh_grace"] == "1m"
    assert (await platform.http.get("/t/third/.well-known/openid-configuration")).status_code == 200
    assert (await platform.call("POST", "/tenants", new)).json()["type"] == "urn:latchkey:problem:already_exists"
    change = {"display_name": "3rd", "branding": {"primary_color": "#1f6feb"}, "settings": {"registration": "off"}}
    changed = await platform.call("PATCH", "/tenants/third", change, if_match=made.headers["etag"])
    assert changed.json()["settings"]["registration"] == "off"
    assert changed.json()["settings"]["refresh_grace"] == "1m"
    recorded = (await events(platform, "tenant.updated"))[-1]["changes"]
    assert recorded["display_name"] == ["Third", "3rd"]
    assert (await platform.call("DELETE", "/tenants/third", if_match="*")).status_code == 409
    await platform.call("PATCH", "/tenants/third", {"enabled": False}, if_match="*")
    assert (await platform.call("DELETE", "/tenants/third", if_match="*")).status_code == 204
    assert (await platform.call("GET", "/tenants/third")).status_code == 404
    assert (await platform.call("POST", "/tenants", new)).status_code == 201


async def test_uploaded_logo_is_drawn_anew_served_from_here_and_not_told_to_the_audit_log(platform: Platform) -> None:
    look = {
        "primary_color": "#0a5c43",
        "logo": TINY_GIF,
        "login_text": {"en": "Welcome"},
        "support_contact": "h@a.test",
    }
    changed = await platform.call("PATCH", "/tenants/acme", {"branding": look}, if_match="*")
    branding = changed.json()["branding"]
    assert branding["logo"].startswith("data:image/png;base64,")
    name = own_logo_name(tenants.Branding(logo=branding["logo"]))
    served = await platform.http.get(f"/t/acme/logos/{name}")
    assert (served.headers["content-type"], served.content) == ("image/png", images.bytes_of(branding["logo"]))
    assert (await platform.http.get(f"/t/other/logos/{name}")).status_code == 404
    recorded = (await events(platform, "tenant.updated"))[-1]["changes"]
    assert recorded["login_text"] == [{}, {"en": "Welcome"}]
    assert len(recorded["logo"][1]) == 16
    for branding, words in (
        ({"logo": "data:image/png;base64,AAAA"}, "no picture"),
        ({"primary_color": "#ffd400"}, "contrast"),
    ):
        refused = await platform.call("PATCH", "/tenants/acme", {"branding": branding}, if_match="*")
        assert (refused.status_code, words in refused.text) == (422, True)


async def test_password_must_be_as_long_as_the_tenant_says(platform: Platform) -> None:
    await platform.call("PATCH", "/tenants/acme", {"settings": {"shortest_password": 12}}, if_match="*")
    user = {"username": "new", "password": "elevenchars"}
    assert (await platform.call("POST", "/tenants/acme/users", user)).status_code == 422
    assert (await platform.call("POST", "/tenants/acme/users", user | {"password": "twelve-chars"})).status_code == 201


async def test_what_a_tenant_leaves_behind_is_erased_but_its_audit_log(platform: Platform) -> None:
    tenant_id = platform.acme.id
    await platform.call("PATCH", "/tenants/acme", {"enabled": False}, if_match="*")
    assert (await platform.call("DELETE", "/tenants/acme", if_match="*")).status_code == 204
    await tenant_acts.erase(Job(ids.uuid7(), tenant_id, tenant_acts.ERASURE, {}, 1))
    assert await erasing.erase(tenant_id) == 0
    assert await database.row("SELECT 1 AS found FROM person WHERE tenant_id = $1", tenant_id) is None
    assert await database.row("SELECT 1 AS found FROM audit_event WHERE tenant_id = $1", tenant_id) is not None
    assert len((await platform.call("GET", "/tenants/other/users")).json()["items"]) == 2


async def test_domain_is_for_those_who_own_the_platform(platform: Platform) -> None:
    domain = {"domain": "auth.acme.test"}
    refused = await platform.call("PATCH", "/tenants/acme", domain, caller="tenant-owner", if_match="*")
    assert refused.status_code == 403
    changed = await platform.call("PATCH", "/tenants/acme", domain, if_match="*")
    assert changed.json()["issuer"] == "https://auth.acme.test"


async def test_client_lives_with_two_secrets_and_goes(platform: Platform) -> None:
    new = {"client_name": "Batch", "grant_types": ["client_credentials"], "scope": "notes:read",
           "token_endpoint_auth_method": "client_secret_basic"}  # fmt: skip
    made = (await platform.call("POST", "/tenants/acme/clients", new, caller="client-manager")).json()
    client, path = made["client"], f"/tenants/acme/clients/{made['client']['id']}"
    issuer = f"{PUBLIC_URL}/t/acme"

    async def answers(secret: str) -> int:
        data = {"grant_type": "client_credentials"}
        return (await platform.http.post(f"{issuer}/token", data=data, auth=(client["client_id"], secret))).status_code

    second = (await platform.call("POST", f"{path}/secrets")).json()["client_secret"]
    assert (await answers(made["client_secret"]), await answers(second)) == (200, 200)
    third = await platform.call("POST", f"{path}/secrets")
    assert (third.status_code, third.json()["type"]) == (409, "urn:latchkey:problem:too_many_secrets")
    first = (await platform.call("GET", path)).json()["secrets"][0]["id"]
    assert (await platform.call("DELETE", f"{path}/secrets/{first}")).status_code == 204
    assert (await answers(made["client_secret"]), await answers(second)) == (401, 200)
    recorded = str(await events(platform, "client_secret.added"))
    assert second not in recorded
    assert made["client_secret"] not in recorded
    disabled = await platform.call("PATCH", path, {"enabled": False, "client_name": None}, if_match="*")
    assert (disabled.json()["enabled"], disabled.json()["client_name"]) == (False, None)
    assert await answers(second) == 401
    assert (await platform.call("DELETE", path, if_match="*")).status_code == 204
    assert (await platform.call("GET", path)).status_code == 404


async def test_public_client_has_no_secret(platform: Platform) -> None:
    portal = await platform.one("/tenants/acme/clients", client_id="portal")
    refused = await platform.call("POST", f"/tenants/acme/clients/{portal['id']}/secrets")
    assert (refused.status_code, refused.json()["detail"]) == (422, "a public client has no secrets")


async def test_clients_are_searched_by_all_that_they_say(platform: Platform) -> None:
    for text, found in (("WEB APP", ["webapp"]), ("app.acme.test", ["webapp"]), ("port", ["portal"]), ("100%", [])):
        listed = (await platform.http.get(
            "/api/v1/tenants/acme/clients", params={"search": text},
            headers={"authorization": f"Bearer {platform.tokens['owner']}"},
        )).json()["items"]  # fmt: skip
        assert [client["client_id"] for client in listed] == found


async def test_person_lives_and_goes(platform: Platform) -> None:
    new = {"username": "eve", "email": "eve@acme.test", "password": "correct-horse-battery", "roles": ["editor"]}
    refused = await platform.call("POST", "/tenants/acme/users", new | {"groups": ["Nobody"]}, caller="user-manager")
    assert (refused.status_code, refused.json()["detail"]) == (422, "no such group: Nobody")
    new |= {"groups": ["Staff & friends"]}
    made = await platform.call("POST", "/tenants/acme/users", new, caller="user-manager")
    assert made.status_code == 201
    path = f"/tenants/acme/users/{made.json()['id']}"
    assert "password" not in made.text
    assert (await platform.call("GET", f"{path}/roles")).json() == {"roles": ["editor"]}
    editors = (await platform.call("GET", "/tenants/acme/users?role=editor")).json()["items"]
    assert [user["username"] for user in editors] == ["ada", "eve"]
    assert (await platform.one(f"/tenants/acme/groups?member={made.json()['id']}"))["name"] == "Staff & friends"
    changed = await platform.call("PATCH", path, {"name": "Eve", "claims": {"locale": "de"}}, if_match="*")
    assert changed.json()["claims"] == {"locale": "de"}
    assert (await platform.call("PUT", f"{path}/roles", {"roles": []})).json() == {"roles": []}
    assert (await platform.call("PUT", f"{path}/roles", {"roles": ["nobody"]})).status_code == 422
    assert (await platform.call("PUT", f"{path}/password", {"password": "another-horse-battery"})).status_code == 204
    assert (await platform.call("DELETE", path, if_match="*")).status_code == 204
    assert (await platform.call("GET", path)).status_code == 404


async def test_people_are_searched_in_username_address_and_name(platform: Platform) -> None:
    for text, found in (("LOVE", ["ada"]), ("bob@", ["bob"]), ("a", ["ada", "bob"]), ("_", [])):
        listed = (await platform.call("GET", f"/tenants/acme/users?search={text}")).json()["items"]
        assert [user["username"] for user in listed] == found
    newest = (await platform.call("GET", "/tenants/acme/users?order=newest&enabled=true")).json()["items"]
    assert [user["username"] for user in newest] == ["bob", "ada"]


async def test_scope_resource_and_role_live_and_go(platform: Platform) -> None:
    for noun, new, change in (
        ("scopes", {"name": "files/read", "description": "Read"}, {"sensitive": True}),
        ("resources", {"identifier": "https://files.acme.test/", "display_name": "Files"}, {"token_format": "opaque"}),
    ):
        made = await platform.call("POST", f"/tenants/acme/{noun}", new, caller="client-manager")
        assert made.status_code == 201
        path = made.headers["location"].removeprefix("/api/v1")
        changed = await platform.call("PATCH", path, change, if_match=made.headers["etag"])
        assert changed.json() == made.json() | change
        assert (await platform.call("DELETE", path, if_match=changed.headers["etag"])).status_code == 204
        assert (await platform.call("GET", path)).status_code == 404
    made = await platform.call("POST", "/tenants/acme/roles", {"name": "author"})
    assert made.json() == {"name": "author", "description": "", "origin": "console"}
    change = {"name": "writer", "description": "Writes"}
    changed = await platform.call("PATCH", "/tenants/acme/roles/author", change, if_match=made.headers["etag"])
    assert changed.json() == {"origin": "console", **change}
    taken = await platform.call("PATCH", "/tenants/acme/roles/writer", {"name": "editor"}, if_match="*")
    assert taken.status_code == 409
    assert (await platform.call("PATCH", "/tenants/acme/roles/writer", {"name": "-"}, if_match="*")).status_code == 422
    assert (await platform.call("DELETE", "/tenants/acme/roles/author")).status_code == 404
    assert (await platform.call("DELETE", "/tenants/acme/roles/writer")).status_code == 204


async def signed_in(platform: Platform) -> tuple[str, str]:
    """Ada with a session, a grant of the web application and a remembered consent; the ids of ada and the client."""
    ada = await platform.one("/tenants/acme/users", username="ada")
    client = await platform.one("/tenants/acme/clients", client_id="webapp")
    tenant_id, now = platform.acme.id, clock.now()
    user_id, pk = UUID(ada["id"]), UUID(client["id"])
    session = sessions.begin(tenant_id, user_id, idle=HOUR, longest=DAY, now=now)
    await database.write(sessions.new_row(tenant_id, session)[0])
    grant = grants.Grant(
        id=ids.uuid7(), client_pk=pk, user_id=user_id, session_id=session.id, scope=("openid",), resources=(),
        redirect_uri="https://app.acme.test/callback", code_challenge=None, nonce=None, claims_request=ClaimsRequest(),
        auth_time=now, acr="x", amr=("pwd",), created_at=now, expires_at=now + HOUR, max_expires_at=now + DAY,
    )  # fmt: skip
    await grants.create(tenant_id, grant)
    rows = grants.rows_of_consent(
        tenant_id, user_id, pk, redirect_origin="https://app.acme.test", metadata_digest="d",
        permissions={("", "openid"), ("https://api.acme.test/", "notes:read")}, now=now,
    )  # fmt: skip
    await database.write(*rows)
    return ada["id"], client["id"]


async def test_session_ends_with_its_grants(platform: Platform) -> None:
    ada, client = await signed_in(platform)
    (session,) = (await platform.call("GET", f"/tenants/acme/sessions?user={ada}")).json()["items"]
    assert (session["username"], session["ended_at"]) == ("ada", None)
    assert len((await platform.call("GET", f"/tenants/acme/grants?client={client}")).json()["items"]) == 1
    assert (await platform.call("DELETE", f"/tenants/acme/sessions/{session['id']}")).status_code == 204
    assert (await platform.call("DELETE", f"/tenants/acme/sessions/{session['id']}")).status_code == 204
    assert (await platform.call("GET", "/tenants/acme/sessions")).json()["items"] == []
    assert (await platform.call("GET", f"/tenants/acme/grants?user={ada}")).json()["items"] == []
    assert len((await platform.call("GET", f"/tenants/acme/grants?user={ada}&live=false")).json()["items"]) == 1
    assert len(await events(platform, "session.terminated")) == 1


async def test_grant_and_consent_are_withdrawn(platform: Platform) -> None:
    ada, client = await signed_in(platform)
    (grant,) = (await platform.call("GET", f"/tenants/acme/grants?user={ada}&client={client}")).json()["items"]
    assert (grant["client_id"], grant["scope"]) == ("webapp", ["openid"])
    assert (await platform.call("DELETE", f"/tenants/acme/grants/{grant['id']}")).status_code == 204
    consents = (await platform.call("GET", f"/tenants/acme/consents?client={client}")).json()["items"]
    assert [(item["resource"], item["scope"]) for item in consents] == [
        ("https://api.acme.test/", "notes:read"),
        (None, "openid"),
    ]
    narrowed = "/tenants/acme/consents?search=WEBAPP&since=2020-01-01T00:00:00Z&resource=https://api.acme.test/"
    assert len((await platform.call("GET", narrowed)).json()["items"]) == 1
    assert (await platform.call("DELETE", f"/tenants/acme/consents?user={ada}&client={client}")).status_code == 204
    assert (await platform.call("GET", "/tenants/acme/consents")).json()["items"] == []
    assert (await events(platform, "consent.withdrawn"))[0] == {"permissions": 2, "grants": 0}


async def test_all_sessions_that_fit_end_at_once(platform: Platform) -> None:
    ada, _ = await signed_in(platform)
    assert (await platform.call("DELETE", "/tenants/acme/sessions")).status_code == 422
    ended = await platform.call("DELETE", "/tenants/acme/sessions?search=nobody")
    assert ended.json() == {"ended": 0, "left": False}
    ended = await platform.call("DELETE", f"/tenants/acme/sessions?user={ada}", caller="user-manager")
    assert ended.json() == {"ended": 1, "left": False}
    assert (await platform.call("GET", f"/tenants/acme/grants?user={ada}")).json()["items"] == []
    assert len(await events(platform, "session.terminated")) == 1


async def test_person_is_signed_out_everywhere(platform: Platform) -> None:
    ada, _ = await signed_in(platform)
    assert (await platform.call("POST", f"/tenants/acme/users/{ada}/sign-out")).json() == {"sessions": 1, "grants": 1}


async def test_keys_are_rotated_and_shown_on_a_timeline(platform: Platform) -> None:
    before = (await platform.call("GET", "/tenants/acme/keys")).json()["keys"]
    after = (await platform.call("POST", "/tenants/acme/keys/rotation", caller="tenant-admin")).json()["keys"]
    assert len(after) == 2 * len(before)
    assert {key["state"] for key in after} == {"active", "retiring"}
    path = f"/tenants/acme/keys/{after[0]['kid']}/retirement"
    ended = (await platform.call("POST", path, caller="tenant-admin")).json()["keys"]
    assert {key["state"] for key in ended} == {"active", "retiring", "retired"}
    assert (await platform.call("POST", path)).status_code == 404


async def test_service_account_administers_with_a_token_of_its_own(platform: Platform) -> None:
    new = {"name": "Terraform", "role": "client-manager"}
    made = (await platform.call("POST", "/tenants/acme/service-accounts", new, caller="tenant-owner")).json()
    data = {"grant_type": "client_credentials", "resource": f"{PUBLIC_URL}/api/v1", "scope": "admin"}
    auth = (made["client_id"], made["client_secret"])
    answer = await platform.http.post(f"{PUBLIC_URL}/t/system/token", data=data, auth=auth)
    platform.tokens["bot"] = answer.json()["access_token"]
    me = (await platform.call("GET", "/me", caller="bot")).json()
    assert (me["kind"], me["memberships"]) == ("client", [{"role": "client-manager", "tenant": "acme"}])
    scope = {"name": "bots", "description": "Be one"}
    assert (await platform.call("POST", "/tenants/acme/scopes", scope, caller="bot")).status_code == 201
    assert (await platform.call("POST", "/tenants/acme/users", {"username": "x"}, caller="bot")).status_code == 403
    reading = await platform.http.post(f"{PUBLIC_URL}/t/system/token", data=data | {"scope": "admin.read"}, auth=auth)
    platform.tokens["reader"] = reading.json()["access_token"]
    assert (await platform.call("GET", "/tenants/acme/scopes", caller="reader")).status_code == 200
    assert (
        await platform.call("DELETE", "/tenants/acme/scopes/bots", caller="reader", if_match="*")
    ).status_code == 403
    listed = await platform.one("/tenants/acme/administrators", client_id=made["client_id"])
    assert (listed["username"], listed["role"]) == (None, "client-manager")
    assert (await platform.call("DELETE", f"/service-accounts/{made['id']}", caller="tenant-owner")).status_code == 204
    assert (await platform.call("GET", "/me", caller="bot")).status_code == 401


async def test_tenant_owner_makes_administrators_of_their_tenant(platform: Platform) -> None:
    new = {"username": "helper", "role": "auditor", "password": "correct-horse-battery"}
    made = await platform.call("POST", "/tenants/acme/administrators", new, caller="tenant-owner")
    assert made.json()["username"] == "helper"
    also = {"username": "helper", "role": "client-manager"}
    assert (await platform.call("POST", "/tenants/acme/administrators", also, caller="tenant-owner")).status_code == 201
    roles = [line["role"] for line in (await platform.call("GET", "/tenants/acme/administrators")).json()["items"]
             if line["username"] == "helper"]  # fmt: skip
    assert sorted(roles) == ["auditor", "client-manager"]
    unknown = {"username": "nobody", "role": "auditor"}
    assert (await platform.call("POST", "/tenants/acme/administrators", unknown)).status_code == 404
    assert (await platform.call("POST", "/administrators", unknown | {"password": "x" * 12})).status_code == 422


async def test_client_registered_here_signs_people_in(platform: Platform) -> None:
    new = {"client_id": "spa", "client_name": "SPA", "redirect_uris": ["https://spa.acme.test/cb"],
           "token_endpoint_auth_method": "none", "scope": "openid"}  # fmt: skip
    assert (await platform.call("POST", "/tenants/acme/clients", new)).status_code == 201
    party = RelyingParty(platform.http, f"{PUBLIC_URL}/t/acme", "spa", redirect_uri="https://spa.acme.test/cb")
    started = await platform.http.get(party.begin(scope="openid").url)
    assert started.status_code in {302, 303}


async def test_client_that_registered_itself_is_decided_about(platform: Platform) -> None:
    registered = await platform.http.post("/t/acme/register", json={"redirect_uris": ["https://dyn.test/cb"]})
    name = registered.json()["client_id"]
    client = await platform.one("/tenants/acme/clients?source=dynamic", client_id=name)
    path = f"/tenants/acme/clients/{client['id']}"
    assert (await platform.call("GET", path)).json()["kept_until"] is not None
    blocked = await platform.call("PUT", f"{path}/state", {"state": "blocked"}, caller="client-manager")
    assert blocked.json()["state"] == "blocked"
    assert len((await platform.call("GET", "/tenants/acme/clients?state=blocked")).json()["items"]) == 1
    webapp = await platform.one("/tenants/acme/clients", client_id="webapp")
    refused = await platform.call("PUT", f"/tenants/acme/clients/{webapp['id']}/state", {"state": "blocked"})
    assert refused.status_code == 422


async def test_initial_access_token_lets_its_holder_register(platform: Platform) -> None:
    await platform.call("PATCH", "/tenants/acme", {"settings": {"registration": "token"}}, if_match="*")
    path = "/tenants/acme/initial-access-tokens"
    token = (await platform.call("POST", path, {"name": "CI", "valid_for": "1h"})).json()["token"]
    headers = {"authorization": f"Bearer {token}"}
    wanted = {"redirect_uris": ["https://ci.test/cb"]}
    assert (await platform.http.post("/t/acme/register", json=wanted, headers=headers)).status_code == 201
    (listed,) = (await platform.call("GET", path)).json()["items"]
    assert (listed["name"], listed["uses"], listed["max_uses"]) == ("CI", 1, 1)
    assert token not in str(listed)
    assert (await platform.call("DELETE", f"{path}/{listed['id']}")).status_code == 204
    assert (await platform.call("GET", path)).json()["items"][0]["revoked_at"] is not None


def test_documents_know_every_setting() -> None:
    known = set(tenants.TenantSettings.__dataclass_fields__)
    assert set(TenantSettings.__dataclass_fields__) == known
    assert set(SettingsChange.__dataclass_fields__) == known
    assert set(ClientMetadata.__dataclass_fields__) <= set(ClientDocument.__dataclass_fields__)
