"""How endpoints are served: one table, answered by the dispatcher in front and registered as Quart routes."""

from .asgi import Application
from .dispatcher import Dispatcher
from .operations import Operations
from .quart_routes import register_endpoints
from .service import Service
from .table import ENDPOINTS, Endpoint
from .tracing import begin as begin_tracing

__all__ = [
    "ENDPOINTS",
    "Application",
    "Dispatcher",
    "Endpoint",
    "Operations",
    "Service",
    "begin_tracing",
    "register_endpoints",
]
