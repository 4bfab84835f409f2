"""From a refusal to its problem details, once for the whole API. RFC 9457."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server import (
    audit,
    clients,
    credentials,
    initial_access_tokens,
    resources,
    roles,
    scopes,
    tenants,
    trust,
    users,
    webhooks,
)
from server.administration import NotPermitted
from server.administration.finding import Conflict, Reserved, Unknown
from server.administration.owners import LastOwner
from server.administration.trust_domains import NotProven
from server.endpoints.wire import NO_STORE, WireResponse
from server.kernel import logs
from server.kernel.database import AlreadyExists
from server.kernel.faults import Unavailable
from server.kernel.json import dump_json
from server.kernel.paging import BadCursor
from server.kernel.passwords import Overloaded
from server.kernel.txt_records import NamesUnavailable
from server.protocol.challenges import bearer_challenge
from server.protocol.errors import (
    InvalidClientMetadata,
    InvalidRedirectUri,
    MethodNotAllowed,
    OAuthError,
    TooManyRequests,
)

from .shapes import Unreadable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.endpoints.wire import Headers

log = logs.get_logger(__name__)

PROBLEM: Headers = ((b"content-type", b"application/problem+json"),)
RETRY_AFTER = 5  # seconds, when a dependency failed


@dataclass(frozen=True, slots=True)
class Problem(Exception):
    """A refusal of the API's own; `code` names it in `type`."""

    status: int
    code: str
    title: str
    headers: Headers = ()

    def __str__(self) -> str:
        return self.title


class InvalidMembers(ValueError):
    """Members of a document that do not go together; the message says why."""


# What a document says that no rule of the nouns allows; the message is meant for whoever wrote the document.
INVALID = (
    BadCursor,
    InvalidMembers,
    clients.InvalidClientDefinition,
    credentials.InvalidPassword,
    initial_access_tokens.InvalidInitialAccessToken,
    resources.InvalidResource,
    roles.InvalidGroup,
    roles.InvalidRole,
    scopes.InvalidScope,
    tenants.InvalidTenant,
    trust.InvalidDomain,
    trust.InvalidPolicy,
    trust.InvalidVerdict,
    users.InvalidUser,
    webhooks.InvalidWebhook,
)
TITLES = {
    400: ("bad_request", "The request could not be understood."),
    403: ("not_permitted", "Your roles do not allow this."),
    404: ("not_found", "There is nothing here, or nothing for you to see."),
    409: ("conflict", "This is not possible as things are."),
    412: ("changed_meanwhile", "Somebody changed it since you read it."),
    422: ("invalid", "The document says something that it must not."),
    503: ("temporarily_unavailable", "The server cannot answer at the moment."),
}


def problem_response(error: Exception, current: object = None, etag: str | None = None) -> WireResponse:
    """The response to a refusal; what is not one is a failure of ours, and logged with its trace."""
    status, details = _describe(error)
    code, title = _named(error, status)
    document: dict[str, object] = {"type": f"urn:latchkey:problem:{code}", "title": title, "status": status, **details}
    if current is not None:
        document["current"] = current
    log.info("refused", error=code, status=status, why=str(error))
    headers = PROBLEM + NO_STORE + _fields(error, status)
    if etag is not None:
        headers += ((b"etag", etag.encode("ascii")),)
    return WireResponse(status, headers, dump_json(document).encode())


def _describe(error: Exception) -> tuple[int, Mapping[str, object]]:
    """The status and what the problem says beyond its title."""
    if isinstance(error, Unreadable):
        return 422, {"errors": [{"pointer": fault.pointer, "detail": fault.detail} for fault in error.faults]}
    if isinstance(error, InvalidClientMetadata | InvalidRedirectUri):
        return 422, {"detail": error.why}
    if isinstance(error, OAuthError | Problem):
        return error.status, {}
    if isinstance(error, INVALID):
        return 422, {"detail": str(error), **_places(error)}
    if isinstance(error, Reserved | LastOwner | NotProven | audit.NoChain):
        return 409, {"detail": str(error)}
    return _PLAIN.get(type(error)) or _of_fault(error), {}


def _places(error: Exception) -> Mapping[str, object]:
    """Where it stands in the document. Rules are counted from 1, as people count them; there they are from 0."""
    if not isinstance(error, trust.InvalidPolicy) or error.rule is None:
        return {}
    return {"errors": [{"pointer": f"/rules/{error.rule - 1}", "detail": error.why}]}


_PLAIN: Mapping[type[Exception], int] = {
    Unknown: 404,
    NotPermitted: 403,
    Conflict: 412,
    clients.TooManySecrets: 409,
}


def _of_fault(error: Exception) -> int:
    if isinstance(error, AlreadyExists):
        return 409
    if isinstance(error, Unavailable | Overloaded | NamesUnavailable):
        return 503
    log.error("api failed", exc_info=error)
    return 500


_NAMES: Mapping[type[Exception], tuple[str, str]] = {
    AlreadyExists: ("already_exists", "Something of this name exists already."),
    LastOwner: ("last_owner", "Somebody must be left who owns it."),
    NotProven: ("not_proven", "The DNS does not say that the domain is the tenant's."),
    audit.NoChain: ("no_chain", "Nothing of this tenant has been sealed yet."),
    clients.TooManySecrets: (
        "too_many_secrets",
        "Two secrets are live: one must be removed before another is added.",
    ),
    trust.InvalidPolicy: ("invalid_policy", "There can be no such policy; the one in force stays."),
}


def _named(error: Exception, status: int) -> tuple[str, str]:
    match error:
        case _ if type(error) in _NAMES:
            return _NAMES[type(error)]
        case Problem():
            return error.code, error.title
        case OAuthError() if status != 422:  # noqa: PLR2004 - an HTTP status
            return error.code, error.description
        case _:
            return TITLES.get(status, ("server_error", "The server could not answer."))


def _fields(error: Exception, status: int) -> Headers:
    match error:
        case Problem():
            return error.headers
        case MethodNotAllowed():
            return ((b"allow", error.allow.encode("ascii")),)
        case TooManyRequests():
            return ((b"retry-after", str(error.retry_after).encode("ascii")),)
        case OAuthError() if error.code in {"invalid_token", "insufficient_scope"}:
            return ((b"www-authenticate", bearer_challenge(error=error.code).encode("ascii")),)
        case _:
            return ((b"retry-after", str(RETRY_AFTER).encode("ascii")),) if status in {500, 503} else ()
