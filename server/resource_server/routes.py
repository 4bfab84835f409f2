"""Which scopes an operation needs: a table of method and path prefix, and scopes that imply others. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ..protocol.scopes import OFFLINE_ACCESS, is_scope_name

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    ImpliedScopes = Mapping[str, Sequence[str]]

# In the table: needs no token at all.
PUBLIC: Final = None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: an operation and the scopes that it needs, all of them; None is public."""

    method: str | None
    prefix: str
    scopes: tuple[str, ...] | None

    def matches(self, method: str, path: str) -> bool:
        """Whether this row speaks of that operation; a prefix ends where a path segment ends."""
        if self.method is not None and self.method != method:
            return False
        return path == self.prefix or path.startswith(f"{self.prefix.rstrip('/')}/")


@dataclass(frozen=True, slots=True)
class ScopeTable:
    """The table, most specific row first, and what everything else needs."""

    rows: tuple[Row, ...]
    default: tuple[str, ...]


def scope_table(default: Sequence[str], routes: Mapping[str, Sequence[str] | None]) -> ScopeTable:
    """The table from `{"POST /notes": ("notes:write",), "/healthz": PUBLIC}`. Raises ValueError for a bad line."""
    rows = [_row(line, scopes) for line, scopes in routes.items()]
    rows.sort(key=lambda row: (len(row.prefix), row.method is not None), reverse=True)
    return ScopeTable(tuple(rows), scope_names("scopes", default))


def _row(line: str, scopes: Sequence[str] | None) -> Row:
    method, _, prefix = line.rpartition(" ")
    if not prefix.startswith("/") or not (method == "" or (method.isalpha() and method.isupper())):
        raise ValueError(f'a route is written "/path" or "METHOD /path", not {line!r}')
    return Row(method or None, prefix, None if scopes is None else scope_names(line, scopes))


def scope_names(where: str, scopes: Sequence[str]) -> tuple[str, ...]:
    """The names as a tuple. Raises ValueError for what is no list of scopes of a resource."""
    if isinstance(scopes, str) or not all(map(is_scope_name, scopes)):
        raise ValueError(f"the scopes of {where!r} are a tuple of names without spaces or quotes")
    if OFFLINE_ACCESS in scopes:
        # A refresh token is between the client and the authorization server (MCP authorization, SEP-2207).
        raise ValueError("offline_access is no scope of a resource")
    return tuple(scopes)


def required_scopes(table: ScopeTable, method: str, path: str) -> tuple[str, ...] | None:
    """What this operation needs: the most specific row alone decides; None when it is public.

    Doubled slashes count as one, as many routers have it; but a path that routers may read differently is never public.
    """
    plain = _with_single_slashes(path)
    asked = "GET" if method == "HEAD" else method
    row = next((row for row in table.rows if row.matches(asked, plain)), None)
    if row is None or (row.scopes is None and (plain != path or has_dot_segments(path))):
        return table.default
    return row.scopes


def _with_single_slashes(path: str) -> str:
    while "//" in path:
        path = path.replace("//", "/")
    return path


def has_dot_segments(path: str) -> bool:
    """Whether the path climbs: no client sends that, and no two routers agree on what it means."""
    return any(segment in {".", ".."} for segment in path.replace("\\", "/").split("/"))


def with_implied(scopes: Collection[str], implied: ImpliedScopes) -> frozenset[str]:
    """The scopes, those that they imply, those that these imply."""
    known: set[str] = set()
    waiting = list(scopes)
    while waiting:
        name = waiting.pop()
        if name not in known:
            known.add(name)
            waiting.extend(implied.get(name, ()))
    return frozenset(known)


def challenge_scope(required: Sequence[str], implied: ImpliedScopes) -> tuple[str, ...]:
    """What a challenge asks for: all that the operation needs, without what another of them implies anyway.

    It depends on the operation alone, never on the token, so that it is the same each time.
    """
    names = tuple(dict.fromkeys(required))
    return tuple(name for name in names if not _is_covered(name, names, implied))


def _is_covered(name: str, names: tuple[str, ...], implied: ImpliedScopes) -> bool:
    for other in names:
        if other == name or name not in with_implied([other], implied):
            continue
        # Two names that imply each other are one: the first stays.
        if other not in with_implied([name], implied) or names.index(other) < names.index(name):
            return True
    return False
