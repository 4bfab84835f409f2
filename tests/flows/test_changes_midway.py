"""What changes while a person decides counts at once: clients, people, sessions, and the questions themselves."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from server import clients, tenants, users
from server.clients import Client
from server.kernel import clock, database
from server.protocol.client_digests import metadata_digest
from server.settings import Settings
from server.tenants import Tenant
from tests.actors import EndUser, RelyingParty
from tests.flows.conftest import ACME, apply_document


@pytest.fixture
async def tenant(issuer: str, settings: Settings) -> Tenant:
    found = await tenants.find_by_slug("acme", settings.public_url)
    assert found is not None
    return found


async def change_client(tenant_id: UUID, client_id: str, **changes: object) -> None:
    client = await clients.find(tenant_id, client_id)
    assert client is not None
    enabled = bool(changes.pop("enabled", True))
    metadata = replace(client.metadata, **changes)  # type: ignore[arg-type]  # named by the test
    after: Client = replace(client, enabled=enabled, metadata=metadata, metadata_digest=metadata_digest(metadata))
    await clients.update(tenant_id, client, after, clock.now())


async def test_a_client_disabled_midway_ends_the_interaction(
    ada: EndUser, tenant: Tenant, dynamic: RelyingParty
) -> None:
    page = await ada.log_in(await ada.visit(dynamic.begin().url))
    await change_client(tenant.id, dynamic.client_id, enabled=False)
    page = await ada.allow(page)
    assert (page.callback, page.status) == (None, 400)


async def test_a_redirect_uri_removed_midway_is_not_followed(
    ada: EndUser, tenant: Tenant, webapp: RelyingParty
) -> None:
    page = await ada.log_in(await ada.visit(webapp.begin().url))
    await change_client(tenant.id, "webapp", redirect_uris=("https://app.acme.test/other",))
    page = await ada.allow(page)
    assert (page.callback, page.status) == (None, 400)


async def test_a_name_changed_midway_is_shown_before_it_is_allowed(
    ada: EndUser, tenant: Tenant, webapp: RelyingParty
) -> None:
    page = await ada.log_in(await ada.visit(webapp.begin().url))
    await change_client(tenant.id, "webapp", client_name="Somebody else")
    page = await ada.allow(page)
    assert page.step == "consent"
    assert "Somebody else" in page.document.text
    assert "code" in (await ada.allow(page)).answer


@pytest.mark.checklist("1d.30")
async def test_consent_is_asked_again_when_the_metadata_change(
    ada: EndUser, tenant: Tenant, webapp: RelyingParty
) -> None:
    await ada.authorize(webapp.begin().url)
    await change_client(tenant.id, "webapp", client_name="Somebody else")
    assert (await ada.visit(webapp.begin().url)).step == "consent"


async def test_a_person_disabled_midway_is_signed_out(ada: EndUser, tenant: Tenant, webapp: RelyingParty) -> None:
    page = await ada.log_in(await ada.visit(webapp.begin().url))
    person = await users.find_by_identifier(tenant.id, "ada")
    assert person is not None
    await users.update(tenant.id, person, replace(person, enabled=False), clock.now())
    assert (await ada.allow(page)).callback is None
    page = await ada.visit(webapp.begin().url)
    assert page.step == "login"
    assert (await ada.log_in(page)).status == 422


async def test_an_interaction_ends_after_its_hour(ada: EndUser, webapp: RelyingParty) -> None:
    page = await ada.visit(webapp.begin().url)
    await database.execute("UPDATE interaction SET expires_at = $1", clock.now() - 1)
    assert (await ada.log_in(page)).status == 400
    assert (await ada.visit(page.url)).status == 400


async def test_a_logout_in_another_tab_counts(ada: EndUser, webapp: RelyingParty) -> None:
    page = await ada.log_in(await ada.visit(webapp.begin().url))
    await ada.submit(await ada.visit(f"{webapp.issuer}/logout"))
    assert (await ada.visit(page.url)).step == "login"
    assert (await ada.allow(page)).callback is None


async def test_consent_already_given_elsewhere_ends_the_wait(ada: EndUser, webapp: RelyingParty) -> None:
    waiting = await ada.log_in(await ada.visit(webapp.begin().url))
    await ada.authorize(webapp.begin().url)
    assert "code" in (await ada.visit(waiting.url)).answer


async def test_a_session_that_ended_by_idleness_is_gone(ada: EndUser, webapp: RelyingParty) -> None:
    await ada.authorize(webapp.begin().url)
    await database.execute("UPDATE browser_session SET expires_at = $1", clock.now() - 1)
    assert (await ada.visit(webapp.begin(prompt="none").url)).answer["error"] == "login_required"


async def test_use_keeps_a_session_alive(ada: EndUser, webapp: RelyingParty) -> None:
    await ada.authorize(webapp.begin().url)
    long_ago = clock.now() - clock.HOUR
    await database.execute(
        "UPDATE browser_session SET last_seen_at = $1, expires_at = $2", long_ago, clock.now() + clock.MINUTE
    )
    await ada.visit(webapp.begin(prompt="none").url)
    row = await database.row("SELECT last_seen_at, expires_at FROM browser_session")
    assert row is not None
    assert database.as_int(row["last_seen_at"]) > long_ago
    assert database.as_int(row["expires_at"]) > clock.now() + clock.HOUR


@pytest.mark.parametrize(("setting", "step"), [("always", None), ("never", "consent"), ("assured", None)])
async def test_remembering_consent_is_the_tenants_choice(
    ada: EndUser, settings: Settings, webapp: RelyingParty, setting: str, step: str | None
) -> None:
    await apply_document(settings, {**ACME, "settings": {"remember_consent": setting}})
    await ada.authorize(webapp.begin().url)
    assert (await ada.visit(webapp.begin().url)).step == step


async def test_always_remembers_even_a_loopback_client(ada: EndUser, settings: Settings, dynamic: RelyingParty) -> None:
    await apply_document(settings, {**ACME, "settings": {"remember_consent": "always"}})
    await ada.authorize(dynamic.begin().url)
    assert (await ada.visit(dynamic.begin().url)).callback is not None


async def test_a_subject_that_is_asked_for_must_be_the_one_signed_in(
    ada: EndUser, tenant: Tenant, webapp: RelyingParty
) -> None:
    await ada.authorize(webapp.begin().url)
    bob = await users.find_by_identifier(tenant.id, "bob")
    ada_herself = await users.find_by_identifier(tenant.id, "ada")
    assert bob is not None
    assert ada_herself is not None
    for sub, answered in ((bob.sub, False), (ada_herself.sub, True)):
        claims = f'{{"id_token": {{"sub": {{"value": "{sub}"}}}}}}'
        page = await ada.visit(webapp.begin(prompt="none", claims=claims).url)
        assert ("code" in page.answer) is answered


async def test_a_sensitive_scope_is_asked_about_every_time(
    ada: EndUser, settings: Settings, webapp: RelyingParty
) -> None:
    document = {**ACME, "clients": [{**ACME["clients"][0], "scope": "openid notes:purge"}]}  # type: ignore[index]  # a document
    await apply_document(settings, document)
    await ada.authorize(webapp.begin(scope="openid notes:purge").url)
    assert (await ada.visit(webapp.begin(scope="openid notes:purge").url)).step == "consent"
    assert (await ada.visit(webapp.begin(scope="openid").url)).callback is not None
