"""An HTTP call and its answer, whoever carries them: API Gateway's events or an ASGI server."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from riata.errors import InvalidRequest


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One call. ``resource`` is the route's template, header names are lower case."""

    method: str
    resource: str
    path: str
    path_params: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    request_id: str
    base_url: str

    def json_object(self) -> dict[str, Any]:
        """The body, a JSON object.

        Raises:
            InvalidRequest: another content type, malformed JSON, or JSON that is not an object.
        """
        content_type = self.headers.get("content-type", "application/json").split(";", 1)[0].strip().lower()
        if content_type != "application/json" and not content_type.endswith("+json"):
            raise InvalidRequest("Send the body as `Content-Type: application/json`.", param="content-type")
        try:
            value = json.loads(self.body, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            raise InvalidRequest("The body is not valid JSON.") from None
        if not isinstance(value, dict):
            raise InvalidRequest("The body must be a JSON object.")
        return value

    def bearer_token(self) -> str | None:
        """What follows ``Authorization: Bearer``."""
        kind, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() or None if kind.lower() == "bearer" else None


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """One answer; ``body`` is JSON data, or text that is sent as it is."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


Endpoint = Callable[[HttpRequest], HttpResponse]
"""Answers one call; raises `riata.errors.RequestError` for anything but success."""


def flag(request: HttpRequest, name: str, default: bool = False) -> bool:
    """A boolean of the query string.

    Raises:
        InvalidRequest: neither true nor false.
    """
    text = request.query.get(name)
    if text is None:
        return default
    if text.lower() in {"true", "1"}:
        return True
    if text.lower() in {"false", "0"}:
        return False
    raise InvalidRequest(f"`{name}` must be true or false.", param=name)


def number(request: HttpRequest, name: str, default: float) -> float:
    """A finite number of the query string.

    Raises:
        InvalidRequest: not a number.
    """
    text = request.query.get(name)
    if text is None:
        return float(default)
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if value != value or abs(value) == float("inf"):
        raise InvalidRequest(f"`{name}` must be a number.", param=name)
    return value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
