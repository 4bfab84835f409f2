"""The tenant that flows are about, and a real browser for the pages that are drawn without a server."""

from tests.flows.conftest import ada, dynamic, first_party, issuer, stranger, webapp
from tests.support.serving import chromium

__all__ = ["ada", "chromium", "dynamic", "first_party", "issuer", "stranger", "webapp"]
