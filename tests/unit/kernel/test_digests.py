"""Digests, authentication codes, random secrets."""

import pytest

from server.kernel import digests


def test_text_and_its_bytes_have_one_digest() -> None:
    assert digests.sha256("ä") == digests.sha256("ä".encode())
    assert digests.sha256("abc").hex().startswith("ba7816bf")


def test_moving_the_border_between_parts_changes_the_code() -> None:
    key = b"k" * 32
    assert digests.hmac_sha256(key, "ab", "c") != digests.hmac_sha256(key, "a", "bc")
    assert digests.hmac_sha256(key, "ab", "c") == digests.hmac_sha256(key, b"ab", b"c")
    assert digests.hmac_sha256(key, "abc") != digests.hmac_sha256(key, "abc", "")


@pytest.mark.rfc("7515", "2")
def test_base64url_has_no_padding_and_one_spelling() -> None:
    assert digests.b64url(b"\xff\xfe") == "__4"
    assert digests.from_b64url("__4") == b"\xff\xfe"


@pytest.mark.parametrize("text", ["__4=", "__5", "a", "//4", "__ 4", "é"])
def test_other_spellings_are_not_read(text: str) -> None:
    assert digests.from_b64url(text) is None


def test_secrets_are_compared_as_text_or_bytes() -> None:
    assert digests.equal("geheim", b"geheim")
    assert not digests.equal("geheim", "geheimer")
    assert not digests.equal("\ud800", "a")


def test_random_tokens_have_the_bits_asked_for() -> None:
    assert len(digests.random_token()) == 43
    assert len(digests.random_token(128)) == 22
    assert digests.random_token() != digests.random_token()
