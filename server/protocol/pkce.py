"""Proof Key for Code Exchange, S256 only. RFC 7636."""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode

from .errors import InvalidRequest
from .vocabulary import CodeChallengeMethod

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


def check_challenge(challenge: str, method: str | None) -> None:
    """Raise InvalidRequest unless this is an S256 challenge; a missing method means plain (§4.3)."""
    if method != CodeChallengeMethod.S256:
        raise InvalidRequest("code_challenge_method is not S256")
    if _CHALLENGE.fullmatch(challenge) is None:
        raise InvalidRequest("code_challenge is not a SHA-256 digest in base64url")


def check_verifier_syntax(verifier: str) -> None:
    """Raise InvalidRequest for a text that cannot be a verifier (§4.1)."""
    if _VERIFIER.fullmatch(verifier) is None:
        raise InvalidRequest("code_verifier has a wrong length or a wrong character")


def is_match(verifier: str, challenge: str) -> bool:
    """Whether the verifier is the one behind the challenge (§4.6), in constant time."""
    digest = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
    return hmac.compare_digest(digest, challenge.encode())
