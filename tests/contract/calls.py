"""HTTP calls to the deployment in this process; every answer is held against the contract."""

import asyncio
import itertools
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx

from tests.contract import deployment, documented
from tests.contract.deployment import Route

_request_numbers = itertools.count(1)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The error's code."""
        return str(self.json["error"]["code"])

    @property
    def param(self) -> str | None:
        """The parameter at fault."""
        return self.json["error"].get("param")  # type: ignore[no-any-return]


def route_of(verb: str, path: str) -> tuple[Route, dict[str, str]]:
    """The route that the gateway would choose, and the parameters in the path."""
    for route in deployment.routes():
        parameters = route.match(path)
        if route.verb == verb and parameters is not None:
            return route, {name: unquote(value) for name, value in parameters.items()}
    raise LookupError(f"the template routes nothing for {verb} {path}")


def proxy_event(verb: str, url: str, headers: dict[str, str], body: str | None) -> dict[str, Any]:
    """API Gateway's event for a call."""
    parts = urlsplit(url)
    route, parameters = route_of(verb, parts.path)
    return {
        "resource": route.path,
        "path": parts.path,
        "httpMethod": verb,
        "headers": headers or None,
        "queryStringParameters": dict(parse_qsl(parts.query, keep_blank_values=True)) or None,
        "pathParameters": parameters or None,
        "requestContext": {
            "requestId": f"call-{next(_request_numbers)}",
            "domainName": "abc123.execute-api.eu-central-1.amazonaws.com",
            "path": f"/prod{parts.path}",
        },
        "body": body,
        "isBase64Encoded": False,
    }


def invoke(event: dict[str, Any]) -> Answer:
    """Send an event to the function that the template routes it to, and hold the answer against the contract."""
    verb, resource = event["httpMethod"], event["resource"]
    name = next(r.function for r in deployment.routes() if (r.verb, r.path) == (verb, resource))
    raw = deployment.handler(name)(event, None)
    answer = Answer(raw["statusCode"], raw["headers"], raw["body"])
    _judge(verb, resource, answer)
    return answer


def call(
    verb: str, url: str, *, key: str | None = None, body: Any = None, headers: dict[str, str] | None = None
) -> Answer:
    """One call. ``body`` is sent as JSON, text as it is."""
    sent = {"Content-Type": "application/json"} if body is not None else {}
    sent |= {"Authorization": f"Bearer {key}"} if key else {}
    sent |= headers or {}
    text = body if isinstance(body, str) or body is None else json.dumps(body)
    route, _ = route_of(verb, urlsplit(url).path)
    if route.function != "stream":
        return invoke(proxy_event(verb, url, sent, text))
    answered = asyncio.run(stream_call(deployment.function("stream").app, url, sent))
    _judge(verb, route.path, answered)
    return answered


async def stream_call(app: Any, url: str, headers: dict[str, str]) -> Answer:
    """GET from an ASGI app, until it ends the stream."""
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=deployment.BASE_URL) as client:
        answered = await client.get(url, headers=headers)
    return Answer(answered.status_code, dict(answered.headers), answered.text)


def _judge(verb: str, path: str, answer: Answer) -> None:
    assert answer.headers["x-request-id"]
    if answer.status >= 400:
        documented.assert_error_response(answer.status, answer.headers, answer.body)
    operation = documented.operation_at(verb, path)
    if operation is not None:
        documented.assert_documented(operation, answer.status, answer.headers, answer.body)
