"""Tenants: issuers and their settings. A tenant is found by slug, by domain or by id, disabled or not."""

from .policy import (
    RATE_LIMITED,
    SYSTEM_SLUG,
    InvalidTenant,
    check_branding,
    check_display_name,
    check_domain,
    check_settings,
    check_slug,
    issuer_of,
    new_tenant,
)
from .records import (
    Branding,
    Mode,
    Origin,
    PrivateUseSchemes,
    Registration,
    RememberConsent,
    Tenant,
    TenantSettings,
)
from .store import PLATFORM, create, find, find_by_domain, find_by_slug, list_audit_retentions, list_tenants, update

__all__ = [
    "PLATFORM",
    "RATE_LIMITED",
    "SYSTEM_SLUG",
    "Branding",
    "InvalidTenant",
    "Mode",
    "Origin",
    "PrivateUseSchemes",
    "Registration",
    "RememberConsent",
    "Tenant",
    "TenantSettings",
    "check_branding",
    "check_display_name",
    "check_domain",
    "check_settings",
    "check_slug",
    "create",
    "find",
    "find_by_domain",
    "find_by_slug",
    "issuer_of",
    "list_audit_retentions",
    "list_tenants",
    "new_tenant",
    "update",
]
