"""The administration API: JSON over the use cases of `administration`, described in OpenAPI. See ADR 0031."""

from .openapi import openapi_document, statuses_of
from .problems import Problem, problem_response
from .routes import PREFIX, Route
from .service import MAX_BODY, ApiRequest, answer
from .table import ROUTES

__all__ = [
    "MAX_BODY",
    "PREFIX",
    "ROUTES",
    "ApiRequest",
    "Problem",
    "Route",
    "answer",
    "openapi_document",
    "problem_response",
    "statuses_of",
]
