"""People as rows, in two tenants."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from server import users
from server.kernel import database, ids
from server.kernel.database import AlreadyExists
from server.tenants import Origin
from server.users import User
from tests.issuing import NOW

pytestmark = pytest.mark.usefixtures("storage")

ACME, OTHER = ids.uuid7(), ids.uuid7()


async def make(tenant_id: UUID = ACME, username: str = "Ada", email: str | None = "Ada@acme.test") -> User:
    user = replace(
        users.new_user(tenant_id, username, origin=Origin.MANIFEST, now=NOW),
        email=email,
        email_verified=True,
        name="Ada Lovelace",
        claims={"given_name": "Ada", "address": {"country": "GB"}},
    )
    await users.create(tenant_id, user)
    return user


async def test_person_comes_back_as_stored() -> None:
    ada = await make()
    assert await users.find(ACME, ada.id) == ada


async def test_people_belong_to_one_tenant() -> None:
    ada, other = await make(), await make(OTHER)
    assert await users.find(OTHER, ada.id) is None
    assert (await users.find_by_identifier(OTHER, "ada")) == other
    assert await users.list_users(ACME) == (ada,)
    assert not await users.delete(OTHER, ada.id)


@pytest.mark.parametrize("name", ["ada", " ADA ", "ada@ACME.test"])
async def test_person_is_found_by_username_and_address_whatever_the_case(name: str) -> None:
    ada = await make()
    assert await users.find_by_identifier(ACME, name) == ada


@pytest.mark.parametrize("name", ["", "bob", "a\x00da", "x" * 300, "bob@acme.test"])
async def test_nobody_is_found_by_another_name(name: str) -> None:
    await make()
    assert await users.find_by_identifier(ACME, name) is None


async def test_names_are_taken_once_whatever_the_case() -> None:
    await make()
    with pytest.raises(AlreadyExists):
        await make(username="ADA", email=None)
    with pytest.raises(AlreadyExists):
        await make(username="other", email="ADA@ACME.test")
    await make(username="one", email=None)
    await make(username="two", email=None)


async def test_sign_in_costs_one_query() -> None:
    await make()
    with database.query_count() as count:
        await users.find_by_identifier(ACME, "ada@acme.test")
    assert count.total == 1


async def test_changes_are_seen_at_once_and_leave_the_subject_alone() -> None:
    ada = await make()
    await users.find(ACME, ada.id)
    await users.update(ACME, ada, replace(ada, sub="another", username="Countess", email=None), NOW + 1)
    found = await users.find(ACME, ada.id)
    assert found is not None
    assert (found.sub, found.username, found.email, found.updated_at) == (ada.sub, "Countess", None, NOW + 1)
    assert await users.find_by_identifier(ACME, "ada") is None


async def test_known_person_and_no_difference_ask_the_database_nothing() -> None:
    ada = await make()
    await users.find(ACME, ada.id)
    with database.query_count() as count:
        await users.find(ACME, ada.id)
        await users.update(ACME, ada, ada, NOW)
    assert count.total == 0


async def test_disabled_person_is_found_disabled() -> None:
    ada = await make()
    await users.find(ACME, ada.id)
    await users.update(ACME, ada, replace(ada, enabled=False), NOW + 1)
    found = await users.find(ACME, ada.id)
    assert found is not None
    assert not found.enabled


async def test_removed_person_is_gone() -> None:
    ada = await make()
    assert await users.delete(ACME, ada.id)
    assert await users.find(ACME, ada.id) is None
