"""How endpoints are served: one table, answered by the dispatcher in front and registered as Quart routes."""

from .asgi import Application
from .departure import message_of
from .dispatcher import Dispatcher
from .operations import Operations
from .quart_routes import register_endpoints
from .service import Service
from .short import ShortRequest, ShortRequests
from .table import ENDPOINTS, Endpoint
from .tracing import begin as begin_tracing

__all__ = [
    "ENDPOINTS",
    "Application",
    "Dispatcher",
    "Endpoint",
    "Operations",
    "Service",
    "ShortRequest",
    "ShortRequests",
    "begin_tracing",
    "message_of",
    "register_endpoints",
]
