"""The rows of the MCP authorization checklists (revision 2026-07-28) that tests have to show, in our words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ROWS: Mapping[str, str] = {
    "1a.1": "OAuth 2.1, for public and confidential clients",
    "1a.2": "metadata at the three well-known addresses",
    "1a.3": "`issuer` in the metadata is the issuer that was asked",
    "1a.4": "`code_challenge_methods_supported` with S256, in both documents",
    "1a.5": "PKCE is required and verified",
    "1a.6": "endpoints on https",
    "1a.7": "short-lived access tokens",
    "1a.8": "refresh tokens rotate",
    "1a.9": "`resource` becomes the audience, however its host is spelled",
    "1a.10": "refresh tokens where the client has the grant; `offline_access` is advertised",
    "1a.11": "fewer scopes may be granted; redundant ones are normalised",
    "1a.12": "`prompt=consent` together with `offline_access`",
    "1b.13": "`iss` in every authorization response, errors included",
    "1b.14": "`authorization_response_iss_parameter_supported`",
    "1b.15": "`iss` is the issuer, to the letter",
    "1b.16": "`iss` is never left out",
    "1c.17": "exact redirect URIs, but for the port of loopback ones",
    "1c.18": "redirect URIs on loopback or https; private schemes by setting",
    "1c.19": "nobody is sent to an untrusted address",
    "1c.20": "errors of untrusted clients are pages",
    "1e.33": "dynamic registration",
    "1e.34": "`application_type`, sent or inferred",
    "1e.35": "credentials belong to one issuer",
    "2.1": "protected resource metadata with `authorization_servers`",
    "2.2": "`resource_metadata` in the challenge, and the well-known addresses",
    "2.3": "`scope` in the 401 challenge",
    "2.4": "tokens for somebody else are rejected",
    "2.5": "401, 403 and 400, each where it belongs",
    "2.6": "403 with all scopes of the operation in one challenge",
    "2.7": "scope hierarchies in the challenge",
    "2.8": "other tokens are neither accepted nor passed on",
    "2.9": "no tokens in the query",
    "2.10": "`offline_access` in no challenge and no resource metadata",
    "2.11": "`resource` is the canonical address of the server",
    "2.12": "programs in browsers can read challenges and metadata",
    "2.13": "session handles are bound to the person and are no authentication",
}

# Shown where there are tests; not all of it is built.
LATER: Mapping[str, str] = {
    "1d.21": "client id metadata documents are supported and advertised",
    "1d.22": "the document's `client_id` is its address",
    "1d.23": "the document is valid and complete",
    "1d.24": "the redirect URI is in the document",
    "1d.25": "documents are cached as their headers say",
    "1d.26": "no requests to private addresses; the redirect host is shown; loopback is warned of",
    "1d.27": "which addresses may be client ids",
    "1d.28": "fetching: only 200, no redirects, small, no special addresses",
    "1d.29": "no symmetric authentication; unknown members are ignored",
    "1d.30": "the client's host is shown; changed metadata mean new consent",
    "1d.31": "client ids that we make are no addresses",
    "1d.32": "documents are fetched after login, within limits",
    "1f.36": "consent for each client before anybody is sent upstream",
    "1f.37": "a registry of approved clients for each person",
    "1f.38": "the consent page names client, scopes and redirect URI, and cannot be framed",
    "1f.39": "consent cookies are bound to the client",
    "1f.40": "upstream `state` only after consent, once, for minutes",
}
