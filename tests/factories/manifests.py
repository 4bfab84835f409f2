"""A manifest that has everything, to be changed in one thing."""

from __future__ import annotations

import yaml

from server.administration.manifest import Manifest, parse_manifests

FULL = """
tenant: acme
display_name: Acme
mode: native
domain: null
settings:
  access_token_lifetime: 10m
  refresh_grace: 30s
  registration: off
  client_id_metadata_documents: true
  private_use_schemes: off
  rate_limits: {token: 600, register: null}
branding: {primary_color: "#1f6feb"}
scopes:
  - {name: "notes:read", description: "Read your notes"}
  - {name: "notes:write", description: "Change your notes", optional: true}
  - {name: "notes:purge", description: "Delete all your notes", sensitive: true}
resources:
  - identifier: "http://127.0.0.1:3001/mcp"
    display_name: Notes
    scopes: ["notes:read", "notes:write"]
    token_format: opaque
    introspection_clients: [batch]
groups: [{name: "Writers, all", description: Whoever writes, roles: [editor]}]
roles: [editor]
clients:
  - client_id: notes-cli
    client_name: Notes CLI
    application_type: native
    token_endpoint_auth_method: none
    redirect_uris: ["http://127.0.0.1/callback"]
    grant_types: [authorization_code, refresh_token]
    scope: "openid profile notes:read offline_access"
  - client_id: batch
    client_secret: change-me
    grant_types: [client_credentials]
    scope: "notes:read"
users:
  - username: ada
    email: ada@acme.test
    password: correct-horse-battery
    name: Ada Lovelace
    groups: ["Writers, all"]
    roles: [editor]
    claims: {given_name: Ada, address: {country: GB}, zoneinfo: Europe/London, nickname: null}
trust_policy: {}
"""


def read(text: str) -> Manifest:
    """The one manifest in a text."""
    (manifest,) = parse_manifests(text, "acme.yaml")
    return manifest


def written(**sections: object) -> Manifest:
    """A manifest of these sections only."""
    return read(yaml.safe_dump({"tenant": "acme", **sections}))
