"""What an operator may do: authorise, act, audit. One module for each noun, and manifests for whole tenants.

Modules are used by name (`administration.clients.create`); what every caller needs stands here.
"""

from .authorise import NotPermitted, Operator, Permission, check_permitted, is_permitted
from .platform import (
    ADMIN_READ_SCOPE,
    ADMIN_SCOPE,
    COMMAND_LINE,
    CONSOLE,
    NotMigrated,
    api_of,
    console_of,
    ensure_system_tenant,
    get_system_tenant,
)

__all__ = [
    "ADMIN_READ_SCOPE",
    "ADMIN_SCOPE",
    "COMMAND_LINE",
    "CONSOLE",
    "NotMigrated",
    "NotPermitted",
    "Operator",
    "Permission",
    "api_of",
    "check_permitted",
    "console_of",
    "ensure_system_tenant",
    "get_system_tenant",
    "is_permitted",
]
