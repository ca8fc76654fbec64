"""The running API against the contract: generated calls, good and bad, over HTTP through gateway and edge."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from schemathesis import Case, GenerationMode

from riata.api.native.discovery import full_contract
from tests.contract.documented import assert_documented, assert_error_response
from tests.contract.people import wav
from tests.local_stack import LocalStack

pytestmark = pytest.mark.stack

KEYS = 3
"""More calls per second than one key is allowed."""

_ACCEPTED = ["2xx", "3xx", "401", "403", "404", "409", "429"]
CONFIG = schemathesis.Config.from_dict({
    "seed": 20260425,
    # Unknown query parameters are ignored, as unknown fields are.
    "generation": {"max-examples": 12, "deterministic": True, "database": "none", "allow-extra-parameters": False},
    # The verbs that the template can route. The others never reach it: API Gateway answers them itself, with an answer that is
    # the template's to shape (GatewayResponses), which the local gateway leaves out.
    "phases": {"coverage": {"unexpected-methods": ["GET", "POST", "PUT", "PATCH", "DELETE"]}},
    "operations": [
        {
            # JSON Schema cannot say that content_type is a media type of audio, video or unnamed bytes, in any case and with any
            # parameters: the contract gives other texts a status of their own.
            "include-operation-id": "createFileUpload",
            "checks": {"positive_data_acceptance": {"expected-statuses": [*_ACCEPTED, "415"]}},
        },
        {
            # Nor that a span ends after it starts, that a file exists, that a prompt names a sound the backend knows, or that
            # the host of a URL answers: the contract gives that a 502, which is no fault of the server.
            "include-operation-id": "submitAudioSeparate",
            "checks": {
                "positive_data_acceptance": {"expected-statuses": [*_ACCEPTED, "400", "502"]},
                "not_a_server_error": {"expected-statuses": ["2xx", "4xx", "502"]},
            },
        },
        {
            # The published schema of the stream is of its text, and the check holds each event against it. The events are held
            # against their own schemas in test_status_stream.py.
            "include-operation-id": "streamQueueRequestStatus",
            "checks": {"response_schema_conformance": {"enabled": False}},
        },
    ],
})  # fmt: skip
contract = schemathesis.openapi.from_dict(full_contract(), config=CONFIG)


class Api:
    """The running API and what one tenant has there."""

    def __init__(self, stack: LocalStack) -> None:
        self.base_url = stack.base_url
        keys = [json.loads(stack.riata("keys", "create", "--tenant", "fuzz", "--unmetered", "--json").stdout) for _ in range(KEYS)]
        self.keys = itertools.cycle(str(key["api_key"]) for key in keys)
        self.http = httpx.Client(base_url=self.base_url, timeout=60)
        self.turn = itertools.cycle([True, False])
        content = wav()
        body = {"file_name": "a.wav", "content_type": "audio/wav", "file_size": len(content), "purpose": "audio.separate.input"}
        created = self.call("POST", "/v1/files", json=body).json()
        httpx.put(created["upload_url"], content=content, headers=created["headers"]).raise_for_status()
        self.file_id = created["file_id"]
        submitted = self.call("POST", "/v1/queue/audio/separate", json={"input": self.good_input}).json()
        self.request_id = submitted["request_id"]
        self.call("PUT", f"/v1/queue/requests/{self.request_id}/cancel")

    @property
    def good_input(self) -> dict[str, Any]:
        return {"file_id": self.file_id, "prompt": "isolate the speech"}

    @property
    def authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {next(self.keys)}"}

    def call(self, verb: str, url: str, **arguments: Any) -> httpx.Response:
        return self.http.request(verb, url, headers=self.authorization, **arguments)

    def name_real_things(self, case: Case) -> None:
        """In every other good call, ids that exist instead of generated ones, but never to delete them."""
        if case.meta is None or case.meta.generation.mode is not GenerationMode.POSITIVE or not next(self.turn):
            return
        if case.method == "GET":
            real = {"file_id": self.file_id, "request_id": self.request_id}
            case.path_parameters = {name: real.get(name, value) for name, value in (case.path_parameters or {}).items()}
        if case.operation.definition.raw["operationId"] == "submitAudioSeparate" and isinstance(case.body, dict):
            others = {name: value for name, value in case.body["input"].items() if name not in ("audio_url", "spans")}
            case.body = {"input": others | self.good_input}


@pytest.fixture(scope="module")
def api(stack: LocalStack) -> Iterator[Api]:
    found = Api(stack)
    yield found
    found.http.close()


@contract.parametrize()
def test_no_call_makes_the_api_break_its_contract(case: Case, api: Api) -> None:
    api.name_real_things(case)
    answer = case.call_and_validate(base_url=api.base_url, headers=api.authorization)
    if answer.status_code == 202:
        # Nobody waits for it, and the tests that follow wait for the worker.
        api.call("PUT", f"/v1/queue/requests/{answer.json()['request_id']}/cancel")


def test_the_running_api_serves_the_contract(api: Api) -> None:
    served = api.http.get("/v1/openapi.riata.json").json()
    assert served["servers"][0]["url"] == api.base_url
    assert served["paths"] == full_contract()["paths"]


@pytest.mark.parametrize("file_id", ["x" * 3000, "%00%ff", "%E2%98%83", "..%2F..%2Fmodels", "a%20b"])
def test_an_id_of_any_form_is_just_not_found(api: Api, file_id: str) -> None:
    answer = api.call("GET", f"/v1/files/{file_id}")
    assert answer.status_code == 404
    assert_documented("getFile", 404, dict(answer.headers), answer.text)


@pytest.mark.parametrize(("verb", "path", "status"), [("GET", "/v2/nowhere", 404), ("PATCH", "/v1/models", 405)])
def test_what_has_no_route_has_the_shape(api: Api, verb: str, path: str, status: int) -> None:
    answer = api.call(verb, path)
    assert answer.status_code == status
    assert_error_response(status, dict(answer.headers), answer.text)


def test_a_body_over_the_gateways_limit_is_413(api: Api) -> None:
    answer = api.call("POST", "/v1/files", content=b"x" * (10 * 2**20 + 1))
    assert answer.status_code == 413
    assert_documented("createFileUpload", 413, dict(answer.headers), answer.text)
