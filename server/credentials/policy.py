"""Pure rules of passwords. NIST SP 800-63B-4 §3.1.1.2: length counts, composition does not."""

from __future__ import annotations

from server.kernel.passwords import MAX_PASSWORD_BYTES

SHORTEST_PASSWORD = 8


class InvalidPassword(ValueError):
    """A password cannot be taken; the message says why, in one line."""


def check_password(password: str, *, shortest: int = SHORTEST_PASSWORD) -> None:
    """Raise InvalidPassword for one of fewer characters than `shortest`, or of more bytes than are worth hashing."""
    if len(password) < shortest:
        raise InvalidPassword(f"a password must have at least {shortest} characters")
    if len(password.encode("utf-8", errors="surrogatepass")) > MAX_PASSWORD_BYTES:
        raise InvalidPassword(f"a password must have at most {MAX_PASSWORD_BYTES} bytes")
