"""The event of an ended request is what the published contract says."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from riata.adapters.signing import sign
from riata.domain.events import event_body, event_of
from riata.domain.media_token import verify
from riata.domain.requests import Failure
from tests.fakes.clock import START
from tests.fakes.webhooks import ended_request

CONTRACT = json.loads(
    (Path(__file__).parents[3] / "layers/core/riata/api/native/audiolasso.openapi.json").read_text("utf-8")
)
KEY = b"media key"


def conforms(event: dict[str, Any], schema: str) -> None:
    document = {"$ref": f"#/components/schemas/{schema}", "components": CONTRACT["components"]}
    jsonschema.validate(event, document, format_checker=jsonschema.FormatChecker())


def test_a_completed_request_makes_a_completed_event() -> None:
    event = event_of(ended_request("req_1", START, None), KEY)

    conforms(event, "WebhookCompletedEvent")
    assert event["completed_at"] == "2026-04-25T08:00:00.000Z"
    assert event["usage"] == {"feature": "audio_seconds", "quantity": 13, "billing_status": "deducted"}
    assert event["data"]["duration"] == 12.5
    assert "metadata" not in event


def test_its_urls_are_good_until_the_outputs_are_deleted() -> None:
    request = ended_request("req_1", START, None)

    event = event_of(request, KEY)

    grant = verify(event["data"]["residual"]["url"].removeprefix("https://api.riata.test/v1/media/"), KEY)
    assert grant is not None
    assert (grant.request_id, grant.output, grant.expires_at) == ("req_1", "residual", request.delete_after)


def test_a_failed_request_makes_a_failed_event() -> None:
    event = event_of(ended_request("req_1", START, None, Failure("CANCELLED", "The request was cancelled.")), KEY)

    conforms(event, "WebhookFailedEvent")
    assert event["error"] == {"code": "CANCELLED", "message": "The request was cancelled."}
    assert "data" not in event
    assert "usage" not in event


@pytest.mark.parametrize(
    "metadata",
    [{}, {"name": "café \u2028 \U0001f3b9", "n": 12345678901234567890, "x": [1.0, 1e-9, None, {"deep": {"er": True}}]}],
)
def test_metadata_comes_back_untouched(metadata: dict[str, Any]) -> None:
    request = ended_request("req_1", START, None, metadata=json.dumps(metadata, ensure_ascii=False))

    sent = event_body(event_of(request, KEY))

    assert json.loads(sent)["metadata"] == metadata
    assert sent.isascii()


def test_every_attempt_carries_the_same_bytes() -> None:
    request = ended_request("req_1", START, None, metadata='{"b":1,"a":2}')
    first, second = (event_body(event_of(request, KEY)) for _ in range(2))

    assert first == second
    assert sign(b"k", "msg_1", START, first) == sign(b"k", "msg_1", START, second)
