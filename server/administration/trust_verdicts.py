"""What an operator may do to verdicts: on one host, or on one client at one redirect URI."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from server import clients, trust
from server.kernel import ids
from server.kernel.paging import page_of
from server.projections import HoldFilter
from server.trust import Verdict

from . import trust as acts
from . import trust_holds
from .authorise import Permission, check_permitted
from .finding import Unknown, found

if TYPE_CHECKING:
    from uuid import UUID

    from server.clients import Client
    from server.kernel.clock import Instant
    from server.kernel.paging import Page, Paging
    from server.tenants import Tenant
    from server.trust import Judgement

    from .authorise import Operator


@dataclass(frozen=True, slots=True)
class NewVerdict:
    """What is said of a place, and until when."""

    judgement: Judgement
    note: str | None = None
    expires_at: Instant | None = None


async def page(operator: Operator, tenant: Tenant, paging: Paging) -> Page[Verdict]:
    """A page of the verdicts, expired ones too, the oldest first; raises NotPermitted, BadCursor."""
    check_permitted(operator, Permission.READ, tenant.id)
    # UUIDv7: in the order in which the verdicts were first given.
    return page_of(await trust.list_verdicts(tenant.id), lambda verdict: str(verdict.id), paging)


async def get(operator: Operator, tenant: Tenant, verdict_id: UUID) -> Verdict:
    """One verdict; raises NotPermitted, Unknown."""
    check_permitted(operator, Permission.READ, tenant.id)
    verdicts = await trust.list_verdicts(tenant.id)
    return found(next((verdict for verdict in verdicts if verdict.id == verdict_id), None))


async def get_on(operator: Operator, tenant: Tenant, subject: str) -> Verdict:
    """The verdict on a host, or on a client at a redirect URI; raises NotPermitted, Unknown."""
    check_permitted(operator, Permission.READ, tenant.id)
    verdicts = await trust.list_verdicts(tenant.id)
    return found(next((verdict for verdict in verdicts if verdict.subject == subject), None))


async def judge_host(operator: Operator, tenant: Tenant, wish: NewVerdict, host: str, now: Instant) -> int:
    """Trust or block a host over https; how many rows of the inbox that settled.

    Raises NotPermitted, InvalidVerdict.
    """
    verdict = replace(_verdict(operator, wish, now), host=host.lower())
    await acts.set_verdict(operator, tenant, verdict, now)
    return await trust_holds.release(operator, tenant, HoldFilter(host=verdict.host), now)


async def judge_client(
    operator: Operator, tenant: Tenant, wish: NewVerdict, client_id: str, redirect_uri: str, *, now: Instant
) -> int:
    """Trust or block a client at a redirect URI; how many rows of the inbox that settled.

    Trust lapses when the client's metadata changes. Raises NotPermitted, Unknown, InvalidVerdict.
    """
    check_permitted(operator, Permission.MANAGE_SETTINGS, tenant.id)
    client = await clients.find(tenant.id, client_id)
    if client is None:
        raise Unknown("there is no such client")
    verdict = verdict_on(operator, wish, client, redirect_uri, now)
    await acts.set_verdict(operator, tenant, verdict, now)
    return await trust_holds.release(operator, tenant, HoldFilter(client_id=client_id), now)


async def take_back(operator: Operator, tenant: Tenant, verdict_id: UUID, now: Instant) -> None:
    """Let a verdict no longer count; raises NotPermitted, Unknown."""
    check_permitted(operator, Permission.MANAGE_SETTINGS, tenant.id)
    await acts.remove_verdict(operator, tenant, await get(operator, tenant, verdict_id), now)


def verdict_on(operator: Operator, wish: NewVerdict, client: Client, redirect_uri: str, now: Instant) -> Verdict:
    """The verdict on a client as it is now, at a redirect URI."""
    return replace(
        _verdict(operator, wish, now),
        client_id=client.client_id,
        redirect_uri=redirect_uri,
        metadata_digest=client.metadata_digest,
    )


def _verdict(operator: Operator, wish: NewVerdict, now: Instant) -> Verdict:
    return Verdict(
        id=ids.uuid7(),
        judgement=wish.judgement,
        origin=operator.origin,
        created_at=now,
        note=wish.note,
        expires_at=wish.expires_at,
        author=operator.actor.id,
    )
