"""Pure rules of passwords. NIST SP 800-63B-4 §3.1.1.2: length counts, composition does not."""

from __future__ import annotations

from server.kernel.passwords import MAX_PASSWORD_BYTES

SHORTEST_PASSWORD = 8


class InvalidPassword(ValueError):
    """A password cannot be taken; the message says why, in one line."""


def check_password(password: str) -> None:
    """Raise InvalidPassword for a password that is too short to resist guessing, or too long to hash."""
    if len(password) < SHORTEST_PASSWORD:
        raise InvalidPassword(f"a password must have at least {SHORTEST_PASSWORD} characters")
    if len(password.encode("utf-8", errors="surrogatepass")) > MAX_PASSWORD_BYTES:
        raise InvalidPassword(f"a password must have at most {MAX_PASSWORD_BYTES} bytes")
