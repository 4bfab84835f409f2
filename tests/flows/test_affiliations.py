"""Roles and groups where they are told: in tokens, by introspection and by /userinfo, to whoever asks for them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from server import resources, roles, scopes, users
from server.administration import Operator
from server.administration import groups as acts
from server.administration import roles as role_acts
from server.administration import scopes as scope_acts
from server.administration import users as user_acts
from server.endpoints.introspect import introspect
from server.endpoints.token import token
from server.endpoints.userinfo import userinfo
from server.endpoints.wire import WireRequest
from server.kernel import database, ids
from server.kernel.clock import SECOND
from server.roles import Group, Role
from server.scopes import Scope
from server.tenants import Origin, Tenant
from server.tokens import affiliations
from server.users import User
from tests.issuing import (
    FILES,
    NOTES,
    NOW,
    VERIFIER,
    Answer,
    basic,
    bearer,
    call,
    code_of,
    make_client,
    make_grant,
    make_tenant,
    make_user,
    wire_request,
)
from tests.support.ledger import claims_of

pytestmark = [pytest.mark.usefixtures("storage"), pytest.mark.rfc("9068", "2.2.3.1")]

LATER = NOW + SECOND
OPERATOR = Operator.at_the_command_line("test")
ASKED = "openid offline_access roles groups files:read notes:read"


@dataclass(frozen=True)
class Scene:
    """Ada is an editor herself, and an author by the staff."""

    tenant: Tenant
    ada: User
    staff: Group

    async def asking(self, asked: str, *targets: str, scope: str = ASKED) -> WireRequest:
        """A client that may have a scope, with a code of ada's for what it asked, about to redeem it."""
        app = await make_client(self.tenant, ids.to_short(ids.uuid7()), secret="a-secret-of-app", scope=scope)
        grant = await make_grant(self.tenant, app, self.ada, scope=asked, targets=targets)
        form = {"grant_type": "authorization_code", "code": await code_of(self.tenant, grant)}
        form |= {"code_verifier": VERIFIER}
        headers = basic(app.client_id, "a-secret-of-app")
        return wire_request(self.tenant, form, headers=headers, now=LATER)

    async def redeem(self, asked: str = ASKED, *targets: str, scope: str = ASKED) -> Answer:
        """Fresh tokens of ada's."""
        answer = await call(token, await self.asking(asked, *targets, scope=scope))
        assert answer.status == 200, answer.document
        return answer

    async def introspect(self, text: str) -> dict[str, object]:
        """What the resources' own client is told of a token."""
        headers = basic("api", "a-secret-of-api")
        return (await call(introspect, wire_request(self.tenant, {"token": text}, headers=headers, now=LATER))).document

    async def userinfo(self, text: str) -> dict[str, object]:
        """What /userinfo tells."""
        request = wire_request(self.tenant, headers=bearer(text), method="GET", now=LATER)
        return (await call(userinfo, request)).document


@pytest.fixture
async def scene(storage: None) -> Scene:
    tenant = await make_tenant()
    ada = await make_user(tenant)
    await make_client(tenant, "api", secret="a-secret-of-api")
    for name in ("editor", "author", "unused"):
        await role_acts.define(OPERATOR, tenant, Role(ids.uuid7(), name, Origin.CONSOLE), NOW)
    staff = Group(ids.uuid7(), "Staff", Origin.CONSOLE, roles=("author", "editor"))
    await acts.define(OPERATOR, tenant, staff, NOW)
    await role_acts.give(OPERATOR, tenant, "editor", (ada.id,), NOW)
    await acts.admit(OPERATOR, tenant, staff.id, (ada.id,), NOW)
    return Scene(tenant, ada, staff)


def told(claims: dict[str, object]) -> tuple[object, object]:
    """The claims that this is about."""
    return claims.get("roles"), claims.get("groups")


async def test_whoever_asks_is_told_the_roles_of_person_and_groups(scene: Scene) -> None:
    everything = (["author", "editor"], ["Staff"])
    answer = await scene.redeem()
    assert told(claims_of(answer.text("access_token"))) == everything
    assert told(claims_of(answer.text("id_token"))) == everything
    assert told(await scene.userinfo(answer.text("access_token"))) == everything
    answer = await scene.redeem("openid roles")
    assert told(claims_of(answer.text("access_token"))) == (["author", "editor"], None)
    answer = await scene.redeem("openid notes:read")
    for claims in (claims_of(answer.text("access_token")), claims_of(answer.text("id_token"))):
        assert told(claims) == (None, None)
    assert told(await scene.userinfo(answer.text("access_token"))) == (None, None)


async def test_resource_is_told_what_it_lists_or_everything_when_it_lists_nothing(scene: Scene) -> None:
    text = (await scene.redeem(ASKED, NOTES)).text("access_token")
    assert told(claims_of(text)) == told(await scene.introspect(text)) == (None, None)
    text = (await scene.redeem(ASKED, FILES)).text("access_token")
    assert told(await scene.introspect(text)) == (["author", "editor"], ["Staff"])
    notes = next(found for found in await resources.list_resources(scene.tenant.id) if found.identifier == NOTES)
    await resources.update(scene.tenant.id, notes, replace(notes, scopes=(*notes.scopes, "roles")), NOW)
    text = (await scene.redeem(ASKED, NOTES)).text("access_token")
    assert told(claims_of(text)) == told(await scene.introspect(text)) == (["author", "editor"], None)


