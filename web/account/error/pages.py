"""Error pages: of a tenant or of the platform, for every refusal that a person reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.endpoints.wire import ErrorPage
from web import requests
from web.account.error.contexts import error_context
from web.brand import PLATFORM_NAME, Brand, brand_of
from web.rendering import frame_for, render

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from server.interactions import Refusal, Visit
    from server.tenants import Tenant

# An error without a tenant may have an unknown host: nothing is said of whose page it is.
NOBODY = Brand(PLATFORM_NAME, "", is_platform=True)


def error_page(
    page: ErrorPage,
    *,
    tenant: Tenant | None,
    accept_language: str | None,
    correlation_id: str,
) -> WireResponse:
    """Draw a refusal. The person may go on to `continue_uri` by themselves; nobody is sent there."""
    frame = frame_for(NOBODY if tenant is None else brand_of(tenant), page.ui_locales, accept_language)
    context = error_context(page.code, page.continue_uri, correlation_id, topic=page.topic)
    leads_out = context.continue_uri is not None
    return render(
        "account/error/error.html", context, frame, status=page.status, leads_out=leads_out, headers=page.headers
    )


def refusal_page(visit: Visit, refusal: Refusal, ui_locales: tuple[str, ...] = ()) -> WireResponse:
    """Draw the end of a flow that brought nobody anywhere."""
    return error_page(
        ErrorPage(refusal.code, refusal.status, refusal.continue_uri, ui_locales, topic=refusal.topic),
        tenant=visit.tenant,
        accept_language=visit.accept_language,
        correlation_id=requests.correlation_id(),
    )


def gone_page(visit: Visit) -> WireResponse:
    """Draw the end of an interaction that is over, or that another browser began."""
    context = error_context("invalid_request", None, requests.correlation_id())
    frame = frame_for(brand_of(visit.tenant), (), visit.accept_language)
    return render("account/error/gone.html", context, frame, status=400)
