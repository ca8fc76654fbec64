"""GET …/deliveries and POST …/deliveries/{delivery_id}/replay: the webhook of a request, attempt by attempt."""

from collections.abc import Sequence
from typing import Any

from riata.api.http import HttpRequest, HttpResponse
from riata.api.native.views import webhook_status
from riata.bootstrap import App
from riata.domain.accounts import Principal
from riata.domain.clock import to_wire
from riata.domain.deliveries import Attempt, Delivery

Json = dict[str, Any]


def listing(app: App, principal: Principal, request: HttpRequest) -> HttpResponse:
    """The deliveries of a request's events: none before it ends, then one."""
    found = app.read_deliveries(principal, request.path_params["request_id"])
    data = [] if found is None else [_delivery(found[0]) | {"log": _log(found[1])}]
    return HttpResponse(200, {"object": "list", "data": data})


def replay(app: App, principal: Principal, request: HttpRequest) -> HttpResponse:
    """Send an event again."""
    delivery = app.replay_delivery(principal, request.path_params["request_id"], request.path_params["delivery_id"])
    return HttpResponse(202, _delivery(delivery))


def _delivery(delivery: Delivery) -> Json:
    return {
        "delivery_id": delivery.delivery_id,
        "request_id": delivery.request_id,
        "url": delivery.url,
        "created_at": to_wire(delivery.created_at),
        **webhook_status(delivery),
        "next_attempt_at": to_wire(delivery.next_attempt_at) if delivery.next_attempt_at else None,
    }


def _log(attempts: Sequence[Attempt]) -> list[Json]:
    return [
        {
            "attempt": attempt.number,
            "started_at": to_wire(attempt.started_at),
            "duration": attempt.duration,
            "response_status": attempt.response_status,
            "error": attempt.error,
        }
        for attempt in attempts
    ]
