"""Where the checkout is: relative paths in settings, `var/` included, do not depend on the working directory."""

from __future__ import annotations

from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent
VAR = CHECKOUT / "var"
