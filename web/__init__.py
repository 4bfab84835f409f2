"""What people see. `register_pages` adds the pages to the application; `error_page` draws a refusal."""

from web.account.error.pages import error_page
from web.registration import register_pages

__all__ = ["error_page", "register_pages"]
