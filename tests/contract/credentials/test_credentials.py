"""Passwords as rows, in two tenants."""

from __future__ import annotations

import pytest

from server import credentials
from server.kernel import ids
from tests.issuing import NOW

pytestmark = pytest.mark.usefixtures("storage")

ACME, OTHER, ADA = ids.uuid7(), ids.uuid7(), ids.uuid7()


async def test_password_belongs_to_one_person_of_one_tenant() -> None:
    assert await credentials.password_of(ACME, ADA) is None
    await credentials.set_password(ACME, ADA, "a hash", NOW)
    assert await credentials.password_of(ACME, ADA) == "a hash"
    assert await credentials.password_of(OTHER, ADA) is None


async def test_another_tenant_cannot_replace_or_remove_it() -> None:
    await credentials.set_password(ACME, ADA, "a hash", NOW)
    await credentials.set_password(OTHER, ADA, "an intruder's", NOW)
    await credentials.remove_password(OTHER, ADA)
    assert not await credentials.replace_password_hash(OTHER, ADA, "a hash", "an intruder's", NOW)
    assert await credentials.password_of(ACME, ADA) == "a hash"


async def test_new_password_takes_the_place_of_the_old_one() -> None:
    await credentials.set_password(ACME, ADA, "a hash", NOW)
    await credentials.set_password(ACME, ADA, "another", NOW + 1)
    assert await credentials.password_of(ACME, ADA) == "another"
    await credentials.remove_password(ACME, ADA)
    assert await credentials.password_of(ACME, ADA) is None


async def test_rehash_does_not_undo_a_change_of_password() -> None:
    await credentials.set_password(ACME, ADA, "old", NOW)
    await credentials.set_password(ACME, ADA, "changed meanwhile", NOW)
    assert not await credentials.replace_password_hash(ACME, ADA, "old", "old, hashed anew", NOW)
    assert await credentials.password_of(ACME, ADA) == "changed meanwhile"
    assert await credentials.replace_password_hash(ACME, ADA, "changed meanwhile", "the same, hashed anew", NOW)
