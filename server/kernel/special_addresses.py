"""Addresses that mean something here and nothing in public: nobody outside may have us connect to them.

RFC 6890 and the IANA registries of special-purpose addresses for IPv4 and IPv6, as of 2026-11. The standard
library's `is_global` changes with the Python release, so the networks stand here.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address

_IPV4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared between carriers and customers
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, and where clouds keep their credentials
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relays, retired
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
# Global unicast is 2000::/3; whatever is outside of it is special, unless it carries an IPv4 address (below).
_IPV6_GLOBAL = IPv6Network("2000::/3")
_IPV6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, benchmarking, ORCHID and the like
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: the way leads through an IPv4 address
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)
# A translator turns these into the IPv4 address in their last 32 bits: RFC 6052, RFC 8215, RFC 4291 §2.5.5.2.
_CARRIES_IPV4 = (IPv6Network("64:ff9b::/96"), IPv6Network("::ffff:0:0/96"))


def is_public(text: str) -> bool:
    """Whether an address, as a resolver gives it, is one of the public internet; false for what is no address."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv4Address):
        return _is_public_ipv4(address)
    if address.scope_id is not None:
        return False
    if any(address in network for network in _CARRIES_IPV4):
        return _is_public_ipv4(IPv4Address(int(address) & 0xFFFFFFFF))
    return address in _IPV6_GLOBAL and not any(address in network for network in _IPV6)


def _is_public_ipv4(address: IPv4Address) -> bool:
    return not any(address in network for network in _IPV4)
