"""What people see: `register_pages` adds the pages to the application, `error_page` and `approval_mail` draw."""

from web.account.error.pages import error_page
from web.approval_mail import approval_mail
from web.registration import register_pages

__all__ = ["approval_mail", "error_page", "register_pages"]
