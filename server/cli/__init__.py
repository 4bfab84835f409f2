"""The program `latchkey`: one module for each command, loaded when it is called.

Exit codes: 0 done, 1 refused or failed with one line on stderr, 2 wrong usage.
"""

from .commands import main

__all__ = ["main"]
