"""From YAML to manifests: which keys there are, and what each may be. Strict: an unknown key is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from server.kernel import images
from server.kernel.images import NotAnImage
from server.tenants import (
    RATE_LIMITS,
    SYSTEM_SLUG,
    InvalidTenant,
    KeepSignedIn,
    Mode,
    PrivateUseSchemes,
    Registration,
    RememberConsent,
    check_slug,
)

from .document import Member, read_documents
from .entries import read_client, read_group, read_resource, read_role, read_scope, read_user, read_written
from .records import Manifest, ManifestError, Placed
from .trust import read_trust_policy

if TYPE_CHECKING:
    from collections.abc import Callable

    from server.kernel.json import JsonValue

    from .document import Section
    from .entries import Readers

T = TypeVar("T")

_SECTIONS = frozenset({
    "settings", "branding", "trust_policy", "scopes", "resources", "roles", "groups", "clients", "users",
})  # fmt: skip


def parse_manifests(text: str, file: str) -> tuple[Manifest, ...]:
    """The manifests of a file, one to a YAML document; raises ManifestError at the first thing that is wrong."""
    return tuple(_manifest(document) for document in read_documents(text, file))


def _manifest(document: Member) -> Manifest:
    section = document.section(_SECTIONS | _TENANT.keys() | {"tenant"})
    slug = section.require("tenant")
    _check_slug(slug)
    trust_policy = section.get("trust_policy")
    return Manifest(
        place=slug.place,
        slug=slug.text(),
        tenant=read_written(section, _TENANT),
        settings=_subsection(section, "settings", _SETTINGS),
        branding=_subsection(section, "branding", _BRANDING),
        scopes=_entries(section, "scopes", read_scope, lambda scope: scope.name),
        resources=_entries(section, "resources", read_resource, lambda resource: resource.identifier),
        roles=_entries(section, "roles", read_role, lambda role: role.name),
        groups=_entries(section, "groups", read_group, lambda group: group.name),
        clients=_entries(section, "clients", read_client, lambda client: client.client_id),
        users=_entries(section, "users", read_user, lambda user: user.username),
        trust=None if trust_policy is None else read_trust_policy(trust_policy),
    )


def _check_slug(member: Member) -> None:
    try:
        check_slug(member.text())
    except InvalidTenant as error:
        raise ManifestError(member.place, str(error)) from None
    if member.text() == SYSTEM_SLUG:
        raise ManifestError(member.place, f"{SYSTEM_SLUG} is Latchkey's own tenant, and no manifest may touch it")


def _subsection(section: Section, name: str, readers: Readers) -> dict[str, object]:
    member = section.get(name)
    return {} if member is None or member.is_null else read_written(member.section(readers.keys()), readers)


def _entries(
    section: Section, name: str, read: Callable[[Member], T], key: Callable[[T], str]
) -> tuple[Placed[T], ...] | None:
    member = section.get(name)
    if member is None:
        return None
    entries: dict[str, Placed[T]] = {}
    for item in member.items():
        entry = Placed(item.place, read(item))
        if key(entry.value) in entries:
            raise ManifestError(item.place, "has the same entry twice")
        entries[key(entry.value)] = entry
    return tuple(entries.values())


def _read_mode(member: Member) -> Mode:
    mode = member.choice(Mode)
    if mode is not Mode.NATIVE:
        raise ManifestError(member.place, f"{mode.value} is not built yet")
    return mode


def _read_statement_issuers(member: Member) -> dict[str, JsonValue]:
    """JWK sets by issuer; whether they are any good, the tenant's rules say."""
    issuers = member.plain()
    if not isinstance(issuers, dict) or not all(isinstance(jwks, dict) for jwks in issuers.values()):
        raise ManifestError(member.place, "must be a mapping of issuers to JWK sets")
    return issuers


def _read_rate_limits(member: Member) -> dict[str, int | None]:
    """Requests a minute by endpoint; null for no limit."""
    limits = member.section(RATE_LIMITS.keys()).members
    return {name: None if limit.is_null else limit.integer() for name, limit in limits.items()}


def _read_login_text(member: Member) -> dict[str, str]:
    """Sentences by language."""
    if member.is_null:
        return {}
    return {language: text.text() for language, text in member.entries().items()}


def _read_logo(member: Member) -> str | None:
    """A picture as a data URI, drawn anew as one that is uploaded is."""
    text = member.optional_text()
    try:
        return None if text is None else images.redrawn(text)
    except NotAnImage as error:
        raise ManifestError(member.place, f"is no picture that can be used: {error}") from None


_TENANT: Readers = {"display_name": Member.text, "mode": _read_mode, "domain": Member.optional_text}
_BRANDING: Readers = {
    "primary_color": Member.optional_text,
    "dark_color": Member.optional_text,
    "logo": _read_logo,
    "logo_uri": Member.optional_text,
    "login_text": _read_login_text,
    "support_contact": Member.optional_text,
    "terms_uri": Member.optional_text,
    "privacy_uri": Member.optional_text,
}
_SETTINGS: Readers = {
    "access_token_lifetime": Member.duration,
    "id_token_lifetime": Member.duration,
    "refresh_token_lifetime": Member.duration,
    "refresh_token_max_lifetime": Member.duration,
    "refresh_grace": Member.duration,
    "session_lifetime": Member.duration,
    "session_max_lifetime": Member.duration,
    "keep_signed_in": lambda member: member.choice(KeepSignedIn),
    "shortest_password": Member.integer,
    "login_tries": Member.integer,
    "login_tries_window": Member.duration,
    "login_tries_per_day": Member.integer,
    "registration": lambda member: member.choice(Registration),
    "client_id_metadata_documents": Member.flag,
    "remember_consent": lambda member: member.choice(RememberConsent),
    "private_use_schemes": lambda member: member.choice(PrivateUseSchemes),
    "max_dynamic_clients": Member.integer,
    "unused_client_lifetime": Member.duration,
    "software_statement_issuers": _read_statement_issuers,
    "audit_retention": Member.duration,
    "authorization_record_lifetime": Member.duration,
    "rate_limits": _read_rate_limits,
}
