"""PKCE with S256 and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.protocol.errors import InvalidRequest
from server.protocol.pkce import check_challenge, check_verifier_syntax, is_match
from tests.unit.protocol.refusals import refused

# The pair of RFC 7636 appendix B.
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"

METHOD = "code_challenge_method is not S256"
DIGEST = "code_challenge is not a SHA-256 digest in base64url"
SYNTAX = "code_verifier has a wrong length or a wrong character"


@pytest.mark.rfc("7636", "4.6")
@pytest.mark.checklist("1a.5")
def test_the_verifier_behind_the_challenge_matches() -> None:
    assert is_match(VERIFIER, CHALLENGE)


@pytest.mark.rfc("7636", "4.6")
@given(st.text(ALPHABET, min_size=43, max_size=128).filter(lambda text: text != VERIFIER))
def test_no_other_verifier_matches(verifier: str) -> None:
    assert not is_match(verifier, CHALLENGE)


@pytest.mark.parametrize("challenge", ["", VERIFIER, CHALLENGE[:-1], CHALLENGE + "=", CHALLENGE.lower(), "Zoë"])
def test_no_other_challenge_matches(challenge: str) -> None:
    assert not is_match(VERIFIER, challenge)


def test_a_verifier_that_is_not_ascii_matches_nothing() -> None:
    assert not is_match("ö" * 43, CHALLENGE)


@pytest.mark.rfc("7636", "4.3")
def test_an_s256_challenge_passes() -> None:
    check_challenge(CHALLENGE, "S256")


@pytest.mark.rfc("7636", "4.4.1")
@pytest.mark.parametrize("method", [None, "plain", "s256", "S512", ""])
def test_another_method_is_refused_and_so_is_none(method: str | None) -> None:
    with refused(InvalidRequest, METHOD):
        check_challenge(CHALLENGE, method)


@pytest.mark.rfc("7636", "4.2")
@pytest.mark.parametrize(
    "challenge", ["", CHALLENGE[:-1], CHALLENGE + "A", CHALLENGE + "\n", CHALLENGE[:-1] + "+", CHALLENGE[:-1] + "="]
)
def test_what_is_no_digest_is_refused(challenge: str) -> None:
    with refused(InvalidRequest, DIGEST):
        check_challenge(challenge, "S256")


@pytest.mark.rfc("7636", "4.1")
@pytest.mark.parametrize("verifier", [VERIFIER, "a" * 43, "a" * 128, "._~-" * 11])
def test_verifiers_of_the_grammar_pass(verifier: str) -> None:
    check_verifier_syntax(verifier)


@pytest.mark.rfc("7636", "4.1")
@pytest.mark.parametrize("verifier", ["", "a" * 42, "a" * 129, "a" * 43 + "\n", "a" * 42 + "+", "a" * 42 + "ö"])
def test_other_verifiers_are_refused(verifier: str) -> None:
    with refused(InvalidRequest, SYNTAX):
        check_verifier_syntax(verifier)
