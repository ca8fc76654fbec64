"""What every native endpoint shares: authentication by bearer key, and the ErrorResponse shape."""

from collections.abc import Callable
from dataclasses import replace

from riata.api.http import Endpoint, HttpRequest, HttpResponse
from riata.api.lambda_proxy import LambdaHandler, lambda_handler
from riata.api.native.routes import ROUTES
from riata.bootstrap import App
from riata.domain.accounts import Principal, Scope
from riata.errors import RateLimited, RequestError

NativeEndpoint = Callable[[App, Principal, HttpRequest], HttpResponse]
"""Answers an authenticated call."""

OpenEndpoint = Callable[[App, HttpRequest], HttpResponse]
"""Answers a call that needs no key."""


def render_error(error: RequestError, request_id: str) -> HttpResponse:
    """The ErrorResponse schema."""
    body = {"code": error.code, "message": error.message, "request_id": request_id}
    if error.param is not None:
        body["param"] = error.param
    return HttpResponse(error.status, {"error": body}, error.headers)


def authenticated(app: App, scope: Scope, endpoint: NativeEndpoint) -> Endpoint:
    """An endpoint that first finds out who is calling."""

    def call(request: HttpRequest) -> HttpResponse:
        principal = app.authenticate(request.bearer_token(), scope)
        headers = admit(app, principal)
        response = endpoint(app, principal, request)
        return replace(response, headers=headers | dict(response.headers))

    return call


def admit(app: App, principal: Principal) -> dict[str, str]:
    """Take one token of the key's bucket; returns the RateLimit headers: the bucket, what is left, seconds until it is full.

    Raises:
        RateLimited: the bucket is empty.
    """
    allowance = app.rate_limiter.take(principal.key_id, app.clock())
    headers = {
        "ratelimit-limit": str(allowance.limit),
        "ratelimit-remaining": str(allowance.remaining),
        "ratelimit-reset": str(allowance.reset),
    }
    if not allowance.allowed:
        raise RateLimited(
            f"Too many calls with this key. Try again in {allowance.retry_after} s.",
            headers=headers | {"retry-after": str(allowance.retry_after)},
        )
    return headers


def open_to_all(app: App, endpoint: OpenEndpoint) -> Endpoint:
    """An endpoint without a key."""

    def call(request: HttpRequest) -> HttpResponse:
        return endpoint(app, request)

    return call


def native_handler(
    app: App, routes: dict[str, NativeEndpoint], open_routes: dict[str, OpenEndpoint] | None = None
) -> LambdaHandler:
    """The Lambda handler of a function that serves ``routes``; scopes come from the route table."""
    endpoints: dict[str, Endpoint] = {}
    for route, endpoint in routes.items():
        scope = ROUTES[route]
        if scope is None:
            raise ValueError(f"{route} needs no key: register it as an open route")
        endpoints[route] = authenticated(app, scope, endpoint)
    for route, open_endpoint in (open_routes or {}).items():
        endpoints[route] = open_to_all(app, open_endpoint)
    return lambda_handler(endpoints, render_error, app.settings.public_base_url)
