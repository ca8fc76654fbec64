"""The OpenAPI files, the models, and every call that no other function serves."""

from riata.api.native import discovery
from riata.api.native.facade import native_handler
from riata.bootstrap import App

handler = native_handler(
    App(),
    {"GET /v1/models": discovery.models},
    {
        "GET /v1/openapi.json": discovery.openapi,
        "GET /v1/openapi.riata.json": discovery.openapi_riata,
        "*": discovery.no_route,
    },
)
