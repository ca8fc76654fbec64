"""Every file in ``events/`` is what its function takes, and every route has one."""

import json
from typing import Any
from urllib.parse import urlencode

import boto3
import pytest

from riata.adapters.sqs import SqsWorkQueue
from riata.bootstrap import App
from tests.contract import deployment, people
from tests.contract.calls import call, invoke
from tests.contract.deployment import REGION, ROOT
from tests.contract.documented import operations
from tests.contract.people import Caller

FOLDER = ROOT / "events"

API_STATUSES = {
    "api-get-openapi": 200,
    "api-get-openapi-riata": 200,
    "api-list-models": 200,
    "api-create-file": 201,
    "api-get-file": 200,
    "api-delete-file": 204,
    "api-submit": 202,
    "api-list-requests": 200,
    "api-cancel-request": 200,
    "api-delete-request": 204,
    "api-get-status": 200,
    "api-stream-status": 200,
    "api-get-result": 409,
    "api-open-media": 404,
    "api-list-deliveries": 200,
    "api-replay-delivery": 404,
    "api-get-account": 200,
    "api-wrong-verb": 405,
    "api-unknown-route": 404,
}
OTHERS = {
    "s3-object-created", "finish", "finish-timeout", "sqs-dead-letter", "sqs-webhook", "schedule-every-minute",
    "state-machine-input", "separation-message",
}  # fmt: skip


def sample(name: str, **placeholders: str) -> Any:
    """A sample event with its placeholders filled in."""
    text = (FOLDER / f"{name}.json").read_text()
    for placeholder, value in placeholders.items():
        text = text.replace(placeholder, value)
    return json.loads(text)


@pytest.fixture
def in_progress(caller: Caller) -> str:
    """A request that a worker has taken."""
    request_id = caller.queued()
    people.claim(request_id)
    return request_id


def failure_of(request_id: str) -> str | None:
    request = App().requests.get(request_id)
    assert request is not None
    return request.failure.code if request.failure else None


def test_every_sample_is_tried() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(API_STATUSES) | OTHERS


def test_every_sample_is_described() -> None:
    described = (FOLDER / "README.md").read_text()
    assert [name for name in (*API_STATUSES, *OTHERS) if f"`{name}`" not in described] == []


def test_every_operation_has_a_sample() -> None:
    samples = [json.loads((FOLDER / f"{name}.json").read_text()) for name in API_STATUSES]
    routes = {(event["httpMethod"], event["resource"]) for event in samples}
    assert {(verb, path) for verb, path, _ in operations().values()} <= routes


@pytest.mark.parametrize("name", API_STATUSES)
def test_an_api_event_is_answered(name: str, caller: Caller) -> None:
    streamed = name == "api-stream-status"
    request_id = caller.ended() if streamed else caller.queued()
    event = sample(name, API_KEY=caller.key, file_01jabc=caller.uploaded_file(), req_01jabc=request_id)
    if streamed:
        url = f"{event['path']}?{urlencode(event['queryStringParameters'])}"
        answer = call("GET", url, headers=event["headers"])
    else:
        answer = invoke(event)
    assert answer.status == API_STATUSES[name], answer.body


def test_the_s3_event_marks_the_file_uploaded_and_probes_it(caller: Caller) -> None:
    file_id = caller.uploaded_file()
    deployment.handler("uploads")(sample("s3-object-created", file_01jabc=file_id), None)
    file = App().files.get(file_id)
    assert file is not None
    assert file.uploaded_at is not None
    assert file.media is not None
    assert file.media.container == "wav"


def test_finish_ends_a_request_by_its_outcome(caller: Caller) -> None:
    request_id = caller.queued()
    people.claim(request_id).record(people.manifest(request_id))
    ended = deployment.handler("finish")(sample("finish", req_01jabc=request_id), None)
    assert ended == {"status": "COMPLETED", "has_webhook": False}


def test_finish_after_a_timeout_fails_the_request(in_progress: str) -> None:
    ended = deployment.handler("finish")(sample("finish-timeout", req_01jabc=in_progress), None)
    assert ended == {"status": "FAILED", "has_webhook": False}
    assert failure_of(in_progress) == "TIMED_OUT"


def test_a_dead_letter_fails_the_request(in_progress: str) -> None:
    deployment.handler("deadletter")(sample("sqs-dead-letter", req_01jabc=in_progress), None)
    assert failure_of(in_progress) == "WORKER_LOST"


def test_a_webhook_ticket_of_a_request_that_goes_on_is_done_with(in_progress: str) -> None:
    assert deployment.handler("webhooks")(sample("sqs-webhook", req_01jabc=in_progress), None) == {"batchItemFailures": []}


def test_the_schedule_sweeps(cloud: None) -> None:
    assert deployment.handler("reconcile")(sample("schedule-every-minute"), None)["checked"] >= 0


def test_an_execution_starts_with_the_samples_input(caller: Caller) -> None:
    request_id = caller.queued()
    machine = App().settings.state_machine_arn
    execution = f"{machine.replace(':stateMachine:', ':execution:')}:{request_id}-1"
    client = boto3.client("stepfunctions", region_name=REGION)
    started = client.describe_execution(executionArn=execution)
    assert json.loads(started["input"]) == sample("state-machine-input", req_01jabc=request_id)


def test_a_worker_reads_the_samples_message(cloud: None) -> None:
    sqs = boto3.client("sqs", region_name=REGION)
    url = App().settings.separation_queue_url
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps(sample("separation-message")))
    message = SqsWorkQueue(sqs, None, url).receive(0)
    assert message is not None
    assert (message.request_id, message.generation) == ("req_01jabc", 1)
