"""Logging: one line an event, as text or JSON on stderr. Ids may be logged, secrets never."""

from __future__ import annotations

import logging
import sys
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from structlog.dev import plain_traceback
from structlog.tracebacks import ExceptionDictTransformer

if TYPE_CHECKING:
    from uuid import UUID

    from structlog.typing import EventDict, FilteringBoundLogger, Processor


MOST_OF_USER_AGENT = 300


@dataclass(slots=True)
class RequestMark:
    """What tells one request from another in the log and in the audit; the tenant is found on the way."""

    correlation_id: str
    remote_address: str
    user_agent: str | None = None  # as it was sent: nobody's word
    tenant_id: UUID | None = None

    @property
    def storable_user_agent(self) -> str | None:
        """What the client calls itself, as much of it as is kept, without what cannot be stored."""
        return None if self.user_agent is None else self.user_agent[:MOST_OF_USER_AGENT].replace("\0", "")


_request: ContextVar[RequestMark | None] = ContextVar("request", default=None)


def begin_request(correlation_id: str, remote_address: str, user_agent: str | None = None) -> RequestMark:
    """Mark everything that this task and those it starts will log."""
    mark = RequestMark(correlation_id, remote_address, user_agent)
    _request.set(mark)
    return mark


def current_request() -> RequestMark | None:
    """The request that this task serves."""
    return _request.get()


def get_logger(name: str) -> FilteringBoundLogger:
    """A logger; `name` is the module's `__name__`."""
    logger: FilteringBoundLogger = structlog.get_logger(logger_name=name)
    return logger


def configure(log_format: str) -> None:
    """Log as `text` or `json` from now on, what libraries say through `logging` included."""
    renderers = _JSON if log_format == "json" else _text()
    _configure_structlog(renderers)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_add_logger_name, *_COMMON],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def _add_logger_name(_: object, __: str, event: EventDict) -> EventDict:
    event["logger_name"] = event["_record"].name
    return event


def _add_request(_: object, __: str, event: EventDict) -> EventDict:
    request = _request.get()
    if request is not None:
        event["correlation_id"] = request.correlation_id
        if request.tenant_id is not None:
            event.setdefault("tenant", str(request.tenant_id))
    return event


def _configure_structlog(renderers: tuple[Processor, ...]) -> None:
    structlog.configure(
        processors=[*_COMMON, *renderers],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        # The stream is looked up for each line: standard error may be replaced.
        logger_factory=lambda *_: structlog.WriteLogger(sys.stderr),
    )


def _text() -> tuple[Processor, ...]:
    return (structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain_traceback),)


# No traceback shows local variables, in either form: passwords and tokens are among them.
_JSON: tuple[Processor, ...] = (
    structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
    structlog.processors.JSONRenderer(),
)
_COMMON: tuple[Processor, ...] = (
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    _add_request,
)

# Before anybody configures it, structlog would print to standard output, which belongs to the answers of commands.
_configure_structlog(_text())
