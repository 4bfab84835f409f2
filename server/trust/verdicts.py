"""Verdicts: what an administrator said of one host, or of one client at one redirect URI. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from server.kernel import digests
from server.protocol import redirect_uris
from server.protocol.errors import InvalidRedirectUri

from . import domains
from .facts import VerdictFacts
from .records import Judgement
from .targets import TargetKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from server.kernel.clock import Instant
    from server.tenants import Origin

    from .records import ClientFacts
    from .targets import Target


class VerdictFault(StrEnum):
    """What is wrong with a verdict that cannot be."""

    SUBJECT = "subject"
    REDIRECT_URI = "redirect_uri"
    HOST = "host"
    LOOPBACK = "loopback"
    ADDRESS = "address"
    SUFFIX = "suffix"
    SHORTENER = "shortener"


class InvalidVerdict(ValueError):
    """There can be no such verdict; the message says why, in one line."""

    def __init__(self, reason: VerdictFault, why: str) -> None:
        super().__init__(why)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Verdict:
    """One verdict: on a host over https, or on a client at a redirect URI."""

    id: UUID
    judgement: Judgement
    origin: Origin
    created_at: Instant
    host: str | None = None
    client_id: str | None = None
    redirect_uri: str | None = None
    metadata_digest: str | None = None  # of the client when the verdict was given
    note: str | None = None
    expires_at: Instant | None = None
    author: str | None = None

    @property
    def subject(self) -> str:
        """What it is about: there is one verdict on each."""
        return subject_of_host(self.host) if self.host else subject_of_client(self.client_id, self.redirect_uri)

    @property
    def name(self) -> str:
        """What it is about, for people."""
        return self.host or f"{self.client_id} {self.redirect_uri}"

    def counts(self, metadata_digest: str, now: Instant) -> bool:
        """Whether it is in force: not expired, and trust only as long as the client is what it was."""
        if self.expires_at is not None and self.expires_at <= now:
            return False
        if self.judgement is Judgement.BLOCK or self.metadata_digest is None:
            return True
        return self.metadata_digest == metadata_digest


def subject_of_host(host: str) -> str:
    """A digest of the host."""
    return digests.sha256(f"host\n{host}").hex()


def subject_of_client(client_id: str | None, redirect_uri: str | None) -> str:
    """A digest of the client and the URI, loopback without its port: the one matcher's idea of sameness."""
    return digests.sha256(f"client\n{client_id}\n{redirect_uris.without_loopback_port(redirect_uri or '')}").hex()


def check_verdict(verdict: Verdict) -> None:
    """Raise InvalidVerdict for what no verdict may be."""
    if (verdict.host is None) == (verdict.client_id is None or verdict.redirect_uri is None):
        raise InvalidVerdict(VerdictFault.SUBJECT, "a verdict is about a host, or about a client and a redirect URI")
    if verdict.redirect_uri is not None:
        try:
            redirect_uris.check_redirect_uri(verdict.redirect_uri)
        except InvalidRedirectUri as error:
            raise InvalidVerdict(VerdictFault.REDIRECT_URI, error.why) from None
    if verdict.host is not None:
        _check_host(verdict.host, verdict.judgement)


def find_verdict(
    verdicts: Mapping[str, Verdict], client: ClientFacts, target: Target, uri: str, now: Instant
) -> VerdictFacts | None:
    """The verdict that decides at a place: a block of either kind, then trust of the client, then trust of the host."""
    of_client = verdicts.get(subject_of_client(client.client_id, uri))
    of_host = verdicts.get(subject_of_host(target.host)) if _is_web(target) else None
    found = [verdict for verdict in (of_client, of_host) if verdict and verdict.counts(client.metadata_digest, now)]
    for verdict in sorted(found, key=lambda verdict: verdict.judgement is not Judgement.BLOCK):
        return VerdictFacts(verdict.judgement, of_client=verdict.host is None, note=verdict.note)
    return None


def _is_web(target: Target) -> bool:
    return target.kind is TargetKind.WEB and target.scheme == "https"


def _check_host(host: str, judgement: Judgement) -> None:
    if redirect_uris.host_of(f"https://{host}") != host:
        raise InvalidVerdict(VerdictFault.HOST, "the host is not a plain host name in lower case, without a port")
    if judgement is Judgement.BLOCK:
        return
    if host in redirect_uris.LOOPBACK_HOSTS:
        raise InvalidVerdict(
            VerdictFault.LOOPBACK, "loopback hosts cannot be trusted: any program on the machine could answer"
        )
    if domains.is_address(host):
        raise InvalidVerdict(VerdictFault.ADDRESS, "addresses cannot be trusted: nobody registered them")
    if domains.is_public_suffix(host):
        raise InvalidVerdict(VerdictFault.SUFFIX, "a suffix below which anybody may have a name cannot be trusted")
    if domains.is_shortener(host):
        raise InvalidVerdict(
            VerdictFault.SHORTENER, "a shortener or redirector cannot be trusted: it passes people on to anywhere"
        )
