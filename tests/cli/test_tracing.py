"""Traces, sent to a real receiver: what they hold, whose they are, and what they never hold."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx2
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from server.hosting.tracing import is_wanted
from tests.cli.test_usage import processes_with
from tests.support import processes
from tests.support.ports import LOOPBACK, free_port
from tests.support.processes import Installation, Server

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"
SECRET = "a-wrong-secret-that-nobody-may-read"
PATIENCE = 120.0  # seconds


class Receiver(ThreadingHTTPServer):
    """Takes spans by OTLP over HTTP."""

    def __init__(self) -> None:
        super().__init__((LOOPBACK, 0), Receiving)
        self.spans: list[Span] = []
        self.services: set[str] = set()

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.server_port}"

    def named(self, name: str, trace_id: str | None = None) -> list[Span]:
        return [span for span in self.spans if span.name == name and trace_id in {None, span.trace_id.hex()}]

    def wait_for(self, name: str, trace_id: str | None = None) -> Span:
        deadline = time.monotonic() + PATIENCE
        while not self.named(name, trace_id) and time.monotonic() < deadline:
            time.sleep(0.05)
        return self.named(name, trace_id)[-1]


class Receiving(BaseHTTPRequestHandler):
    """One delivery."""

    server: Receiver

    def do_POST(self) -> None:
        """Take it."""
        delivered = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["content-length"])))
        for of_service in delivered.resource_spans:
            self.server.services.update(
                attribute.value.string_value
                for attribute in of_service.resource.attributes
                if attribute.key == "service.name"
            )
            self.server.spans.extend(span for scope in of_service.scope_spans for span in scope.spans)
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def receiving() -> Iterator[Receiver]:
    with Receiver() as receiver:
        thread = threading.Thread(target=receiver.serve_forever)
        thread.start()
        try:
            yield receiver
        finally:
            receiver.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture(scope="module")
def traced(installation: Installation, receiver: Receiver) -> Iterator[Server]:
    """A server that traces, behind a proxy that is trusted: 127.0.0.1."""
    variables = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url,
        "OTEL_BSP_SCHEDULE_DELAY": "50",
        "LATCHKEY_TRUSTED_PROXIES": "127.0.0.1/32",
    }
    running = processes.start(processes_with(installation, **variables), port=free_port())
    yield running
    running.stop()


def attributes(span: Span) -> dict[str, str | int]:
    return {attribute.key: attribute.value.string_value or attribute.value.int_value for attribute in span.attributes}


def ask(server: Server, path: str, traceparent: str, source: str = LOOPBACK) -> None:
    """A request from an address of this machine's choice."""
    connection = http.client.HTTPConnection(LOOPBACK, server.port, source_address=(source, 0))
    connection.request("GET", path, headers={**server.headers, "traceparent": traceparent})
    assert connection.getresponse().status == 200
    connection.close()


def test_a_request_and_its_statements_are_told_without_a_secret(traced: Server, receiver: Receiver) -> None:
    response = httpx2.post(
        f"{traced.url}/t/acme/token",
        params={"asked": SECRET},
        data={"grant_type": "client_credentials"},
        auth=("batch", SECRET),
        headers=traced.headers,
        timeout=PATIENCE,
    )
    span = receiver.wait_for("token")
    told = attributes(span)
    assert told["http.request.method"] == "POST"
    assert told["http.response.status_code"] == response.status_code == 401
    assert told["latchkey.endpoint"] == "token"
    assert told["latchkey.correlation_id"] == response.headers["x-correlation-id"]
    assert len(str(told["latchkey.tenant_id"])) == 36
    statement = receiver.wait_for("SELECT", span.trace_id.hex())
    assert statement.parent_span_id == span.span_id
    assert str(attributes(statement)["db.query.text"]).startswith("SELECT ")
    assert receiver.services == {"latchkey"}
    assert SECRET not in str(receiver.spans)


def test_a_trace_is_continued_for_a_trusted_proxy_only(traced: Server, receiver: Receiver) -> None:
    ask(traced, "/t/acme/jwks", f"00-{TRACE}-{PARENT}-01")
    assert receiver.wait_for("jwks", TRACE).parent_span_id.hex() == PARENT
    told, elsewhere = len(receiver.named("jwks")), TRACE[::-1]
    ask(traced, "/t/acme/jwks", f"00-{elsewhere}-{PARENT}-01", source="127.0.0.2")
    deadline = time.monotonic() + PATIENCE
    while len(receiver.named("jwks")) == told and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(receiver.named("jwks")) == told + 1
    assert receiver.named("jwks", elsewhere) == []


def test_a_receiver_that_is_away_harms_nobody(installation: Installation) -> None:
    variables = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{LOOPBACK}:{free_port()}", "OTEL_BSP_SCHEDULE_DELAY": "50"}
    running = processes.start(processes_with(installation, **variables), port=free_port())
    assert httpx2.get(f"{running.url}/t/acme/jwks", headers=running.headers, timeout=PATIENCE).status_code == 200
    assert running.stop() == 0


@pytest.mark.parametrize(
    ("environ", "wanted"),
    [
        ({}, False),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, True),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://x"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://x"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_SDK_DISABLED": "true"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, False),
    ],
)
def test_traces_are_sent_when_they_are_asked_for(environ: dict[str, str], *, wanted: bool) -> None:
    assert is_wanted(environ) == wanted
