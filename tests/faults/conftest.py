"""Servers that can be killed and started again, for the whole program."""

from tests.contract.kernel.conftest import _cluster, postgresql, redis

__all__ = ["_cluster", "postgresql", "redis"]
