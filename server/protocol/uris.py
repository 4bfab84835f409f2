"""URIs, read strictly and never repaired. RFC 3986 §3.

The standard library's `urlsplit` drops tabs and line ends and takes almost anything for a host. What decides where a
browser is sent must be read the way the browser reads it, or be refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address

_CHARACTERS = re.compile(r"(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]++|%[0-9A-Fa-f]{2})*+")
_PARTS = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):(?://(?P<authority>[^/?#]*))?(?P<path>[^?#]*)"
    r"(?:\?(?P<query>[^#]*))?(?:#(?P<fragment>.*))?"
)
_HOST_AND_PORT = re.compile(
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*)(?::(?P<port>[1-9][0-9]{0,4}))?"
)
_ENDS_IN_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0[xX][0-9A-Fa-f]*)")
_MAX_HOST = 253
_MAX_PORT = 65535


@dataclass(frozen=True, slots=True)
class Uri:
    """The components of an absolute URI. The scheme is in lower case, all else as written."""

    scheme: str
    authority: str | None  # None: no "//"; empty: nothing after it
    path: str
    query: str | None
    fragment: str | None

    @property
    def has_user_information(self) -> bool:
        """Whether a name or a password stands before the host, where it can be mistaken for the host."""
        return self.authority is not None and "@" in self.authority


@dataclass(frozen=True, slots=True)
class Location:
    """The host that a web URI leads to, in lower case, and its port where one is written."""

    host: str  # an IPv6 address with its brackets
    port: int | None


def parse_uri(text: str) -> Uri | None:
    """The components, or None for anything that is not exactly an absolute URI in ASCII."""
    if _CHARACTERS.fullmatch(text) is None:
        return None
    parts = _PARTS.fullmatch(text)
    if parts is None:
        return None
    return Uri(parts["scheme"].lower(), parts["authority"], parts["path"], parts["query"], parts["fragment"])


def find_location(uri: Uri) -> Location | None:
    """Where an http or https URI leads; None for another scheme, for user information and for doubtful hosts.

    Doubtful is a host that a browser would rewrite: a number that is not a complete dotted address, an IPv6 address in
    another than its short form, an encoded character, an empty label or a dot at the end.
    """
    if uri.scheme not in {"http", "https"} or uri.authority is None:
        return None
    parts = _HOST_AND_PORT.fullmatch(uri.authority)
    if parts is None or not _is_host(parts["host"]):
        return None
    port = int(parts["port"]) if parts["port"] else None
    if port is not None and port > _MAX_PORT:
        return None
    return Location(parts["host"].lower(), port)


def is_web_uri(text: str) -> bool:
    """Whether a text is an http or https URI with a definite host."""
    uri = parse_uri(text)
    return uri is not None and find_location(uri) is not None


def _is_host(host: str) -> bool:
    try:
        if host.startswith("["):
            return _is_plain_ipv6(host[1:-1].lower())
        if _ENDS_IN_NUMBER.fullmatch(host):
            IPv4Address(host)
    except AddressValueError:
        return False
    return len(host) <= _MAX_HOST


def _is_plain_ipv6(text: str) -> bool:
    """Whether an address is written as RFC 5952 has it, and stands for no IPv4 address: else browsers rewrite it."""
    address = IPv6Address(text)
    return address.ipv4_mapped is None and "." not in text and str(address) == text
