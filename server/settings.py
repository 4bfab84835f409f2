"""Settings: the `LATCHKEY_*` environment, read once, checked as a whole."""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from server import secret_file
from server.kernel import database
from server.kernel.database_url import parse_database_url
from server.kernel.hosts import Network, is_loopback_host
from server.kernel.mail import MailServer, is_address, parse_smtp_url
from server.kernel.service import Service, parse_service

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "LATCHKEY_"
MIN_SECRET_LENGTH = 32
DEFAULT_PORTS = {"http": 80, "https": 443}
VARIABLES = frozenset(
    PREFIX + name
    for name in (
        "ALLOW_PRIVATE_METADATA_HOSTS",
        "DATABASE_URL",
        "LOG_FORMAT",
        "MAIL_FROM",
        "PUBLIC_URL",
        "RATE_LIMITS",
        "REDIS_URL",
        "REPUTATION_FAILS",
        "REPUTATION_TIMEOUT",
        "REPUTATION_TOKEN",
        "REPUTATION_URL",
        "SECRET_KEY",
        "SECRET_KEY_FILE",
        "SECRET_KEY_PREVIOUS",
        "SMTP_URL",
        "TRUSTED_PROXIES",
    )
)


class BadSettings(Exception):
    """A variable is unknown, missing or wrong; the message is one line that names it and quotes no value."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What an installation is told from outside. URLs may hold passwords and are not shown."""

    database_url: str = field(repr=False)
    redis_url: str | None = field(repr=False)
    public_url: str
    secret_key: str = field(repr=False)
    secret_key_previous: str | None = field(repr=False)
    trusted_proxies: tuple[Network, ...]
    mail_server: MailServer | None
    mail_from: str
    reputation: Service | None  # that knows hosts
    reputation_fails_closed: bool  # a host that nothing could be heard of is suspicious
    log_format: str
    rate_limits: bool
    allow_private_metadata_hosts: bool
    # The secret was made just now: right for a new database, and a mistake for one with content.
    secret_is_new: bool = False

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the public URL: development and tests."""
        return is_loopback_host(urlsplit(self.public_url).hostname or "")

    @property
    def is_secure(self) -> bool:
        """Whether browsers come by https: cookies are `__Host-` and Secure."""
        return self.public_url.startswith("https://")

    @property
    def public_host(self) -> str:
        """The Host header of a request to the public URL: lower-case, with a port only where it is not the default."""
        return urlsplit(self.public_url).netloc

    @property
    def lockout(self) -> bool:
        """Whether guesses, registrations and outbound calls are limited; only loopback may switch that off."""
        return self.rate_limits or not self.is_loopback


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the environment (or what is given instead); raises BadSettings."""
    given = os.environ if environ is None else environ
    variables = {name: value.strip() for name, value in given.items() if name.startswith(PREFIX)}
    _check_known(variables)
    public_url = _public_url(variables)
    loopback = is_loopback_host(urlsplit(public_url).hostname or "")
    database_url = _database_url(variables)
    settings = Settings(
        database_url=database_url,
        redis_url=_url(variables, "REDIS_URL", ("redis", "rediss", "unix")),
        public_url=public_url,
        secret_key="",
        secret_key_previous=_previous_secret_key(variables),
        trusted_proxies=_trusted_proxies(variables),
        mail_server=_mail_server(variables),
        mail_from=_mail_from(variables, public_url),
        reputation=_reputation(variables),
        reputation_fails_closed=_choice(variables, "REPUTATION_FAILS", ("open", "closed")) == "closed",
        log_format=_choice(variables, "LOG_FORMAT", ("text", "json")),
        rate_limits=_choice(variables, "RATE_LIMITS", ("on", "off")) == "on",
        allow_private_metadata_hosts=_allow_private_metadata_hosts(variables, loopback=loopback),
    )
    # Last: it may make a file, and nothing is to be made for settings that are wrong elsewhere.
    secret_key, secret_is_new = _secret_key(variables, database_url, loopback=loopback)
    return replace(settings, secret_key=secret_key, secret_is_new=secret_is_new)


async def check_new_secret(settings: Settings) -> None:
    """With the database open: refuse a secret that was made just now where there is content. Raises BadSettings."""
    if settings.secret_is_new and await database.has_content():
        secret_file.unmake()
        raise _bad("SECRET_KEY_FILE", secret_file.LOST)


def _check_known(variables: Mapping[str, str]) -> None:
    for name in sorted(variables.keys() - VARIABLES):
        similar = difflib.get_close_matches(name, VARIABLES, n=1)
        hint = f"; did you mean {similar[0]}?" if similar else ""
        raise BadSettings(f"{name} is not a setting of Latchkey{hint}")


def _get(variables: Mapping[str, str], name: str) -> str | None:
    return variables.get(PREFIX + name) or None


def _bad(name: str, why: str) -> BadSettings:
    return BadSettings(f"{PREFIX}{name}: {why}")


