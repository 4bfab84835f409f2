"""The administration API: JSON over the use cases of `administration`, described in OpenAPI. See ADR 0031."""

from . import limits
from .openapi import openapi_document, statuses_of
from .problems import Problem, problem_response
from .routes import PREFIX, Route, Surroundings
from .service import MAX_BODY, ApiRequest, answer
from .streams import StreamedResponse
from .table import ROUTES

__all__ = [
    "MAX_BODY",
    "PREFIX",
    "ROUTES",
    "ApiRequest",
    "Problem",
    "Route",
    "StreamedResponse",
    "Surroundings",
    "answer",
    "limits",
    "openapi_document",
    "problem_response",
    "statuses_of",
]
