"""Mail to people, promised in the transaction that gives the occasion. What it says is drawn by whoever draws pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from server import tenants, trust, users
from server.administration.trust_holds import Approval
from server.kernel import logs, mail
from server.kernel.mail import Mail, MailRefused

if TYPE_CHECKING:
    from server.kernel.outbox import Job

log = logs.get_logger(__name__)


class Draw(Protocol):
    """What a mail says."""

    def __call__(self, approval: Approval) -> tuple[str, str, str]:
        """What its sender is called, its subject and its text."""


async def mail_approval(job: Job, *, public_url: str, draw: Draw) -> None:
    """Tell somebody that a place they waited for is approved; nobody who is gone, disabled or left no address.

    Raises MailUnsent: then it is tried again.
    """
    tenant = await tenants.find(job.tenant_id, public_url)
    person = await users.find(job.tenant_id, UUID(str(job.payload["person"])))
    if tenant is None or not tenant.enabled or person is None or not person.enabled or person.email is None:
        return
    target = trust.target_of(str(job.payload["redirect_uri"]))
    sender, subject, text = draw(Approval(tenant, person, target, str(job.payload["languages"])))
    try:
        await mail.send(Mail(job.id, person.email, sender, subject, text))
    except MailRefused as error:
        # Trying again would do nothing: the address is not one, or is nobody's.
        log.warning("mail refused", job=str(job.id), person=str(person.id), why=str(error))
