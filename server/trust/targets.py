"""What a redirect URI tells by itself: where it leads, and the shape of that place. Pure; from shipped data only.

RFC 8252 §7, UTS 39 §5, the Public Suffix List.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from server.protocol import redirect_uris
from server.protocol.uris import find_location, parse_uri

from . import domains, names

_DEEPEST = 3  # labels below the registrable domain that nobody wonders about
_USUAL_PORTS = frozenset({None, 80, 443})


class TargetKind(StrEnum):
    """What answers at a redirect URI."""

    WEB = "web"
    LOOPBACK = "loopback"
    PRIVATE_USE = "private_use"
    NONE = "none"  # the URI breaks a hard rule


@dataclass(frozen=True, slots=True)
class Target:
    """Where a redirect URI leads. `host` is empty for a private-use scheme; text is lower case."""

    kind: TargetKind
    scheme: str = ""
    host: str = ""
    origin: str = ""
    registrable: str = ""  # the domain that somebody had to register; the host itself where there is none
    shared_hosting: bool = False
    shortener: bool = False
    ip_literal: bool = False
    unusual_port: bool = False
    deep_subdomain: bool = False
    internationalized: bool = False
    mixed_script: bool = False
    scheme_not_reverse_domain: bool = False


@lru_cache(maxsize=10_000)
def target_of(redirect_uri: str) -> Target:
    """Where a redirect URI leads; raises InvalidRedirectUri for one that breaks a hard rule."""
    redirect_uris.check_redirect_uri(redirect_uri)
    parts = parse_uri(redirect_uri)
    if parts is None:
        raise AssertionError("a checked URI has parts")
    origin = redirect_uris.origin_of(redirect_uri)
    location = find_location(parts)
    if location is None:
        fits = domains.is_reverse_domain(parts.scheme)
        return Target(TargetKind.PRIVATE_USE, parts.scheme, origin=origin, scheme_not_reverse_domain=not fits)
    if location.host in redirect_uris.LOOPBACK_HOSTS:
        return Target(TargetKind.LOOPBACK, parts.scheme, location.host, origin, location.host)
    return _web_target(parts.scheme, location.host, location.port, origin)


def _web_target(scheme: str, host: str, port: int | None, origin: str) -> Target:
    if domains.is_address(host):
        unusual = port not in _USUAL_PORTS
        return Target(TargetKind.WEB, scheme, host, origin, host, ip_literal=True, unusual_port=unusual)
    registrable = domains.registrable_domain(host)
    text = names.decoded(host)
    return Target(
        TargetKind.WEB,
        scheme,
        host,
        origin,
        registrable,
        shared_hosting=domains.is_shared_hosting(host),
        shortener=domains.is_shortener(host),
        unusual_port=port not in _USUAL_PORTS,
        deep_subdomain=host.count(".") - registrable.count(".") > _DEEPEST,
        internationalized=text != host,
        mixed_script=names.mixes_scripts(text),
    )
