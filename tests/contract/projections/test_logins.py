"""Who signs in by a name, in two tenants."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from server import credentials, users
from server.kernel import ids
from server.projections import LoginLine, find_login
from server.tenants import Origin
from server.users import User
from tests.issuing import NOW

pytestmark = pytest.mark.usefixtures("storage")

ACME, OTHER = ids.uuid7(), ids.uuid7()


async def make(tenant_id: UUID, password_hash: str | None = None) -> User:
    user = replace(
        users.new_user(tenant_id, "Ada", origin=Origin.MANIFEST, now=NOW), email="Ada@acme.test", claims={"a": 1}
    )
    await users.create(tenant_id, user)
    if password_hash is not None:
        await credentials.set_password(tenant_id, user.id, password_hash, NOW)
    return user


@pytest.mark.parametrize("name", ["ada", " ADA ", "ada@ACME.test"])
async def test_person_and_password_are_those_of_the_tenant(name: str) -> None:
    ada, namesake = await make(ACME, "a hash"), await make(OTHER)
    await credentials.set_password(OTHER, ada.id, "an intruder's", NOW)
    assert await find_login(ACME, name) == LoginLine(ada, "a hash")
    assert await find_login(OTHER, name) == LoginLine(namesake, None)


@pytest.mark.parametrize("name", ["", "bob", "a\x00da", "x" * 300, "bob@acme.test"])
async def test_nobody_comes_with_another_name(name: str) -> None:
    await make(ACME, "a hash")
    assert await find_login(ACME, name) is None
