"""The claims parameter, and which claims a scope stands for. OpenID Connect Core §5.4 and §5.5, RFC 9068 §2.2.3.1."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from .errors import InvalidRequest
from .json_documents import JsonValue, parse_object
from .scopes import AFFILIATION_SCOPES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CLAIMS_BY_SCOPE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "profile": (
            "name",
            "family_name",
            "given_name",
            "middle_name",
            "nickname",
            "preferred_username",
            "profile",
            "picture",
            "website",
            "gender",
            "birthdate",
            "zoneinfo",
            "locale",
            "updated_at",
        ),
        "email": ("email", "email_verified"),
        "address": ("address",),
        "phone": ("phone_number", "phone_number_verified"),
        **{name: (name,) for name in AFFILIATION_SCOPES},
    }
)
# What a client may learn about the sign-in itself without any scope beyond openid.
AUTHENTICATION_CLAIMS = frozenset({"acr", "amr", "auth_time"})


@dataclass(frozen=True, slots=True)
class ClaimRequest:
    """How one claim is asked for; `values` holds what it should be, in order of preference."""

    essential: bool = False
    values: tuple[JsonValue, ...] = ()

    def to_json(self) -> JsonValue:
        """The member of the claims parameter that says the same."""
        return {"essential": self.essential, "values": list(self.values)}


@dataclass(frozen=True, slots=True)
class ClaimsRequest:
    """What the claims parameter asks for, by where it is to be delivered."""

    userinfo: Mapping[str, ClaimRequest] = field(default_factory=dict)
    id_token: Mapping[str, ClaimRequest] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str | None) -> ClaimsRequest:
        """Read the parameter; absent asks for nothing. Unknown members are ignored. Raises InvalidRequest."""
        return cls.from_json(parse_object(text.encode()) if text else {})

    @classmethod
    def from_json(cls, document: JsonValue) -> ClaimsRequest:
        """The inverse of `to_json`; raises InvalidRequest for what neither it nor a client writes."""
        members = _object(document)
        return cls(_requests(members.get("userinfo")), _requests(members.get("id_token")))

    def to_json(self) -> dict[str, JsonValue]:
        """The request as the claims parameter has it."""
        return {
            "userinfo": {name: asked.to_json() for name, asked in self.userinfo.items()},
            "id_token": {name: asked.to_json() for name, asked in self.id_token.items()},
        }

    def wanted_subject(self) -> str | None:
        """The one person that the ID token has to be about (§3.1.2.2), or None."""
        asked = self.id_token.get("sub", ClaimRequest())
        return next((value for value in asked.values if isinstance(value, str)), None)

    def wanted_acr(self) -> tuple[str, ...]:
        """The authentication contexts of which one is indispensable (§5.5.1.1); empty when none is."""
        asked = self.id_token.get("acr", ClaimRequest())
        return tuple(value for value in asked.values if isinstance(value, str)) if asked.essential else ()


def claims_for(scope: Iterable[str], asked: Mapping[str, ClaimRequest]) -> frozenset[str]:
    """The names of the claims that may be delivered at one place.

    People consent to scopes, so asking for a single claim never reaches beyond them, save for how they signed in.
    """
    covered = {name for granted in scope for name in CLAIMS_BY_SCOPE.get(granted, ())}
    return frozenset(covered | (AUTHENTICATION_CLAIMS & asked.keys()))


def _object(value: JsonValue) -> dict[str, JsonValue]:
    if not isinstance(value, dict):
        raise InvalidRequest("claims: an object is missing where one has to be")
    return value


def _requests(value: JsonValue) -> dict[str, ClaimRequest]:
    members = {} if value is None else _object(value)
    return {name: _request(asked) for name, asked in members.items()}


def _request(value: JsonValue) -> ClaimRequest:
    if value is None:
        return ClaimRequest()
    members = _object(value)
    essential, values = members.get("essential", False), members.get("values", [])
    if not isinstance(essential, bool) or not isinstance(values, list):
        raise InvalidRequest("claims: essential is no boolean, or values is no array")
    if "value" in members:
        values = [members["value"]]
    return ClaimRequest(essential, tuple(values))
