"""The composition root: the only module that knows every other."""

from __future__ import annotations

from contextlib import asynccontextmanager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, cast

from quart import Quart

import web
from server import hosting, jobs, trust, webhooks
from server.administration import audit_verification, tenants, trust_holds
from server.kernel import (
    database,
    encryption,
    invalidation,
    logs,
    mail,
    metrics,
    migrations,
    outbound,
    passwords,
    shared_state,
    tasks,
)
from server.kernel.clock import MINUTE
from server.settings import check_new_secret, load_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from server.endpoints.wire import ErrorPage, WireResponse
    from server.hosting import Application, Dispatcher
    from server.jobs import JobKind
    from server.settings import Settings
    from server.tenants import Tenant


def job_kinds(settings: Settings) -> Mapping[str, JobKind]:
    """Who does which kind of job from the outbox."""
    mail_approval = partial(jobs.mail_approval, public_url=settings.public_url, draw=web.approval_mail)
    return {
        webhooks.DELIVERY_JOB: jobs.JobKind(partial(webhooks.deliver, send=webhooks.send)),
        audit_verification.VERIFICATION: jobs.JobKind(
            audit_verification.run, concurrency=1, time_limit=audit_verification.TIME_LIMIT, max_attempts=1
        ),
        tenants.ERASURE: jobs.JobKind(tenants.erase, concurrency=1, time_limit=30 * MINUTE),
        trust_holds.APPROVAL_MAIL: jobs.JobKind(mail_approval),
    }


@asynccontextmanager
async def opened(settings: Settings, *, workers: int = 1) -> AsyncIterator[None]:
    """Everything that lives as long as a process: database, master secrets, shared state, password pool."""
    encryption.open_master_secrets(settings.secret_key, settings.secret_key_previous)
    passwords.open_pool()
    try:
        await database.open_database(settings.database_url)
        await check_new_secret(settings)
        await migrations.check_migrations()
        await shared_state.open_shared_state(settings, workers)
        outbound.open_outbound(settings)
        mail.open_mail(settings)
        trust.open_reputation(settings)
        await invalidation.start()
        yield
    finally:
        await invalidation.stop()
        await tasks.stop_all()
        trust.close_reputation()
        mail.close_mail()
        outbound.close_outbound()
        await shared_state.close_shared_state()
        await database.close_database()
        passwords.close_pool()


def create_app(settings: Settings, *, workers: int = 1, figures: Path | None = None) -> Dispatcher:
    """The server as one ASGI application; its lifespan opens what it needs and starts the background work.

    `figures` is the folder that the processes of one server share, to tell together what they counted.
    """
    pages = Quart("latchkey", static_folder=None)
    web.register_pages(pages, settings)
    service = hosting.Service(settings, _draw_refusal)
    hosting.register_endpoints(pages, service)
    operations = hosting.Operations(settings, metrics.Figures(figures))
    tracing = hosting.begin_tracing(settings)

    @asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        async with (
            tracing.kept() if tracing else nullcontext(),
            opened(settings, workers=workers),
            operations.figures.kept(),
        ):
            await pages.startup()
            async with jobs.running(job_kinds(settings)):
                yield
            await pages.shutdown()

    return hosting.Dispatcher(service, cast("Application", pages), lifespan, operations, tracing)


def _draw_refusal(
    page: ErrorPage, tenant: Tenant | None, headers: Mapping[str, str], correlation_id: str
) -> WireResponse:
    return web.error_page(
        page, tenant=tenant, accept_language=headers.get("accept-language"), correlation_id=correlation_id
    )


def asgi() -> Dispatcher:
    """The application of one worker process, configured by the environment."""
    settings = load_settings()
    logs.configure(settings.log_format)
    return create_app(settings)
