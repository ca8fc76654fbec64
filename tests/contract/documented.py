"""What the contract says: the published file with the overlay, as a judge of answers."""

import json
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from riata.api.native.discovery import full_contract

Json = dict[str, Any]
VERBS = ("get", "post", "put", "patch", "delete")

_URI = "urn:riata:contract"
_formats = FormatChecker(())


@_formats.checks("date-time", raises=ValueError)
def _is_date_time(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@_formats.checks("uri", raises=ValueError)
def _is_uri(value: object) -> bool:
    return not isinstance(value, str) or bool(urlsplit(value).scheme and urlsplit(value).netloc)


def resolved(value: Json, document: Json | None = None) -> Json:
    """The value itself, or what its ``$ref`` points to."""
    if set(value) != {"$ref"}:
        return value
    found: Any = document or full_contract()
    for name in value["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return dict(found)


def operations(document: Json | None = None) -> dict[str, tuple[str, str, Json]]:
    """Operation id → verb, path template, operation."""
    paths = (document or full_contract())["paths"]
    return {
        operation["operationId"]: (verb.upper(), path, operation)
        for path, item in paths.items()
        for verb, operation in item.items()
        if verb in VERBS
    }


def operation_at(verb: str, path: str) -> str | None:
    """The id of the operation that serves ``path``, a template."""
    return next((name for name, (v, p, _) in operations().items() if (v, p) == (verb, path)), None)


def faults(schema: Json, value: Any) -> list[str]:
    """What is wrong with a value; references in the schema are into the contract."""
    contract = Resource.from_contents({"$id": _URI, **full_contract()}, default_specification=DRAFT202012)
    registry: Registry[Any] = Registry().with_resource(_URI, contract)
    validator = Draft202012Validator(_absolute(schema), registry=registry, format_checker=_formats)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


def schema_named(name: str) -> Json:
    """One of the contract's schemas."""
    return {"$ref": f"#/components/schemas/{name}"}


def assert_documented(operation_id: str, status: int, headers: dict[str, str], body: str) -> None:
    """The answer is one that the contract announces for the operation, to the letter of its schema."""
    response = resolved(operations()[operation_id][2]["responses"].get(str(status), {}))
    assert response, f"{operation_id} answered {status}, which is not documented: {body[:300]}"
    for name, header in response.get("headers", {}).items():
        header = resolved(header)
        assert name in headers or not header.get("required"), f"{operation_id} {status} lacks the header {name}"
        if name in headers:
            value = int(headers[name]) if header["schema"]["type"] == "integer" else headers[name]
            assert not faults(header["schema"], value), f"{operation_id} {status}, header {name}: {headers[name]}"
    content = response.get("content")
    if content is None:
        return
    media_type = headers["content-type"].split(";")[0]
    assert media_type in content, f"{operation_id} {status} is {media_type}"
    if media_type == "application/json":
        assert faults(content[media_type].get("schema", {}), json.loads(body)) == [], f"{operation_id} {status}: {body[:500]}"


def assert_error_response(status: int, headers: dict[str, str], body: str) -> None:
    """Any error: the ErrorResponse schema, with the id of the HTTP request."""
    assert headers["content-type"].split(";")[0] == "application/json", f"{status} {headers} {body[:300]}"
    error = json.loads(body)
    assert faults(schema_named("ErrorResponse"), error) == []
    assert error["error"]["request_id"] == headers["x-request-id"]
    assert "Traceback" not in body


def _absolute(value: Any) -> Any:
    if isinstance(value, list):
        return [_absolute(part) for part in value]
    if not isinstance(value, dict):
        return value
    return {
        name: f"{_URI}{part}" if name == "$ref" and str(part).startswith("#") else _absolute(part)
        for name, part in value.items()
    }
