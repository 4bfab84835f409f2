"""What the editor and the pages of replay share."""

from __future__ import annotations

from web.localization import mark

DEFAULT_DAYS = 30
BUSY = mark("Another replay of this tenant runs. Wait until it is done, and try again.")
