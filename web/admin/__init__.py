"""The console: the pages of administrators. `register_console` adds them to the application."""

from web.admin.serving import register_console

__all__ = ["register_console"]
