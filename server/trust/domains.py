"""What is known of domains: who had to register what, who hosts strangers, who only passes people on."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address

from publicsuffixlist import PublicSuffixList

from server.protocol import redirect_uris

from .listed import listed


class InvalidDomain(ValueError):
    """Nobody can register a domain like this; the message says why, in one line."""


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


@lru_cache(maxsize=1)
def _icann_suffixes() -> PublicSuffixList:
    return PublicSuffixList(only_icann=True)


def registrable_domain(host: str) -> str:
    """The registrable domain of a host; the host itself where there is none, such as for an address."""
    if ":" in host or not any(character.isalpha() for character in host):
        return host
    return _suffixes().privatesuffix(host) or host


def check_registrable(domain: str) -> None:
    """Raise InvalidDomain unless somebody had to register exactly this name."""
    if redirect_uris.host_of(f"https://{domain}") != domain or is_address(domain):
        raise InvalidDomain("a domain is a plain name in lower case, such as acme.test")
    if is_public_suffix(domain):
        raise InvalidDomain("below this name anybody may have one of their own")
    if registrable_domain(domain) != domain:
        raise InvalidDomain(f"the domain that was registered is {registrable_domain(domain)}")


def is_address(host: str) -> bool:
    """Whether the host is an IP address; IPv6 with its brackets."""
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def is_public_suffix(host: str) -> bool:
    """Whether strangers register names directly below this host."""
    return _suffixes().privatesuffix(host) is None


def is_shared_hosting(host: str) -> bool:
    """Whether the host is at or below a suffix of the list's private section, where anybody may have a name."""
    return _suffixes().publicsuffix(host) != _icann_suffixes().publicsuffix(host)


def is_shortener(host: str) -> bool:
    """Whether the host is known to pass people on to wherever somebody says."""
    known, labels = listed("shorteners.txt"), host.split(".")
    return any(".".join(labels[first:]) in known for first in range(len(labels)))


def is_reverse_domain(scheme: str) -> bool:
    """Whether a scheme is a domain name in reverse, as an application should use that has one. RFC 8252 §7.1."""
    labels = scheme.split(".")
    if len(labels) < 2 or not all(labels):  # noqa: PLR2004  a domain has two labels
        return False
    name = ".".join(reversed(labels))
    return _suffixes().privatesuffix(name, accept_unknown=False) is not None


def known_domains() -> frozenset[str]:
    """The domains that everybody knows and many imitate."""
    return listed("domains.txt")
