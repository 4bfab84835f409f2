"""Background work: rotating keys before they grow old, and deleting what has expired."""

from .schedule import start

__all__ = ["start"]
