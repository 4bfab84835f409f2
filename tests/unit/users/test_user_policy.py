"""Names of people, and when two are the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server import users
from server.kernel import ids
from server.tenants import Origin
from server.users import InvalidUser

ADA = replace(users.new_user(ids.uuid7(), "ada", origin=Origin.CLI, now=1), email="ada@acme.test", name="Ada Lovelace")


def test_new_people_have_random_subjects() -> None:
    one, other = [users.new_user(ADA.tenant_id, "ada@acme.test", origin=Origin.CLI, now=1) for _ in range(2)]
    assert other.sub != one.sub
    assert len(one.sub) >= 22
    assert "ada@" not in one.sub  # a character that chance never writes


@pytest.mark.parametrize(
    ("one", "same"), [("Ada", "ada"), (" ada ", "ada"), ("STRASSE", "straße"), ("\uff41\uff44\uff41", "ada")]
)
def test_spellings_of_one_name_have_one_key(one: str, same: str) -> None:
    assert users.identifier_key(one) == users.identifier_key(same)


def test_key_is_its_own_key() -> None:
    for name in ("Ǆ", "ß", "ﬀ", "İstanbul", "Å"):
        key = users.identifier_key(name)
        assert users.identifier_key(key) == key


@pytest.mark.parametrize("name", ["", "  ", "a\x00b", "a\nb", "x" * 255])
def test_some_texts_are_nobodys_name(name: str) -> None:
    assert not users.is_identifier(name)


def test_good_person_passes() -> None:
    users.check_user(ADA)
    users.check_user(replace(ADA, email=None, name=None))
    users.check_user(replace(ADA, username="ADA@acme.test"))


@pytest.mark.parametrize(
    "user",
    [
        replace(ADA, username=""),
        replace(ADA, username="x" * 201),
        replace(ADA, username="a\x00"),
        replace(ADA, email="nobody"),
        replace(ADA, email="a@b@c"),
        replace(ADA, email="a b@acme.test"),
        replace(ADA, email="a\x00@acme.test"),
        replace(ADA, name="x" * 201),
        replace(ADA, name="Ada\nLovelace"),
        replace(ADA, claims={"sub": "somebody-else"}),
        replace(ADA, claims={"iss": "https://evil.test"}),
    ],
)
def test_people_who_cannot_be_are_refused(user: users.User) -> None:
    with pytest.raises(InvalidUser):
        users.check_user(user)


def test_claims_from_before_their_name_was_reserved_keep_nobody_from_being_disabled() -> None:
    before = replace(ADA, claims={"groups": ["Staff"]})
    users.check_user(replace(before, enabled=False), before)
    with pytest.raises(InvalidUser):
        users.check_user(before)
    with pytest.raises(InvalidUser):
        users.check_user(replace(before, claims={"groups": [], "roles": []}), before)


@pytest.mark.parametrize("email", [None, "ada@acme.test"])
def test_nobody_takes_somebody_elses_address_for_a_username(email: str | None) -> None:
    with pytest.raises(InvalidUser):
        users.check_user(replace(ADA, username="bob@acme.test", email=email))
