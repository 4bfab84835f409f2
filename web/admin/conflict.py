"""Two administrators changed the same thing: both versions are shown, and nothing is lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.administration.finding import version_of
from web.admin.frame import draw
from web.security import CSRF_FIELD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.administration.finding import Conflict
    from server.endpoints.wire import WireResponse
    from web.admin.forms import VersionedForm
    from web.admin.visit import ConsoleVisit


@dataclass(frozen=True, slots=True)
class Difference:
    """One field in which what is there now differs from what was typed."""

    label: str
    current: str
    typed: str


@dataclass(frozen=True, slots=True)
class ConflictPage:
    """Both versions. `fields` send again what was typed, over the version that is there now."""

    title: str
    uri: str
    action: str
    version: str
    differences: tuple[Difference, ...]
    fields: tuple[tuple[str, str], ...]


def versions(form: VersionedForm, current: Mapping[str, object]) -> Mapping[str, tuple[str, str]]:
    """Label to (now, typed) of the fields of a form; `current` is what it would be filled with now."""
    return {form[name].label.text: (_plain(value), _plain(form[name].data)) for name, value in current.items()}


def conflicting(
    visit: ConsoleVisit,
    conflict: Conflict,
    title: str,
    uri: str,
    values: Mapping[str, tuple[str, str]],
    *,
    version: str | None = None,
) -> WireResponse:
    """409: what is there now beside what was typed; `values` are label to (now, typed), `uri` the object's page.

    `version` names what is there now, where its digest does not.
    """
    differences = tuple(Difference(label, now, typed) for label, (now, typed) in values.items() if now != typed)
    fields = tuple(pair for pair in visit.form.items(multi=True) if pair[0] not in {CSRF_FIELD, "version"})
    page = ConflictPage(title, uri, visit.path, version or version_of(conflict.current), differences, fields)
    return draw(visit, "admin/conflict.html", page, status=409)


def _plain(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value).strip()
