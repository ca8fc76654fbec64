"""What the deployment is: its OpenAPI files, its models, and the answer to everything without a route."""

import json
from functools import cache
from importlib import resources
from typing import Any

from riata.api.http import HttpRequest, HttpResponse
from riata.api.native.routes import verbs_of
from riata.bootstrap import App
from riata.domain.accounts import Principal
from riata.domain.requests import MODEL
from riata.errors import MethodNotAllowed, NotFound

Json = dict[str, Any]


@cache
def published_contract() -> Json:
    """The AudioLasso v1 file as published."""
    return _load("audiolasso.openapi.json")


@cache
def full_contract() -> Json:
    """The published file with this service's additions: ``overlay.json``, a JSON Merge Patch (RFC 7396)."""
    return dict(_merged(published_contract(), _load("overlay.json")))


def openapi(_app: App, request: HttpRequest) -> HttpResponse:
    """GET /v1/openapi.json: the contract exactly, with this deployment's address."""
    return _served(published_contract(), request)


def openapi_riata(_app: App, request: HttpRequest) -> HttpResponse:
    """GET /v1/openapi.riata.json: the contract with the documented overlay."""
    return _served(full_contract(), request)


def models(app: App, _principal: Principal, _request: HttpRequest) -> HttpResponse:
    """GET /v1/models."""
    schemas = published_contract()["components"]["schemas"]
    model = {
        "id": MODEL,
        "object": "model",
        "description": f"Pulls the sound that a prompt names out of audio or video (backend {app.settings.backend}).",
        "input": _inlined(schemas["AudioSeparateInput"], schemas),
        "output": _inlined(schemas["QueueResultResponse"]["properties"]["data"], schemas),
    }
    return HttpResponse(200, {"object": "list", "data": [model]})


def no_route(_app: App, request: HttpRequest) -> HttpResponse:
    """404, or 405 when the path has other verbs."""
    verbs = verbs_of(request.path)
    if verbs:
        raise MethodNotAllowed(
            f"{request.path} does not take {request.method}; it takes {', '.join(verbs)}.",
            headers={"allow": ", ".join(verbs)},
        )
    raise NotFound(f"There is nothing at {request.path}. GET /v1/openapi.json lists the routes.")


def _load(name: str) -> Json:
    return dict(json.loads((resources.files(__package__) / name).read_text("utf-8")))


def _served(document: Json, request: HttpRequest) -> HttpResponse:
    return HttpResponse(200, document | {"servers": [{"url": request.base_url, "description": "This deployment"}]})


def _merged(target: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = _merged(merged.get(name), value)
    return merged


def _inlined(schema: Any, schemas: Json) -> Any:
    """The schema with its references written out, so that it stands alone."""
    if isinstance(schema, list):
        return [_inlined(part, schemas) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(schemas[schema["$ref"].rsplit("/", 1)[1]], schemas)
    return {name: _inlined(part, schemas) for name, part in schema.items()}
