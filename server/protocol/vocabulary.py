"""The words of the specifications that are implemented; a word that is missing here is not supported."""

from __future__ import annotations

from enum import StrEnum


class GrantType(StrEnum):
    """RFC 6749 §4.1, §6, §4.4."""

    AUTHORIZATION_CODE = "authorization_code"
    REFRESH_TOKEN = "refresh_token"  # noqa: S105 - the name of a grant type, not a secret
    CLIENT_CREDENTIALS = "client_credentials"


class ResponseType(StrEnum):
    """RFC 6749 §3.1.1."""

    CODE = "code"


class ResponseMode(StrEnum):
    """OAuth 2.0 Multiple Response Type Encoding Practices §2.1."""

    QUERY = "query"


class TokenEndpointAuthMethod(StrEnum):
    """RFC 7591 §2."""

    NONE = "none"
    CLIENT_SECRET_BASIC = "client_secret_basic"  # noqa: S105 - the name of a method, not a secret
    CLIENT_SECRET_POST = "client_secret_post"  # noqa: S105 - the name of a method, not a secret
    PRIVATE_KEY_JWT = "private_key_jwt"


SECRET_METHODS = frozenset({TokenEndpointAuthMethod.CLIENT_SECRET_BASIC, TokenEndpointAuthMethod.CLIENT_SECRET_POST})


class CodeChallengeMethod(StrEnum):
    """RFC 7636 §4.2; `plain` is never accepted."""

    S256 = "S256"


class Prompt(StrEnum):
    """OpenID Connect Core §3.1.2.1."""

    NONE = "none"
    LOGIN = "login"
    CONSENT = "consent"
    SELECT_ACCOUNT = "select_account"


class ApplicationType(StrEnum):
    """OpenID Connect Dynamic Client Registration §2."""

    NATIVE = "native"
    WEB = "web"


class SubjectType(StrEnum):
    """OpenID Connect Core §8."""

    PUBLIC = "public"


class AssertionAlgorithm(StrEnum):
    """How clients may sign assertions: asymmetric ones only, and never `none`. RFC 7518 §3.1, RFC 9864 §2.2."""

    ES256 = "ES256"
    RS256 = "RS256"
    PS256 = "PS256"
    ED25519 = "Ed25519"
    EDDSA = "EdDSA"


class SigningAlgorithm(StrEnum):
    """RFC 7518 §3.1, RFC 9864 §2.2; `EdDSA` is how many clients still call Ed25519 (RFC 8037 §3.1)."""

    ES256 = "ES256"
    RS256 = "RS256"
    ED25519 = "Ed25519"
    EDDSA = "EdDSA"