async def test_what_changes_is_told_at_once_and_in_the_next_token(scene: Scene) -> None:
    answer = await scene.redeem(ASKED, FILES)
    own = (await scene.redeem()).text("access_token")
    await acts.dismiss(OPERATOR, scene.tenant, scene.staff.id, (scene.ada.id,), NOW)
    assert told(await scene.introspect(answer.text("access_token"))) == (["editor"], [])
    assert told(await scene.userinfo(own)) == (["editor"], [])
    assert told(claims_of((await scene.redeem()).text("access_token"))) == (["editor"], [])
    await role_acts.change(OPERATOR, scene.tenant, "editor", lambda role: replace(role, name="redactor"), NOW)
    assert told(await scene.userinfo(own)) == (["redactor"], [])
    await role_acts.discard(OPERATOR, scene.tenant, "redactor", NOW)
    assert told(await scene.userinfo(own)) == ([], [])


@pytest.mark.usefixtures("warm_caches")
async def test_telling_costs_one_query_at_most(scene: Scene) -> None:
    counts = {}
    for kind, scope in (
        ("unasked", "openid"),
        ("asked first", "openid roles groups"),
        ("asked", "openid roles groups"),
    ):
        await scene.redeem("openid")
        request = await scene.asking(scope)
        with database.query_count() as count:
            text = (await call(token, request)).text("access_token")
        await scene.userinfo(text)
        with database.query_count() as again:
            await scene.userinfo(text)
        counts[kind] = (count.total, again.total)
    issued, told_again = counts["unasked"]
    assert counts == {
        "unasked": (issued, told_again),
        "asked first": (issued + 1, told_again),
        "asked": (issued, told_again),
    }


async def test_list_that_is_too_long_for_a_jwt_has_to_be_asked_for(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(affiliations, "LONGEST_IN_JWT", len('["author","editor"]') - 1)
    answer = await scene.redeem()
    assert told(claims_of(answer.text("access_token"))) == (None, ["Staff"])
    assert told(await scene.userinfo(answer.text("access_token"))) == (["author", "editor"], ["Staff"])


async def test_token_that_says_much_else_says_less_of_these_so_that_it_can_be_read_again(scene: Scene) -> None:
    names = tuple(f"reports.department-{number:02}:read-and-write-everything" for number in range(34))
    for name in names:
        await scopes.create(scene.tenant.id, Scope(name, "Read all", origin=Origin.MANIFEST), NOW)
    long = [f"{number:02}{'x' * 96}" for number in range(20)]
    for name in long:
        group = Group(ids.uuid7(), name, Origin.CONSOLE, roles=(name,))
        await role_acts.define(OPERATOR, scene.tenant, Role(ids.uuid7(), name, Origin.CONSOLE), NOW)
        await acts.define(OPERATOR, scene.tenant, group, NOW)
        await acts.admit(OPERATOR, scene.tenant, group.id, (scene.ada.id,), NOW)
    await acts.dismiss(OPERATOR, scene.tenant, scene.staff.id, (scene.ada.id,), NOW)
    await role_acts.take(OPERATOR, scene.tenant, "editor", (scene.ada.id,), NOW)
    answer = await scene.redeem(" ".join(("openid roles groups", *names)), scope=" ".join((ASKED, *names)))
    text = answer.text("access_token")
    assert told(claims_of(answer.text("id_token"))) == (long, long)
    assert told(claims_of(text)) == (long, None)
    assert told(await scene.userinfo(text)) == (long, long)


async def test_scope_that_a_tenant_had_before_asks_for_nothing(scene: Scene) -> None:
    await scopes.create(scene.tenant.id, Scope("groups", "Read your groups", origin=Origin.MANIFEST), NOW)
    # A claim of this name was nobody's but the person's own before.
    await users.update(scene.tenant.id, scene.ada, replace(scene.ada, claims={"groups": ["Friends"]}), NOW)
    answer = await scene.redeem()
    assert told(claims_of(answer.text("access_token"))) == (["author", "editor"], None)
    assert told(await scene.userinfo(answer.text("access_token"))) == (["author", "editor"], None)


async def test_whoever_allowed_what_a_tenant_meant_by_the_name_is_asked_again(scene: Scene) -> None:
    await scopes.create(scene.tenant.id, Scope("groups", "Read your groups", origin=Origin.MANIFEST), NOW)
    text = (await scene.redeem("openid groups")).text("access_token")
    other = (await scene.redeem("openid roles")).text("access_token")
    assert told(await scene.userinfo(text)) == (None, None)
    await scope_acts.discard(OPERATOR, scene.tenant, "groups", NOW)
    assert (await scene.userinfo(text))["error"] == "invalid_token"
    assert told(await scene.userinfo(other)) == (["author", "editor"], None)


async def test_client_of_its_own_has_no_roles(scene: Scene) -> None:
    await make_client(
        scene.tenant, "batch", secret="a-secret-of-batch", grant_types=["client_credentials"], scope="roles notes:read"
    )
    form = {"grant_type": "client_credentials", "scope": "roles"}
    headers = basic("batch", "a-secret-of-batch")
    refused = await call(token, wire_request(scene.tenant, form, headers=headers))
    assert (refused.status, refused.document["error"]) == (400, "invalid_scope")
    answer = await call(token, wire_request(scene.tenant, {"grant_type": "client_credentials"}, headers=headers))
    assert answer.document["scope"] == "notes:read"


async def test_person_who_is_removed_leaves_their_groups(scene: Scene) -> None:
    assert await roles.members_among(scene.tenant.id, scene.staff.id, [scene.ada.id]) == {scene.ada.id}
    await user_acts.discard(OPERATOR, scene.tenant, scene.ada.id, NOW)
    assert await roles.members_among(scene.tenant.id, scene.staff.id, [scene.ada.id]) == frozenset()
