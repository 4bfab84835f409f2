"""Which passwords are taken."""

from __future__ import annotations

import pytest

from server.credentials import InvalidPassword, check_password


@pytest.mark.parametrize("password", ["", "1234567", "x" * 1025, "ü" * 513])
def test_too_short_and_too_long_are_refused(password: str) -> None:
    with pytest.raises(InvalidPassword):
        check_password(password)


@pytest.mark.parametrize("password", ["12345678", "correct horse battery staple", "x" * 1024, "pässwörter"])
def test_length_is_all_that_counts(password: str) -> None:
    check_password(password)
