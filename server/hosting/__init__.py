"""How endpoints are served: one table, answered by the dispatcher in front and registered as Quart routes."""

from .asgi import Application
from .dispatcher import Dispatcher
from .quart_routes import register_endpoints
from .service import Service
from .table import ENDPOINTS, Endpoint

__all__ = ["ENDPOINTS", "Application", "Dispatcher", "Endpoint", "Service", "register_endpoints"]
