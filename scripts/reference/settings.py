"""docs/reference/settings.md: the environment of an installation, and the settings of a tenant."""

from __future__ import annotations

import dataclasses
from enum import Enum
from typing import TYPE_CHECKING

from scripts.reference import markdown
from server.kernel.clock import format_duration
from server.settings import VARIABLES
from server.tenants import TenantSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

_INTRODUCTION = """\
Read once, at the start. An unknown `LATCHKEY_*` variable or a bad value stops the start with one clear line. Relative
paths are relative to the checkout. `SSL_CERT_FILE` is honoured for every outbound connection.
"""

# The meaning of each variable, and what holds without it.
ENVIRONMENT: Mapping[str, tuple[str, str]] = {
    "LATCHKEY_DATABASE_URL": ("`sqlite://PATH` or `postgres://…`", "`sqlite://var/latchkey.sqlite3`"),
    "LATCHKEY_REDIS_URL": (
        "shared short-lived state, rates of requests counted by all processes together, and news for their caches",
        "the database or, on SQLite, memory; rates are counted by each process",
    ),
    "LATCHKEY_PUBLIC_URL": ("the external base URL, no trailing slash", "`http://127.0.0.1:9000`"),
    "LATCHKEY_SECRET_KEY": (
        "the master secret, at least 32 characters; encrypts signing keys and signs cookies",
        "made in `var/` when the public URL is loopback, else required",
    ),
    "LATCHKEY_SECRET_KEY_FILE": ("a file with the master secret, instead of `LATCHKEY_SECRET_KEY`", ""),
    "LATCHKEY_SECRET_KEY_PREVIOUS": ("the former master secret, while `latchkey keys rewrap` has not finished", ""),
    "LATCHKEY_TRUSTED_PROXIES": ("networks whose `Forwarded` and `X-Forwarded-*` are believed", "none"),
    "LATCHKEY_SMTP_URL": (
        "outgoing mail: `smtps://USER:PASSWORD@HOST` (465), or `smtp://` (587), which signs in over TLS only",
        "mail is logged, not sent",
    ),
    "LATCHKEY_MAIL_FROM": ("the address that mail comes from", "`no-reply@` and the public URL's host"),
    "LATCHKEY_REPUTATION_URL": (
        "a [service that knows hosts](../explanation/trust-policy.md), asked before people are sent to one",
        "nobody is asked",
    ),
    "LATCHKEY_REPUTATION_TOKEN": ("a bearer token for it; then it must be https, or on this machine", "none is sent"),
    "LATCHKEY_REPUTATION_TIMEOUT": ("for how many milliseconds it is waited for, 5000 at most", "`500`"),
    "LATCHKEY_REPUTATION_FAILS": (
        "`open`: a host of which it could not be heard is judged without it; `closed`: such a host is suspicious",
        "`open`",
    ),
    "LATCHKEY_LOG_FORMAT": ("`text` or `json`", "`text`"),
    "LATCHKEY_RATE_LIMITS": (
        "`on` or `off`; with a loopback public URL `off` also switches off lockout, quotas and outbound limits",
        "`on`",
    ),
    "LATCHKEY_ALLOW_PRIVATE_METADATA_HOSTS": (
        "`1` lets client metadata be fetched from private addresses: loopback public URLs only",
        "off",
    ),
}

TENANT: Mapping[str, str] = {
    "access_token_lifetime": "how long access tokens live",
    "id_token_lifetime": "how long ID tokens live",
    "refresh_token_lifetime": "how long a grant lives without a refresh",
    "refresh_token_max_lifetime": "how long a grant lives at most",
    "refresh_grace": "how long the refresh token just replaced still works",
    "session_lifetime": "how long a browser session lives without use",
    "session_max_lifetime": "how long a browser session lives at most",
    "keep_signed_in": "whether people stay signed in when they close the browser, for up to `session_max_lifetime`: "
    "`never`, `offered` (they tick it) or `always`",
    "shortest_password": "how many characters a password has at least, from when it is next set: 8 to 64",
    "login_tries": "how many passwords may be tried at one name before there is a wait: 3 to 100",
    "login_tries_window": "how long those tries count, and how long the wait is at most",
    "login_tries_per_day": "how many passwords may be tried at one name in a day",
    "registration": "who may register clients: `open`, `token` (holders of an initial access token) or `off`",
    "client_id_metadata_documents": "whether a client id may be the address of a metadata document (CIMD)",
    "remember_consent": "for which clients consent is remembered: `assured`, `always` or `never`",
    "private_use_schemes": "which clients may have private-use URI schemes: `off`, `admin` or `all`",
    "max_dynamic_clients": "how many clients may register themselves",
    "unused_client_lifetime": "how long a client that registered itself stays when nobody uses it",
    "software_statement_issuers": "whose software statements are believed: issuers, each with its JWK set",
    "audit_retention": "how long audit events are kept; on PostgreSQL up to a month longer",
    "authorization_record_lifetime": "how long what the trust policy decided is kept, with the facts, for replay",
    "rate_limits": "requests a minute from one address, by endpoint, in `system` also `api` and `admin`; null: none",
}


def page() -> str:
    """The page. Raises KeyError for a setting without a meaning."""
    variables = [(f"`{name}`", *ENVIRONMENT[name]) for name in sorted(VARIABLES, key=list(ENVIRONMENT).index)]
    tenant = [(f"`{field.name}`", TENANT[field.name], _default(field)) for field in dataclasses.fields(TenantSettings)]
    return (
        markdown.head("Settings", _INTRODUCTION)
        + "\n## The environment\n\n"
        + markdown.table(("variable", "meaning", "without it"), variables)
        + "\n## A tenant\n\nUnder `settings` in its manifest; all are optional.\n\n"
        + markdown.table(("setting", "meaning", "default"), tenant)
    )


def _default(field: dataclasses.Field[object]) -> str:
    value = field.default
    if isinstance(value, Enum):
        return f"`{value.value}`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if field.default_factory is not dataclasses.MISSING:
        return "as in [endpoints](endpoints.md)" if field.name == "rate_limits" else "none"
    return f"`{format_duration(value)}`" if isinstance(value, int) and field.type == "Duration" else f"`{value}`"
