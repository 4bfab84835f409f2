"""Protect an API or an MCP server with OAuth access tokens: pure ASGI middleware.

from latchkey_resource_server import ResourceServer

app = ResourceServer(app, resource="https://notes.test/mcp", issuer="https://auth.test", scopes=("notes:read",))
"""

from .resource_server import *  # noqa: F403 - the door of the one package is the door of the other
from .resource_server import __all__ as __all__
