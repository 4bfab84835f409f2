"""One class for each error code on the wire.

RFC 6749 §4.1.2.1 and §5.2, RFC 6750 §3.1, RFC 7591 §3.2.2, RFC 8707 §2, OpenID Connect Core §3.1.2.6, and
its Error Code unmet_authentication_requirements 1.0.

What the other side reads belongs to the class; `why` is for our log alone and never leaves the house.
"""

from __future__ import annotations

from typing import ClassVar


class OAuthError(Exception):
    """A refusal. Whether it becomes a page, a redirect or a JSON response is the caller's affair."""

    code: ClassVar[str]
    status: ClassVar[int] = 400
    description: ClassVar[str]

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class InvalidRequest(OAuthError):
    """The request is malformed, lacks a parameter, or has one twice."""

    code = "invalid_request"
    description = "The request is malformed."


class RequestTooLarge(InvalidRequest):
    """The body is larger than any request to this endpoint has to be."""

    status = 413
    description = "The request is too large."


class InvalidClient(OAuthError):
    """The client is unknown or did not authenticate as it is registered to."""

    code = "invalid_client"
    status = 401
    description = "Client authentication failed."


class InvalidGrant(OAuthError):
    """The code or refresh token is invalid, expired, revoked, or belongs to another client or redirect URI."""

    code = "invalid_grant"
    description = "The grant is invalid, expired or revoked."


class UnauthorizedClient(OAuthError):
    """The client may not use this grant type or response type."""

    code = "unauthorized_client"
    description = "The client is not registered for this."


class ClientBlocked(UnauthorizedClient):
    """An administrator blocked the client."""

    status = 403
    description = "The client is blocked."


class ClientQuarantined(UnauthorizedClient):
    """The client may do nothing until an administrator has looked at it."""

    status = 403
    description = "The client waits for an administrator."


class UnsupportedGrantType(OAuthError):
    """No such grant type here."""

    code = "unsupported_grant_type"
    description = "The grant type is not supported."


class UnsupportedResponseType(OAuthError):
    """No such response type here."""

    code = "unsupported_response_type"
    description = "The response type is not supported."


class InvalidScope(OAuthError):
    """A scope is unknown, malformed, or beyond what the client may have."""

    code = "invalid_scope"
    description = "A requested scope is unknown or not permitted."


class InvalidTarget(OAuthError):
    """A resource is unknown or malformed. RFC 8707 §2."""

    code = "invalid_target"
    description = "A requested resource is unknown or malformed."


class AccessDenied(OAuthError):
    """The person, or the server for them, said no."""

    code = "access_denied"
    status = 403
    description = "Access was denied."


class LoginRequired(OAuthError):
    """Somebody has to sign in, and `prompt=none` forbids to ask."""

    code = "login_required"
    description = "The person has to sign in."


class ConsentRequired(OAuthError):
    """Somebody has to consent, and `prompt=none` forbids to ask."""

    code = "consent_required"
    description = "The person has to consent."


class InteractionRequired(OAuthError):
    """The person has to be shown where they are going, and `prompt=none` forbids to show anything."""

    code = "interaction_required"
    description = "The person has to be asked."


class UnmetAuthenticationRequirements(OAuthError):
    """The client cannot do without a way of signing in that is not to be had here."""

    code = "unmet_authentication_requirements"
    description = "The demanded way of signing in is not available."


class RequestNotSupported(OAuthError):
    """Request objects are not accepted. OpenID Connect Core §6.1."""

    code = "request_not_supported"
    description = "The request parameter is not supported."


class RequestUriNotSupported(OAuthError):
    """Request objects by reference are not accepted. OpenID Connect Core §6.2."""

    code = "request_uri_not_supported"
    description = "The request_uri parameter is not supported."


class RegistrationNotSupported(OAuthError):
    """Registration inside an authorization request is not accepted. OpenID Connect Core §7.2.1."""

    code = "registration_not_supported"
    description = "The registration parameter is not supported."


class InvalidRedirectUri(OAuthError):
    """A redirect URI breaks a hard rule or is not registered. RFC 7591 §3.2.2."""

    code = "invalid_redirect_uri"
    description = "A redirect URI is not acceptable."


class InvalidClientMetadata(OAuthError):
    """A member of the client metadata has a value that cannot be accepted. RFC 7591 §3.2.2."""

    code = "invalid_client_metadata"
    description = "A client metadata value is not acceptable."


class InvalidSoftwareStatement(OAuthError):
    """The software statement does not hold. RFC 7591 §3.2.2."""

    code = "invalid_software_statement"
    description = "The software statement is not valid."


class UnapprovedSoftwareStatement(OAuthError):
    """The software statement is by somebody whom this tenant does not trust. RFC 7591 §3.2.2."""

    code = "unapproved_software_statement"
    description = "The software statement is not approved here."


class InvalidToken(OAuthError):
    """The bearer token is malformed, expired, revoked, or meant for somebody else. RFC 6750 §3.1."""

    code = "invalid_token"
    status = 401
    description = "The access token is invalid or expired."


class InsufficientScope(OAuthError):
    """The bearer token is good but does not reach this far. RFC 6750 §3.1."""

    code = "insufficient_scope"
    status = 403
    description = "The access token does not carry the scope that is needed."


class ServerError(OAuthError):
    """Something failed on our side."""

    code = "server_error"
    status = 500
    description = "The server could not answer."


class TemporarilyUnavailable(OAuthError):
    """Something that is needed does not answer at the moment."""

    code = "temporarily_unavailable"
    status = 503
    description = "The server cannot answer at the moment."


class TooManyRequests(OAuthError):
    """A rate limit was reached; `retry_after` is in seconds."""

    code = "too_many_requests"
    status = 429
    description = "Too many requests."

    def __init__(self, why: str, retry_after: int) -> None:
        super().__init__(why)
        self.retry_after = retry_after


class NotFound(OAuthError):
    """Nothing is served at this address."""

    code = "not_found"
    status = 404
    description = "There is nothing here."


class MethodNotAllowed(OAuthError):
    """The address does not answer this method; `allow` lists those that it does, as the field of that name."""

    code = "method_not_allowed"
    status = 405
    description = "The method is not allowed here."

    def __init__(self, why: str, allow: str) -> None:
        super().__init__(why)
        self.allow = allow
