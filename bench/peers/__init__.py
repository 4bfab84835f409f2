"""The servers beside which Latchkey is measured, each in one process, with the same clients, scopes and person."""

from .node import oidc_provider
from .python import authlib, django_oauth_toolkit, django_oauth_toolkit_hashed

__all__ = ["authlib", "django_oauth_toolkit", "django_oauth_toolkit_hashed", "oidc_provider"]
