"""What a server acknowledged while something went wrong, to be held against it afterwards."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

import asyncpg
import httpx2

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SUCCESS = frozenset({200, 302, 303})
NO_SECRET = 120  # characters of an answer that are shown: codes and tokens come later


@dataclass(slots=True)
class Chain:
    """A grant as its client knows it: the tokens that came last."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)


@dataclass(slots=True)
class Ledger:
    """Everything acknowledged, how often it was refused, and every answer that should not have been."""

    issued: set[str] = field(default_factory=set)  # jti of access tokens
    live: list[Chain] = field(default_factory=list)
    revoked_tokens: list[str] = field(default_factory=list, repr=False)
    revoked_jtis: set[str] = field(default_factory=set)
    revoked_grants: set[str] = field(default_factory=set)
    successes: Counter[str] = field(default_factory=Counter)
    unavailable: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    slowest: float = 0.0  # seconds that an answer took, refusals included

    def note_issued(self, answer: Mapping[str, object]) -> None:
        """A token response arrived."""
        self.issued.add(str(claims_of(str(answer["access_token"]))["jti"]))

    def note_revoked_grant(self, chain: Chain) -> None:
        """The revocation of a refresh token was acknowledged."""
        self.revoked_tokens += [chain.refresh_token, chain.access_token]
        self.revoked_grants.add(str(claims_of(chain.access_token)["gid"]))

    def note_revoked_token(self, access_token: str) -> None:
        """The revocation of an access token was acknowledged."""
        self.revoked_tokens.append(access_token)
        self.revoked_jtis.add(str(claims_of(access_token)["jti"]))

    def judge(self, what: str, response: httpx2.Response, seconds: float) -> httpx2.Response | None:
        """The response when it is a success; None for a clean 503, and for anything else, which is written down."""
        self.slowest = max(self.slowest, seconds)
        if response.status_code in SUCCESS and "error=" not in response.headers.get("location", ""):
            self.successes[what] += 1
            return response
        if blemish := find_blemish(response):
            self.violations.append(f"{what}: {blemish}: {response.status_code} {response.text[:NO_SECRET]}")
        else:
            self.unavailable[what] += 1
        return None


def find_blemish(response: httpx2.Response) -> str | None:
    """What is wrong with a refusal that should say: not now, try again."""
    if response.status_code != httpx2.codes.SERVICE_UNAVAILABLE:
        return "not a 503"
    if not response.headers.get("retry-after", "").isdigit():
        return "without Retry-After"
    if not response.headers.get("x-correlation-id"):
        return "without a correlation id"
    if response.headers["content-type"].startswith("text/html"):
        return None if 'data-error="temporarily_unavailable"' in response.text else "a page of another error"
    try:
        return None if response.json()["error"] == "temporarily_unavailable" else "another error"
    except (ValueError, KeyError):
        return "not JSON"


async def missing_events(ledger: Ledger, database_url: str) -> list[str]:
    """What was acknowledged and has no audit row."""
    issued, revoked_jtis, revoked_grants = set[str](), set[str](), set[str]()
    for event, grant_id, details in await _audit_rows(database_url):
        token_id = str(json.loads(details).get("token_id"))
        if event in {"token.issued", "token.refreshed"}:
            issued.add(token_id)
        elif event == "token.revoked":
            revoked_jtis.add(token_id)
        elif event == "grant.revoked":
            revoked_grants.add(short(grant_id))
    return [
        *(f"token.issued {jti}" for jti in ledger.issued - issued),
        *(f"token.revoked {jti}" for jti in ledger.revoked_jtis - revoked_jtis),
        *(f"grant.revoked {grant}" for grant in ledger.revoked_grants - revoked_grants),
    ]


async def _audit_rows(database_url: str) -> list[tuple[str, str, str]]:
    sql = "SELECT event, grant_id, details FROM audit_event"
    if database_url.startswith("sqlite://"):
        connection = sqlite3.connect(f"file:{database_url.removeprefix('sqlite://')}?mode=ro", uri=True)
        try:
            return [(str(event), str(grant or ""), str(details)) for event, grant, details in connection.execute(sql)]
        finally:
            connection.close()
    opened = await asyncpg.connect(database_url)
    try:
        return [(row["event"], str(row["grant_id"] or ""), row["details"]) for row in await opened.fetch(sql)]
    finally:
        await opened.close()


def claims_of(token: str) -> dict[str, object]:
    """What a JWT says; nobody verified it."""
    return _object(token.split(".")[1])


def header_of(token: str) -> dict[str, object]:
    """What a JWT says of its signature."""
    return _object(token.partition(".")[0])


def _object(segment: str) -> dict[str, object]:
    read = json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    assert isinstance(read, dict)
    return read


def short(identifier: str) -> str:
    """A grant's id as it stands in tokens."""
    return base64.urlsafe_b64encode(UUID(identifier).bytes).rstrip(b"=").decode() if identifier else ""


def summary(ledger: Ledger) -> str:
    """One line for people."""
    return ", ".join(_words(ledger))


def _words(ledger: Ledger) -> Iterator[str]:
    yield f"{ledger.successes.total()} answered"
    yield f"{ledger.unavailable.total()} told to try again"
    yield f"{ledger.broken.total()} connections broken"
    yield f"{len(ledger.issued)} tokens issued, {len(ledger.revoked_tokens)} revoked"
    yield f"slowest answer {ledger.slowest:.1f} s"
