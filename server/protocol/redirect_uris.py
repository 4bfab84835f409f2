"""Redirect URIs: the hard rules, and the one matcher that every caller uses.

OAuth 2.1 §2.3.1 and §8.4.2; RFC 8252 §7 and §8; RFC 9700 §2.1 and §4.1.3.
"""

from __future__ import annotations

import re

from .errors import InvalidRedirectUri
from .uris import Location, Uri, find_location, parse_uri

MAX_LENGTH = 2000
MAX_SCHEME = 100
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "[::1]", "localhost"})
# Schemes that a browser or an operating system acts upon by itself, or that cannot bring an answer to an application.
_DANGEROUS = """
about blob chrome chrome-extension chrome-search chrome-untrusted cid content data devtools edge file filesystem
ftp ftps gopher intent jar javascript ldap ldaps livescript mailto mhtml mid mocha moz-extension ms-msdt
ms-officecmd ms-settings nfs opera resource search-ms sftp shell sip sips sms smb smsto ssh tel telnet urn
vbscript view-source vnc ws wss wyciwyg x-javascript
"""
DANGEROUS_SCHEMES = frozenset(_DANGEROUS.split())

_ENCODED_CONTROL = re.compile(r"%(?:[01][0-9A-Fa-f]|7[Ff])")
_LOOPBACK = re.compile(
    r"(?P<origin>http://(?:127\.0\.0\.1|\[::1\]|localhost))(?::(?P<port>[1-9][0-9]{0,4}))?(?P<rest>(?:[/?].*)?)",
    re.ASCII | re.IGNORECASE,
)
_MAX_PORT = 65535
_DEFAULT_PORTS = {"http": 80, "https": 443}


def check_redirect_uri(uri: str) -> None:
    """Hold a URI to the hard rules, which no setting relaxes; raises InvalidRedirectUri.

    A private-use scheme passes: whether a tenant wants it is another question.
    """
    if len(uri) > MAX_LENGTH:
        raise InvalidRedirectUri("redirect URI is too long")
    parts = parse_uri(uri)
    if parts is None:
        raise InvalidRedirectUri("redirect URI is not an absolute URI of plain characters")
    if parts.fragment is not None:
        raise InvalidRedirectUri("redirect URI has a fragment")
    if "*" in uri:
        raise InvalidRedirectUri("redirect URI has a wildcard")
    if _ENCODED_CONTROL.search(uri):
        raise InvalidRedirectUri("redirect URI has an encoded control character")
    if parts.scheme in _DEFAULT_PORTS:
        _check_web(parts)
    else:
        _check_private_use(parts)


def matches(registered: str, presented: str) -> bool:
    """Whether a presented URI is the registered one: the same text, save for the port of an http loopback URI."""
    return without_loopback_port(registered) == without_loopback_port(presented)


def without_loopback_port(uri: str) -> str:
    """The URI without its port when it is an http loopback URI; any other as it is. RFC 8252 §7.3."""
    parts = _LOOPBACK.fullmatch(uri)
    if parts is None or int(parts["port"] or 0) > _MAX_PORT:
        return uri
    return parts["origin"] + parts["rest"]


def is_loopback(uri: str) -> bool:
    """Whether the URI leads to the person's own machine, where any program may answer. RFC 8252 §8.6."""
    return host_of(uri) in LOOPBACK_HOSTS


def host_of(uri: str) -> str | None:
    """The host that an http or https URI leads to, in lower case; None for any other text."""
    parts = parse_uri(uri)
    location = find_location(parts) if parts else None
    return location.host if location else None


def is_private_use(uri: str) -> bool:
    """Whether the URI has a scheme that an application claims for itself. RFC 8252 §7.1."""
    parts = parse_uri(uri)
    return parts is not None and parts.scheme not in _DEFAULT_PORTS


def origin_of(uri: str) -> str:
    """`scheme://host[:port]` in lower case, without a default port; loopback without port; private use `scheme:`.

    Raises InvalidRedirectUri for what is no redirect URI.
    """
    parts = parse_uri(uri)
    if parts is None:
        raise InvalidRedirectUri("no origin: not an absolute URI")
    if parts.scheme not in _DEFAULT_PORTS:
        return f"{parts.scheme}:"
    location = _locate(parts)
    if location.host in LOOPBACK_HOSTS or location.port in {None, _DEFAULT_PORTS[parts.scheme]}:
        return f"{parts.scheme}://{location.host}"
    return f"{parts.scheme}://{location.host}:{location.port}"


def _locate(parts: Uri) -> Location:
    location = find_location(parts)
    if location is None:
        raise InvalidRedirectUri("redirect URI has user information, or a doubtful host or port")
    return location


def _check_web(parts: Uri) -> None:
    location = _locate(parts)
    if parts.scheme == "http" and location.host not in LOOPBACK_HOSTS:
        raise InvalidRedirectUri("redirect URI is http and not loopback")


def _check_private_use(parts: Uri) -> None:
    if parts.scheme in DANGEROUS_SCHEMES:
        raise InvalidRedirectUri("redirect URI has a dangerous scheme")
    if len(parts.scheme) == 1:
        raise InvalidRedirectUri("redirect URI looks like a path with a drive letter")
    if len(parts.scheme) > MAX_SCHEME:
        raise InvalidRedirectUri("redirect URI has a scheme that is longer than any host")
    if parts.has_user_information:
        raise InvalidRedirectUri("redirect URI has user information")
    if parts.authority is None and not parts.path:
        raise InvalidRedirectUri("redirect URI is nothing but a scheme")
