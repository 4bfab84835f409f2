"""Spans of requests and their statements, where OpenTelemetry is installed and told where to send them.

Configured by OpenTelemetry's own variables, `OTEL_…`. Whose trace a request belongs to is believed of trusted proxies
only. W3C Trace Context; OpenTelemetry semantic conventions for HTTP and databases.
"""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import asynccontextmanager
from http import HTTPStatus
from threading import Thread
from typing import TYPE_CHECKING

from server import measures
from server.kernel import hosts, logs, watching

from .arrival import peer_of, read_headers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider

    from server.settings import Settings
    from server.tenants import Tenant

    from .asgi import Application, Message, Receive, Scope, Send

log = logs.get_logger(__name__)

STOP_SECONDS = 3
# Any other method is one that somebody made up.
METHODS = frozenset({"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"})
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")

_CERTIFICATES = ("OTEL_EXPORTER_OTLP_CERTIFICATE", "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE")


def begin(settings: Settings, environ: Mapping[str, str] = os.environ) -> Tracing | None:
    """Trace from now on; None where nobody wants it, or the extra `otel` is not installed, which is logged."""
    if not is_wanted(environ):
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - an extra
        from opentelemetry.sdk.resources import OTELResourceDetector, Resource  # noqa: PLC0415 - the same
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - the same
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - the same
    except ModuleNotFoundError as error:
        log.warning("no traces: the extra otel is not installed", missing=error.name)
        return None
    named = Resource({"service.name": "latchkey"}).merge(OTELResourceDetector().detect())
    provider = TracerProvider(resource=named, shutdown_on_exit=False)
    # OpenTelemetry's own variables win; what all other connections trust comes next.
    trusted = None if any(map(environ.get, _CERTIFICATES)) else environ.get("SSL_CERT_FILE")
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(certificate_file=trusted)))
    return Tracing(settings, provider)


def is_wanted(environ: Mapping[str, str]) -> bool:
    """Whether OpenTelemetry's variables ask for traces by OTLP over HTTP, the one way there is here."""
    if environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return False
    exporter = environ.get("OTEL_TRACES_EXPORTER") or ("otlp" if any(map(environ.get, _ENDPOINTS)) else "none")
    protocols = map(environ.get, ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"))
    protocol = next(filter(None, protocols), "http/protobuf")
    if exporter == "otlp" and protocol != "http/protobuf":
        log.warning("no traces: only http/protobuf is spoken", protocol=protocol)
    return exporter == "otlp" and protocol == "http/protobuf"


class Tracing:
    """A span for each request; the statements that it ran are its children. No attribute holds what was sent."""

    def __init__(self, settings: Settings, provider: TracerProvider) -> None:
        from opentelemetry import trace  # noqa: PLC0415 - an extra
        from opentelemetry.trace.propagation.tracecontext import (  # noqa: PLC0415 - the same
            TraceContextTextMapPropagator,
        )

        self._settings = settings
        self._provider = provider
        self._api = trace
        self._propagator = TraceContextTextMapPropagator()
        self._tracer = provider.get_tracer("latchkey")

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Trace as long as the process serves, then send what was not sent yet."""
        measures.listen(self._answered)
        watching.watch(self._statement)
        try:
            yield
        finally:
            measures.listen(None)
            watching.watch(None)
            # It tries half a minute where the receiver is away, and no time limit of its own holds.
            sending = Thread(target=self._provider.shutdown, daemon=True)
            sending.start()
            await asyncio.to_thread(sending.join, STOP_SECONDS)

    async def serve(self, serve: Application, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request inside its span."""
        method = str(scope["method"])
        method = method if method in METHODS else "_OTHER"
        with self._tracer.start_as_current_span(
            method,
            context=self._context(scope),
            kind=self._api.SpanKind.SERVER,
            attributes={"http.request.method": method},
            record_exception=False,  # nobody knows what its message would say
            set_status_on_exception=False,
        ) as span:

            async def observe(message: Message) -> None:
                status = message.get("status")
                if isinstance(status, int):
                    span.set_attribute("http.response.status_code", status)
                    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                        span.set_status(self._api.StatusCode.ERROR)
                await send(message)

            await serve(scope, receive, observe)
            if mark := logs.current_request():
                span.set_attribute("latchkey.correlation_id", mark.correlation_id)

    def _context(self, scope: Scope) -> Context:
        """The caller's trace where a trusted proxy tells of it; else a new one."""
        from opentelemetry.context import Context  # noqa: PLC0415 - an extra

        if hosts.is_trusted(peer_of(scope), self._settings.trusted_proxies):
            return self._propagator.extract(read_headers(scope), Context())
        return Context()

    def _answered(self, endpoint: str, tenant: Tenant | None, _: int) -> None:
        span = self._api.get_current_span()
        span.update_name(endpoint)
        span.set_attribute("latchkey.endpoint", endpoint)
        if tenant is not None:
            span.set_attribute("latchkey.tenant_id", str(tenant.id))

    def _statement(self, sql: str, seconds: float, error: BaseException | None) -> None:
        if not self._api.get_current_span().is_recording():
            return
        words, end = " ".join(sql.split()), time.time_ns()
        span = self._tracer.start_span(
            words.partition(" ")[0],
            kind=self._api.SpanKind.CLIENT,
            attributes={"db.query.text": words},
            start_time=end - int(seconds * 1e9),
        )
        if error is not None:
            span.set_status(self._api.StatusCode.ERROR, type(error).__name__)
        span.end(end)
