"""Secrets at rest."""

from collections.abc import Callable, Iterator
from uuid import UUID, uuid4

import pytest

from server.kernel import encryption
from server.kernel.encryption import Unsealable

SECRET = "the first master secret of thirty-two or more"
NEXT = "the second master secret of thirty-two or more"
TENANT, RECORD = uuid4(), uuid4()


@pytest.fixture(autouse=True)
def _master_secret(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setattr(encryption, "_masters", ())
        encryption.open_master_secrets(SECRET)
        yield


def test_what_is_sealed_opens_for_the_same_record() -> None:
    sealed = encryption.seal("signing-key", TENANT, RECORD, b"private")
    assert sealed.startswith("v1.")
    assert encryption.unseal("signing-key", TENANT, RECORD, sealed) == b"private"
    assert encryption.seal("signing-key", TENANT, RECORD, b"private") != sealed


@pytest.mark.parametrize(
    ("purpose", "tenant", "record"),
    [("mac-key", TENANT, RECORD), ("signing-key", RECORD, RECORD), ("signing-key", TENANT, TENANT)],
)
def test_it_does_not_open_anywhere_else(purpose: str, tenant: UUID, record: UUID) -> None:
    sealed = encryption.seal("signing-key", TENANT, RECORD, b"private")
    with pytest.raises(Unsealable):
        encryption.unseal(purpose, tenant, record, sealed)


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s[:-2],
        lambda s: s[:-3] + ("B" if s[-3] == "A" else "A") + s[-2:],
        lambda s: "v2" + s[2:],
        lambda _: "",
        lambda s: s[:12],
    ],
)
def test_damage_is_noticed(change: Callable[[str], str]) -> None:
    sealed = encryption.seal("signing-key", TENANT, RECORD, b"private")
    with pytest.raises(Unsealable):
        encryption.unseal("signing-key", TENANT, RECORD, change(sealed))


def test_the_previous_master_secret_still_opens_and_is_to_be_rewrapped() -> None:
    old = encryption.seal("signing-key", TENANT, RECORD, b"private")
    encryption.open_master_secrets(NEXT, SECRET)
    assert encryption.unseal("signing-key", TENANT, RECORD, old) == b"private"
    assert not encryption.is_current(old)
    new = encryption.seal("signing-key", TENANT, RECORD, b"private")
    assert encryption.is_current(new)
    encryption.open_master_secrets(NEXT)
    assert encryption.unseal("signing-key", TENANT, RECORD, new) == b"private"
    with pytest.raises(Unsealable):
        encryption.unseal("signing-key", TENANT, RECORD, old)


def test_each_purpose_has_a_key_of_its_own_and_each_master_secret_too() -> None:
    first = encryption.derive("cookies")
    assert len(first) == 32
    assert first != encryption.derive("known-device")
    encryption.open_master_secrets(NEXT, SECRET)
    assert encryption.derive_each("cookies") == (encryption.derive("cookies"), first)
    assert encryption.derive("cookies") != first


def test_the_master_secret_is_not_shown() -> None:
    assert SECRET not in repr(encryption._masters)


def test_nothing_is_derived_from_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encryption, "_masters", ())
    with pytest.raises(RuntimeError, match="open_master_secrets"):
        encryption.derive("cookies")