def _public_url(variables: Mapping[str, str]) -> str:
    url = _get(variables, "PUBLIC_URL") or "http://127.0.0.1:9000"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise _bad("PUBLIC_URL", "not a URL") from None
    if parts.scheme not in DEFAULT_PORTS or not host or not url.isascii():
        raise _bad("PUBLIC_URL", "must be an http or https URL with a host")
    if parts.path or parts.query or parts.fragment or "@" in parts.netloc or url.endswith(("/", "?", "#")):
        raise _bad("PUBLIC_URL", "must be scheme, host and port only, without a trailing slash")
    if parts.scheme == "http" and not is_loopback_host(host):
        raise _bad("PUBLIC_URL", "must be https unless its host is this machine")
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port not in {None, DEFAULT_PORTS[parts.scheme]} else "")


def _database_url(variables: Mapping[str, str]) -> str:
    url = _get(variables, "DATABASE_URL") or "sqlite://var/latchkey.sqlite3"
    try:
        parse_database_url(url)
    except ValueError as error:
        raise _bad("DATABASE_URL", str(error)) from None
    return url


def _secret_key(variables: Mapping[str, str], database_url: str, *, loopback: bool) -> tuple[str, bool]:
    given, path = _get(variables, "SECRET_KEY"), _get(variables, "SECRET_KEY_FILE")
    if given and path:
        raise _bad("SECRET_KEY", "set it or SECRET_KEY_FILE, not both")
    if given:
        return _checked_secret("SECRET_KEY", given), False
    try:
        if path:
            return _checked_secret("SECRET_KEY_FILE", secret_file.read_secret_file(Path(path))), False
        if loopback:
            secret, is_new = secret_file.made_or_read(database_url)
            return _checked_secret("SECRET_KEY_FILE", secret), is_new
    except (OSError, ValueError) as error:
        raise _bad("SECRET_KEY_FILE", str(error)) from None
    raise _bad("SECRET_KEY", "required when the public URL is not this machine's: at least 32 random characters")


def _previous_secret_key(variables: Mapping[str, str]) -> str | None:
    previous = _get(variables, "SECRET_KEY_PREVIOUS")
    return None if previous is None else _checked_secret("SECRET_KEY_PREVIOUS", previous)


def _checked_secret(name: str, secret: str) -> str:
    if len(secret) < MIN_SECRET_LENGTH:
        raise _bad(name, f"must have at least {MIN_SECRET_LENGTH} characters")
    return secret


def _trusted_proxies(variables: Mapping[str, str]) -> tuple[Network, ...]:
    texts = (_get(variables, "TRUSTED_PROXIES") or "").replace(",", " ").split()
    try:
        return tuple(ip_network(text) for text in texts)
    except ValueError:
        raise _bad("TRUSTED_PROXIES", "must be addresses or networks such as 10.0.0.0/8, separated by commas") from None


def _mail_server(variables: Mapping[str, str]) -> MailServer | None:
    try:
        return parse_smtp_url(url) if (url := _get(variables, "SMTP_URL")) else None
    except ValueError as error:
        raise _bad("SMTP_URL", str(error)) from None


def _mail_from(variables: Mapping[str, str], public_url: str) -> str:
    given, by_itself = _get(variables, "MAIL_FROM"), f"no-reply@{urlsplit(public_url).hostname}"
    if given is None:
        return by_itself if is_address(by_itself) else "no-reply@localhost"
    if not is_address(given):
        raise _bad("MAIL_FROM", "must be an address, such as no-reply@acme.test")
    return given


def _reputation(variables: Mapping[str, str]) -> Service | None:
    url, token = _get(variables, "REPUTATION_URL"), _get(variables, "REPUTATION_TOKEN")
    try:
        return parse_service(url, token, _get(variables, "REPUTATION_TIMEOUT")) if url else None
    except ValueError as error:
        raise _bad("REPUTATION_URL", str(error)) from None


def _url(variables: Mapping[str, str], name: str, schemes: tuple[str, ...]) -> str | None:
    url = _get(variables, name)
    if url is not None and url.partition("://")[0] not in schemes:
        raise _bad(name, f"must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}")
    return url


def _choice(variables: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    value = _get(variables, name) or choices[0]
    if value not in choices:
        raise _bad(name, f"must be {' or '.join(choices)}")
    return value


def _allow_private_metadata_hosts(variables: Mapping[str, str], *, loopback: bool) -> bool:
    value = _get(variables, "ALLOW_PRIVATE_METADATA_HOSTS")
    if value not in {None, "0", "1"}:
        raise _bad("ALLOW_PRIVATE_METADATA_HOSTS", "must be 1 or absent")
    if value == "1" and not loopback:
        raise _bad("ALLOW_PRIVATE_METADATA_HOSTS", "is for development: refused when the public URL is not loopback")
    return value == "1"
