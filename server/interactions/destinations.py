"""Where a redirect URI leads, in words for people: host first, registrable domain apart.

RFC 8252 §7; the Public Suffix List says which part of a host somebody had to register.
"""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlsplit

from publicsuffixlist import PublicSuffixList

from server.protocol import redirect_uris

from .records import Destination, DestinationKind


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def destination_of(redirect_uri: str, client_host: str | None) -> Destination:
    """The destination of a redirect URI that passed the hard rules."""
    parts = urlsplit(redirect_uri)
    if redirect_uris.is_loopback(redirect_uri):
        return Destination(DestinationKind.LOOPBACK, parts.scheme, parts.hostname or "", "", differs_from_client=False)
    if redirect_uris.is_private_use(redirect_uri):
        return Destination(DestinationKind.PRIVATE_USE, parts.scheme, "", "", differs_from_client=False)
    host = (parts.hostname or "").lower()
    registrable = registrable_domain(host)
    differs = client_host is not None and registrable_domain(client_host) != registrable
    return Destination(DestinationKind.HTTPS, parts.scheme, host, registrable, differs_from_client=differs)


def registrable_domain(host: str) -> str:
    """The registrable domain of a host; the host itself where there is none, such as for an address."""
    if not any(character.isalpha() for character in host) or ":" in host:
        return host
    return _suffixes().privatesuffix(host) or host


def host_of_link(uri: str | None) -> str | None:
    """The host of a client's own link, when it is one to be shown."""
    if not uri:
        return None
    parts = urlsplit(uri)
    return parts.hostname.lower() if parts.scheme == "https" and parts.hostname else None
