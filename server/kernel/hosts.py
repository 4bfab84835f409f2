"""Who is calling, and by which name: addresses and hosts behind trusted proxies.

RFC 7239 (Forwarded) and its predecessors. What a proxy says counts only if the proxy is trusted, and what it passes on
from others only as far as they are.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from ipaddress import IPv4Address, IPv6Address

    Address: TypeAlias = IPv4Address | IPv6Address

Network: TypeAlias = IPv4Network | IPv6Network

IPV4 = 4
REMEMBERED = 10_000  # addresses: reading one costs more than all else that is done with it


def is_loopback_host(host: str) -> bool:
    """Whether a host, without port, is this very machine: a loopback address, or localhost (RFC 6761 §6.3)."""
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    address = _address(name)
    return address is not None and address.is_loopback


def is_loopback_address(address: str) -> bool:
    """Whether an address is this very machine's."""
    parsed = _address(address)
    return parsed is not None and parsed.is_loopback


def is_private_address(address: str) -> bool:
    """Whether an address means something here only: this machine's, or one of a private network (RFC 1918, 4193)."""
    parsed = _address(address)
    return parsed is not None and parsed.is_private


def client_address(peer: str, headers: Mapping[str, str], trusted_proxies: tuple[Network, ...]) -> str:
    """The address of the nearest one in the chain of proxies that is not a trusted proxy itself.

    Header names are lower-case. A proxy writes one of the two fields and passes on the other as the client sent it:
    where they disagree neither is believed, and it is the proxy that is counted.
    """
    if not is_trusted(peer, trusted_proxies):
        return peer
    chains = (_forwarded_for(headers), _elements(headers, "x-forwarded-for"))
    told = {_nearest(peer, chain, trusted_proxies) for chain in chains if chain}
    return told.pop() if len(told) == 1 else peer


def _nearest(peer: str, chain: Sequence[str], trusted_proxies: tuple[Network, ...]) -> str:
    """The end of a chain of hops, nearest last. An unreadable hop ends it: what is before it is hearsay."""
    nearest = peer
    for hop in reversed(chain):
        if not is_trusted(nearest, trusted_proxies):
            break
        address = _address(_without_port(hop))
        if address is None:
            break
        nearest = str(address)
    return nearest


@lru_cache(maxsize=REMEMBERED)
def address_block(address: str) -> str:
    """What one customer of a network has, for counting: an IPv4 address, or an IPv6 /64 (RFC 4291 §2.5.4)."""
    parsed = _address(address)
    if parsed is None or parsed.version == IPV4:
        return address
    return str(ip_network((parsed, 64), strict=False))


def forwarded_host(peer: str, headers: Mapping[str, str], trusted_proxies: tuple[Network, ...]) -> str:
    """The host (and port) that the browser asked for, lower-case; empty when nobody says."""
    host = headers.get("host", "")
    if is_trusted(peer, trusted_proxies):
        # The nearest proxy wrote the last value.
        hosts = [host for host in map(_host_of, _elements(headers, "forwarded")) if host]
        hosts = hosts or _elements(headers, "x-forwarded-host")
        host = hosts[-1] if hosts else host
    return host.strip().lower()


def _forwarded_for(headers: Mapping[str, str]) -> list[str]:
    hops = [_member(element, "for") for element in _elements(headers, "forwarded")]
    return hops if any(hops) else []


def _host_of(element: str) -> str:
    return _member(element, "host")


def _elements(headers: Mapping[str, str], name: str) -> list[str]:
    return [element.strip() for element in headers.get(name, "").split(",") if element.strip()]


def _member(element: str, name: str) -> str:
    for pair in element.split(";"):
        key, _, value = pair.strip().partition("=")
        if key.lower() == name:
            return value.strip('"')
    return ""


def _without_port(hop: str) -> str:
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop


@lru_cache(maxsize=REMEMBERED)
def is_trusted(host: str, trusted_proxies: tuple[Network, ...]) -> bool:
    """Whether an address is a trusted proxy's."""
    address = _address(host)
    return address is not None and any(address in network for network in trusted_proxies)


def _address(text: str) -> Address | None:
    try:
        # Without its zone, which is any text and means something on one machine only.
        address = ip_address(text.removeprefix("[").removesuffix("]").partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return address if mapped is None else mapped
