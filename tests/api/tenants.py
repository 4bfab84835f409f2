"""The tenants that the API is tried on."""

from __future__ import annotations


def manifest_of(slug: str) -> dict[str, object]:
    """A tenant with one of everything that a manifest can say."""
    return {
        "tenant": slug,
        "display_name": slug.title(),
        "scopes": [{"name": "notes:read", "description": "Read your notes"}],
        "resources": [{"identifier": f"https://api.{slug}.test/", "display_name": "Notes", "scopes": ["notes:read"]}],
        "roles": ["editor"],
        "groups": [{"name": "Staff & friends", "roles": ["editor"]}],
        "clients": [
            {
                "client_id": "webapp",
                "client_name": "Web application",
                "client_secret": "a-secret-of-the-web-application",
                "redirect_uris": [f"https://app.{slug}.test/callback"],
                "grant_types": ["authorization_code", "refresh_token"],
                "scope": "openid notes:read offline_access",
            },
            {"client_id": "portal", "token_endpoint_auth_method": "none", "redirect_uris": ["http://127.0.0.1/cb"]},
        ],
        "users": [
            {
                "username": "ada",
                "email": f"ada@{slug}.test",
                "name": "Ada Lovelace",
                "roles": ["editor"],
                "groups": ["Staff & friends"],
            },
            {"username": "bob", "email": f"bob@{slug}.test"},
        ],
    }
