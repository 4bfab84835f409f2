"""What applying a manifest would change, without a database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from server import clients, tenants, users
from server.administration.manifest import ManifestError, Options, Plan, Sign
from server.administration.manifest.plan import make_plan
from server.administration.manifest.state import Person, RegisteredClient, State
from server.clients import ClientSecret
from server.clients.policy import digest_secret
from server.kernel import encryption, ids
from server.kernel.clock import MINUTE
from server.tenants import Origin, PrivateUseSchemes
from tests.factories.manifests import FULL, read, written

NOW = 1_900_000_000_000_000
OPTIONS = Options("https://id.example")
PRUNE = replace(OPTIONS, prune=True)


@pytest.fixture(autouse=True)
def _master_secret() -> Iterator[None]:
    before = encryption._masters
    encryption.open_master_secrets("a master secret that only this test knows")
    yield
    encryption._masters = before


def after(plan: Plan) -> State:
    """The state that a plan leads to."""

    def made(secret: str | None, client: clients.Client) -> RegisteredClient:
        if secret is None:
            return RegisteredClient(client)
        row = ClientSecret(ids.uuid7(), digest_secret(client.tenant_id, secret), NOW, None)
        return RegisteredClient(replace(client, secrets=(row,)))

    return State(
        tenant=plan.tenant,
        scopes={change.name: change.after for change in plan.scopes if change.after},
        resources={change.name: change.after for change in plan.resources if change.after},
        roles={change.name: change.after for change in plan.roles if change.after},
        groups={change.name: change.after for change in plan.groups if change.after},
        clients={
            change.name: made(change.after.client_secret, change.after.client)
            for change in plan.clients
            if change.after
        },
        people={change.name: replace(change.after, password=None) for change in plan.people if change.after},
    )


ACME = written()


def full_state() -> State:
    return after(make_plan(read(FULL), State(), OPTIONS, NOW))


def lines(plan: Plan) -> list[str]:
    return [str(change) for change in plan.changes]


def refusal(manifest_text: str, state: State | None = None) -> str:
    with pytest.raises(ManifestError) as caught:
        make_plan(read(manifest_text), state or State(), OPTIONS, NOW)
    return str(caught.value)


def test_everything_is_created_in_an_empty_installation() -> None:
    plan = make_plan(read(FULL), State(), OPTIONS, NOW)
    assert lines(plan) == [
        "+ tenant acme",
        "+ scope notes:read",
        "+ scope notes:write",
        "+ scope notes:purge",
        "+ resource http://127.0.0.1:3001/mcp",
        "+ role editor",
        "+ group Writers, all",
        "+ client notes-cli",
        "+ client batch",
        "+ user ada",
    ]
    assert plan.warnings == ()
    assert not plan.is_done


def test_second_time_nothing_changes() -> None:
    plan = make_plan(read(FULL), full_state(), PRUNE, NOW)
    assert plan.is_done
    assert {line[0] for line in lines(plan)} == {"="}
    assert plan.count(Sign.UNCHANGED) == len(plan.changes)


def test_changes_name_what_changes() -> None:
    text = (
        FULL.replace("Read your notes", "Read all notes")
        .replace("30s", "1m")
        .replace("token_format: opaque", "token_format: jwt")
        .replace("client_name: Notes CLI", "client_name: Notes")
        .replace("name: Ada Lovelace", "name: Ada King")
    )
    plan = make_plan(read(text), full_state(), OPTIONS, NOW)
    assert [line for line in lines(plan) if not line.startswith("=")] == [
        "~ tenant acme (refresh_grace)",
        "~ scope notes:read (description)",
        "~ resource http://127.0.0.1:3001/mcp (token_format)",
        "~ client notes-cli (client_name)",
        "~ user ada (name)",
    ]


def test_what_is_not_written_is_left_alone() -> None:
    plan = make_plan(written(), full_state(), PRUNE, NOW)
    assert lines(plan) == ["= tenant acme"]
    assert plan.tenant.settings.refresh_grace == MINUTE // 2


def test_nothing_is_removed_without_prune() -> None:
    plan = make_plan(
        written(scopes=[], resources=[], roles=[], groups=[], clients=[], users=[]), full_state(), OPTIONS, NOW
    )
    assert plan.is_done


def test_prune_removes_what_a_manifest_made_and_names_no_more() -> None:
    plan = make_plan(written(clients=[], users=[]), full_state(), PRUNE, NOW)
    assert lines(plan) == ["= tenant acme", "- client notes-cli", "- client batch", "- user ada"]


def test_prune_leaves_what_somebody_else_made() -> None:
    state = full_state()
    theirs = replace(state.clients["batch"].client, origin=Origin.CONSOLE)
    state = replace(state, clients={**state.clients, "batch": RegisteredClient(theirs)})
    assert lines(make_plan(written(clients=[]), state, PRUNE, NOW)) == ["= tenant acme", "- client notes-cli"]


def test_taking_over_what_somebody_else_made_leaves_its_origin() -> None:
    state = full_state()
    theirs = replace(state.scopes["notes:read"], origin=Origin.CONSOLE)
    state = replace(state, scopes={**state.scopes, "notes:read": theirs})
    assert make_plan(read(FULL), state, OPTIONS, NOW).is_done


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (FULL.replace('scopes: ["notes:read"', 'scopes: ["notes:raed"'), "scope notes:raed is not defined"),
        (FULL.replace('"openid profile notes:read', '"openid notes:raed'), "scope notes:raed is not defined"),
        (FULL.replace("roles: [editor]\n    claims", "roles: [edtior]\n    claims"), "role edtior is not defined"),
        (FULL.replace('name: "notes:purge"', "name: openid"), "built in"),
        (FULL.replace("http://127.0.0.1:3001/mcp", "not-a-uri"), "identifier must be an absolute URI"),
        (FULL.replace("http://127.0.0.1:3001/mcp", "https://id.example/t/acme"), "the tenant's issuer is no resource"),
        (FULL.replace("roles: [editor]\nclients", "roles: [two words]\nclients"), "a role is named by"),
        (FULL.replace("roles: [editor]}]", "roles: [edtior]}]"), "role edtior is not defined"),
        (FULL.replace('groups: ["Writers, all"]', "groups: [Readers]"), "group Readers is not defined"),
        (FULL.replace('"Writers, all"', '" Writers"'), "a group is named by"),
        (FULL.replace("change-me", "short"), "client_secret must be"),
        (FULL.replace("correct-horse-battery", "short"), "a password must have"),
        (FULL.replace("ada@acme.test", "nobody"), "email is not an address"),
        (FULL.replace("given_name: Ada", "sub: root"), "claims may not say"),
        (FULL.replace("domain: null", "domain: id.example"), "domain must not be the host of the public URL"),
        (FULL.replace("10m", "48h"), "access_token_lifetime is out of bounds"),
        (FULL.replace('"#1f6feb"', "red"), "primary_color must be"),
        (FULL.replace("http://127.0.0.1/callback", "acme.notes:/callback"), "private-use scheme"),
    ],
)  # fmt: skip
def test_every_rule_is_held_and_the_place_is_told(text: str, message: str) -> None:
    told = refusal(text)
    assert message in told
    assert told.startswith("acme.yaml:")


def test_two_spellings_of_one_person_are_refused() -> None:
    text = "tenant: acme\nusers:\n- {username: ada}\n- {username: ADA}\n"
    assert refusal(text) == "acme.yaml:4: users: has the same person twice"


def test_two_spellings_of_one_resource_are_refused() -> None:
    text = 'tenant: acme\nresources: [{identifier: "https://a.test"}, {identifier: "https://a.test/"}]'
    assert "another spelling" in refusal(text)


def test_private_use_schemes_are_for_tenants_that_allow_them() -> None:
    client = {"client_id": "app", "redirect_uris": ["test.acme.app:/callback"]}
    assert make_plan(written(clients=[client]), State(), OPTIONS, NOW).clients
    off = written(clients=[client], settings={"private_use_schemes": PrivateUseSchemes.OFF.value})
    with pytest.raises(ManifestError):
        make_plan(off, State(), OPTIONS, NOW)


def test_scope_that_goes_is_not_known_any_more() -> None:
    manifest = written(
        scopes=[{"name": "other"}], resources=[{"identifier": "https://a.test", "scopes": ["notes:read"]}]
    )
    assert make_plan(manifest, full_state(), OPTIONS, NOW).resources
    with pytest.raises(ManifestError):
        make_plan(manifest, full_state(), PRUNE, NOW)


def test_password_counts_at_creation_only() -> None:
    plan = make_plan(read(FULL.replace("correct-horse-battery", "another-password")), full_state(), OPTIONS, NOW)
    assert plan.is_done
    (person,) = make_plan(read(FULL), State(), OPTIONS, NOW).people
    assert person.after is not None
    assert person.after.password == "correct-horse-battery"
    assert "correct-horse" not in repr(person)


def test_known_person_keeps_what_is_not_written() -> None:
    state = full_state()
    ada = state.people["ada"]
    changed = Person(replace(ada.user, email_verified=True, name="Ada King"), ada.roles, ada.groups)
    state = replace(state, people={"ada": changed})
    plan = make_plan(written(users=[{"username": "ada", "email": "ada@acme.test"}]), state, OPTIONS, NOW)
    assert plan.is_done
    assert users.identifier_key("ADA") in state.people


def test_roles_are_exactly_those_that_are_written() -> None:
    plan = make_plan(written(users=[{"username": "ada", "roles": []}]), full_state(), OPTIONS, NOW)
    assert lines(plan) == ["= tenant acme", "~ user ada (roles)"]


def test_secret_is_set_where_there_is_none() -> None:
    plan = make_plan(read(FULL), State(), OPTIONS, NOW)
    secrets = {change.name: change.after.client_secret for change in plan.clients if change.after}
    assert secrets == {"notes-cli": None, "batch": "change-me"}


def test_another_secret_counts_only_with_set_secrets() -> None:
    other = read(FULL.replace("change-me", "another-secret"))
    assert make_plan(other, full_state(), OPTIONS, NOW).is_done
    plan = make_plan(other, full_state(), replace(OPTIONS, set_secrets=True), NOW)
    assert [line for line in lines(plan) if line[0] != "="] == ["~ client batch (client_secret)"]
    assert make_plan(read(FULL), full_state(), replace(OPTIONS, set_secrets=True), NOW).is_done


def test_expired_secret_is_none() -> None:
    state = full_state()
    batch = state.clients["batch"].client
    expired = replace(batch, secrets=(replace(batch.secrets[0], expires_at=NOW),))
    state = replace(state, clients={**state.clients, "batch": RegisteredClient(expired)})
    plan = make_plan(read(FULL), state, OPTIONS, NOW)
    assert [line for line in lines(plan) if line[0] != "="] == ["~ client batch (client_secret)"]


@pytest.mark.rfc("7636", "4")
@pytest.mark.checklist("1a.5")
def test_relaxed_pkce_is_warned_of_and_only_for_one_kind_of_client() -> None:
    client = {
        "client_id": "old",
        "redirect_uris": ["https://app.test/cb"],
        "client_secret": "change-me",
        "scope": "openid",
        "require_pkce": False,
    }
    plan = make_plan(written(clients=[client]), State(), OPTIONS, NOW)
    assert plan.warnings == ("client old may leave out PKCE: only its nonce then guards a stolen code",)
    with pytest.raises(ManifestError, match="require_pkce may be false only"):
        make_plan(written(clients=[client | {"scope": "email"}]), State(), OPTIONS, NOW)


def test_client_without_a_secret_is_warned_of() -> None:
    client = {"client_id": "batch", "grant_types": ["client_credentials"], "redirect_uris": []}
    plan = make_plan(written(clients=[client]), State(), OPTIONS, NOW)
    assert plan.warnings == ("client batch has no secret yet, and cannot authenticate",)


def test_introspection_client_that_is_not_there_is_warned_of() -> None:
    resource = {"identifier": "https://a.test", "introspection_clients": ["nobody"]}
    (warning,) = make_plan(written(resources=[resource]), State(), OPTIONS, NOW).warnings
    assert "names nobody" in warning


def test_another_domain_is_another_issuer_and_warned_of() -> None:
    plan = make_plan(written(domain="auth.acme.test"), full_state(), OPTIONS, NOW)
    assert plan.tenant.issuer == "https://auth.acme.test"
    assert lines(plan) == ["~ tenant acme (domain)"]
    (warning,) = plan.warnings
    assert "every client must register again" in warning
    back = make_plan(written(domain=None), after(plan), OPTIONS, NOW)
    assert back.tenant.issuer == tenants.issuer_of("acme", None, OPTIONS.public_url)


def test_new_tenant_is_called_by_its_slug_until_it_has_a_name() -> None:
    assert make_plan(ACME, State(), OPTIONS, NOW).tenant.display_name == "acme"
