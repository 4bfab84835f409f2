"""The trust policy of a manifest: read, wished for, written again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from server import trust
from server.kernel import ids
from server.tenants import Origin
from server.trust import InvalidPolicy, InvalidVerdict, Judgement, Verdict

from .changes import Change
from .records import ManifestError, Placed, TrustEntry, VerdictEntry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from server.kernel.clock import Instant
    from server.kernel.json import JsonValue
    from server.trust import TrustPolicy

    from .document import Member, Section
    from .records import Manifest
    from .state import RegisteredClient, State

_POLICY = frozenset({"thresholds", "remember_confirmations", "rules"})
_VERDICT = frozenset({"host", "client_id", "redirect_uri", "verdict", "note", "expires"})


def read_trust_policy(member: Member) -> TrustEntry:
    """The section: a policy, complete, and verdicts where they are written; raises ManifestError with the rule."""
    if member.is_null:
        return TrustEntry(trust.TrustPolicy())
    section = member.section(_POLICY | {"verdicts"})
    verdicts = section.get("verdicts")
    return TrustEntry(
        policy=_policy(section),
        verdicts=None if verdicts is None else _verdicts(verdicts),
    )


def policy_changes(manifest: Manifest, state: State) -> tuple[Change[TrustPolicy], ...]:
    """From the policy in force to the one that is written, where one is; a new tenant begins with the empty one."""
    if manifest.trust is None or (state.tenant is None and manifest.trust.policy == state.policy):
        return ()
    before = None if state.tenant is None else state.policy
    return (Change("trust", "policy", before, manifest.trust.policy),)


def wished_verdicts(
    manifest: Manifest, state: State, registered: Mapping[str, RegisteredClient | None], now: Instant
) -> dict[str, Verdict] | None:
    """The verdicts that are written, each on something that there is; trust is for the client as it will be."""
    if manifest.trust is None or manifest.trust.verdicts is None:
        return None
    wished: dict[str, Verdict] = {}
    for entry in manifest.trust.verdicts:
        verdict = _wished_verdict(entry, state, registered, now)
        if verdict.name in wished:
            raise ManifestError(entry.place, "has two verdicts on the same")
        wished[verdict.name] = verdict
    return wished


def trust_document(policy: TrustPolicy, verdicts: Iterable[Verdict]) -> JsonValue:
    """The section as a manifest has it; an empty one where nothing was ever decided."""
    written: list[JsonValue] = [_written(verdict) for verdict in verdicts]
    if policy == trust.TrustPolicy() and not written:
        return {}
    return {**trust.policy_to_json(policy), "verdicts": written}


def _policy(section: Section) -> TrustPolicy:
    written = {name: member.plain() for name, member in section.members.items() if name != "verdicts"}
    try:
        return trust.policy_from_json(written)
    except InvalidPolicy as error:
        rules, place = section.get("rules"), section.place
        if error.rule is not None and rules is not None:
            place = rules.items()[error.rule - 1].place
        raise ManifestError(place, str(error)) from None


def _verdicts(member: Member) -> tuple[Placed[VerdictEntry], ...]:
    return tuple(Placed(item.place, _verdict_entry(item)) for item in member.items())


def _verdict_entry(item: Member) -> VerdictEntry:
    section = item.section(_VERDICT)
    texts = {name: member.text() for name, member in section.members.items() if name not in {"verdict", "expires"}}
    expires = section.get("expires")
    try:
        expires_at = None if expires is None or expires.is_null else trust.parse_instant(expires.text())
    except ValueError:
        raise ManifestError(item.place, "expires must be an ISO date or time") from None
    return VerdictEntry(
        judgement=section.require("verdict").choice(Judgement),
        host=texts["host"].lower() if "host" in texts else None,
        client_id=texts.get("client_id"),
        redirect_uri=texts.get("redirect_uri"),
        note=texts.get("note"),
        expires_at=expires_at,
    )


def _wished_verdict(
    entry: Placed[VerdictEntry], state: State, registered: Mapping[str, RegisteredClient | None], now: Instant
) -> Verdict:
    wish = entry.value
    new = Verdict(
        id=ids.uuid7(),
        judgement=wish.judgement,
        origin=Origin.MANIFEST,
        created_at=now,
        host=wish.host,
        client_id=wish.client_id,
        redirect_uri=wish.redirect_uri,
        note=wish.note,
        expires_at=wish.expires_at,
    )
    try:
        trust.check_verdict(new)
    except InvalidVerdict as error:
        raise ManifestError(entry.place, str(error)) from None
    if wish.client_id is not None:
        made = registered.get(wish.client_id)
        if made is None:
            raise ManifestError(entry.place, f"client {wish.client_id} is not one that an administrator registered")
        new = replace(new, metadata_digest=made.client.metadata_digest)
    known = state.verdicts.get(new.name)
    if known is None:
        return new
    return replace(new, id=known.id, created_at=known.created_at, author=known.author, origin=known.origin)


def _written(verdict: Verdict) -> JsonValue:
    members: dict[str, JsonValue] = {
        "host": verdict.host,
        "client_id": verdict.client_id,
        "redirect_uri": verdict.redirect_uri,
        "verdict": verdict.judgement.value,
        "note": verdict.note,
        "expires": None if verdict.expires_at is None else trust.format_instant(verdict.expires_at),
    }
    return {name: value for name, value in members.items() if value is not None}
