"""Whatever goes wrong, the answer is an ErrorResponse: `calls.call` holds every error against it."""

from typing import Any

import pytest

from tests.contract.calls import call
from tests.contract.deployment import template
from tests.contract.documented import assert_error_response
from tests.contract.people import Caller

SUBMIT = "/v1/queue/audio/separate"


@pytest.mark.parametrize("url", ["/v1/files", SUBMIT])
@pytest.mark.parametrize(
    "body",
    [
        "", "{", "nonsense", "[]", "null", "7", '"text"', '{"input": {', '{"a": NaN}', '{"a": Infinity}', "\ufeff{", "{}{}",
        "[" * 100_000, '{"a":' * 100_000, '{"a": 1' + "0" * 5000 + "}",
    ],
    ids=lambda body: repr(body[:20]),
)  # fmt: skip
def test_a_body_that_is_not_a_json_object_is_400(caller: Caller, url: str, body: str) -> None:
    answer = call("POST", url, key=caller.key, body=body)
    assert (answer.status, answer.code) == (400, "INVALID_REQUEST")


@pytest.mark.parametrize("url", ["/v1/files", SUBMIT])
@pytest.mark.parametrize(
    "content_type", ["text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "audio/wav", "json"]
)
def test_a_body_of_another_content_type_is_400(caller: Caller, url: str, content_type: str) -> None:
    answer = call("POST", url, key=caller.key, body="{}", headers={"Content-Type": content_type})
    assert (answer.status, answer.code, answer.param) == (400, "INVALID_REQUEST", "content-type")


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON; charset=utf-8", "application/vnd.api+json"])
def test_json_by_any_of_its_names_is_read(caller: Caller, content_type: str) -> None:
    answer = call("POST", "/v1/files", key=caller.key, body="{}", headers={"Content-Type": content_type})
    assert (answer.status, answer.param) == (400, "file_name")


@pytest.mark.parametrize(
    "authorization",
    [
        "", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "riata_x_y", "Bearer riata_x_y", "Bearer \0", "Bearer 🎹", "Bearer a b",
        "Bearer " + "k" * 5000,
    ],
)  # fmt: skip
def test_an_authorization_that_is_no_key_is_401(authorization: str, cloud: None) -> None:
    answer = call("GET", "/v1/models", headers={"Authorization": authorization})
    assert (answer.status, answer.code) == (401, "UNAUTHENTICATED")


def test_a_key_with_another_secret_is_401(caller: Caller) -> None:
    forged = caller.key[:-1] + ("0" if caller.key[-1] != "0" else "1")
    assert call("GET", "/v1/models", key=forged).status == 401


def test_the_scheme_may_be_in_any_case(caller: Caller) -> None:
    assert call("GET", "/v1/models", headers={"authorization": f"bearer {caller.key}"}).status == 200


@pytest.mark.parametrize("verb", ["GET", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/v1", "/v2/models", "/v1/models/audio", "/v1/queue/requests/req_1/other", "/favicon.ico"])
def test_an_unknown_route_is_404(verb: str, path: str, cloud: None) -> None:
    answer = call(verb, path)
    assert (answer.status, answer.code) == (404, "NOT_FOUND")


@pytest.mark.parametrize("url", ["/v1/files", "/v1/models", "/v1/nowhere"])
def test_every_answer_may_be_read_by_a_page_of_another_origin(url: str, caller: Caller) -> None:
    for answer in (caller.post(url, {}), caller.get(url)):
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "x-request-id" in answer.headers["access-control-expose-headers"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 200), ("?logs=true", 200), ("?logs=false", 200), ("?logs=1", 200), ("?logs=TRUE", 200), ("?logs=false&x=1", 200),
        ("?logs=", 400), ("?logs=yes", 400), ("?logs=null", 400), ("?logs=2", 400), ("?logs=%00", 400),
    ],
)  # fmt: skip
def test_logs_is_a_boolean(caller: Caller, query: str, status: int) -> None:
    answer = caller.get(f"/v1/queue/requests/{caller.queued()}/status{query}")
    assert answer.status == status
    if status == 400:
        assert answer.param == "logs"


def test_logs_are_told_only_when_asked_for(caller: Caller) -> None:
    url = f"/v1/queue/requests/{caller.queued()}/status"
    assert "logs" not in caller.get(url).json
    assert [line["message"] for line in caller.get(f"{url}?logs=true").json["logs"]] == ["Queued."]


@pytest.mark.parametrize("name", sorted(template()["Resources"]["Api"]["Properties"]["GatewayResponses"]))
def test_the_gateways_own_errors_have_the_shape(name: str) -> None:
    answer: dict[str, Any] = template()["Resources"]["Api"]["Properties"]["GatewayResponses"][name]
    body = answer["ResponseTemplates"]["application/json"]
    body = body.replace("$context.error.messageString", '"Bad Request"').replace("$context.requestId", "call-1")
    assert_error_response(400, {"content-type": "application/json", "x-request-id": "call-1"}, body)
