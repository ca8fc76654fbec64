"""Every status that the contract documents is one that the service really gives, in the documented shape."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from riata.api.native.routes import ROUTES
from riata.domain.accounts import ALL_SCOPES
from riata.domain.media import MAX_FILE_BYTES
from tests.contract import deployment, people
from tests.contract.calls import Answer, call
from tests.contract.deployment import template
from tests.contract.documented import VERBS, assert_documented, operations
from tests.contract.people import LONG_AGO, UNREADABLE, Caller

UNKNOWN_REQUEST = "/v1/queue/requests/req_00000000000000000000000000"


@dataclass(frozen=True)
class People:
    """Who calls in these tests."""

    caller: Caller
    stranger: Caller


Produce = Callable[[People], Answer]

PRODUCERS: dict[tuple[str, int], tuple[Produce, str | None]] = {}
"""(operation, status) → how to get it, and the code its error has."""


def produces(operation: str, status: int, code: str | None = None) -> Callable[[Produce], Produce]:
    def register(produce: Produce) -> Produce:
        PRODUCERS[operation, status] = (produce, code)
        return produce

    return register


def of(request_id: str) -> str:
    return f"/v1/queue/requests/{request_id}"


def media_path(caller: Caller, request_id: str) -> str:
    url = str(caller.get(f"{of(request_id)}/result").json["data"]["target"]["url"])
    return url[url.index("/v1/media/") :]


def replay_path(caller: Caller) -> str:
    request_id = caller.ended_with_webhook()
    (delivery,) = caller.get(f"{of(request_id)}/deliveries").json["data"]
    return f"{of(request_id)}/deliveries/{delivery['delivery_id']}/replay"


@produces("getOpenApiSpec", 200)
def _(_: People) -> Answer:
    return call("GET", "/v1/openapi.json")


@produces("getRiataOpenApiSpec", 200)
def _(_: People) -> Answer:
    return call("GET", "/v1/openapi.riata.json")


@produces("listModels", 200)
def _(who: People) -> Answer:
    return who.caller.get("/v1/models")


@produces("createFileUpload", 201)
def _(who: People) -> Answer:
    return who.caller.create_file()


@produces("createFileUpload", 400, "INVALID_REQUEST")
def _(who: People) -> Answer:
    return who.caller.create_file(purpose="something else")


@produces("createFileUpload", 415, "UNSUPPORTED_MEDIA_TYPE")
def _(who: People) -> Answer:
    return who.caller.create_file(content_type="application/pdf")


@produces("getFile", 200)
def _(who: People) -> Answer:
    return who.caller.get(f"/v1/files/{who.caller.uploaded_file()}")


@produces("getFile", 404, "NOT_FOUND")
def _(who: People) -> Answer:
    return who.stranger.get(f"/v1/files/{who.caller.uploaded_file()}")


@produces("deleteFile", 204)
def _(who: People) -> Answer:
    return call("DELETE", f"/v1/files/{who.caller.uploaded_file()}", key=who.caller.key)


@produces("deleteFile", 404, "NOT_FOUND")
def _(who: People) -> Answer:
    return call("DELETE", f"/v1/files/{who.caller.uploaded_file()}", key=who.stranger.key)


@produces("deleteFile", 409, "FILE_IN_USE")
def _(who: People) -> Answer:
    file_id = who.caller.uploaded_file()
    who.caller.submit(file_id)
    return call("DELETE", f"/v1/files/{file_id}", key=who.caller.key)


@produces("listRequests", 200)
def _(who: People) -> Answer:
    who.caller.queued()
    return who.caller.get("/v1/queue/requests?limit=1")


@produces("listRequests", 400, "INVALID_REQUEST")
def _(who: People) -> Answer:
    return who.caller.get("/v1/queue/requests?limit=0")


@produces("listRequests", 404, "NOT_FOUND")
def _(who: People) -> Answer:
    return who.stranger.get(f"/v1/queue/requests?after={who.caller.queued()}")


@produces("cancelRequest", 200)
def _(who: People) -> Answer:
    return call("PUT", f"{of(who.caller.queued())}/cancel", key=who.caller.key)


@produces("cancelRequest", 404, "NOT_FOUND")
def _(who: People) -> Answer:
    return call("PUT", f"{of(who.caller.queued())}/cancel", key=who.stranger.key)


@produces("cancelRequest", 409, "REQUEST_ALREADY_ENDED")
def _(who: People) -> Answer:
    return call("PUT", f"{of(who.caller.ended())}/cancel", key=who.caller.key)


@produces("deleteRequest", 204)
def _(who: People) -> Answer:
    return call("DELETE", of(who.caller.queued()), key=who.caller.key)


@produces("deleteRequest", 404, "NOT_FOUND")
def _(who: People) -> Answer:
    return call("DELETE", of(who.caller.queued()), key=who.stranger.key)


@produces("listDeliveries", 200)
def _(who: People) -> Answer:
    return who.caller.get(f"{of(who.caller.ended_with_webhook())}/deliveries")


@produces("listDeliveries", 404, "NOT_FOUND")
def _(who: People) -> Answer:
    return who.stranger.get(f"{of(who.caller.ended_with_webhook())}/deliveries")


@produces("replayDelivery", 202)
def _(who: People) -> Answer:
    return who.caller.post(replay_path(who.caller), {})


@produces("replayDelivery", 404, "NOT_FOUND")
def _(who: People) -> Answer:
    return who.caller.post(f"{of(who.caller.ended_with_webhook())}/deliveries/msg_unknown/replay", {})


@produces("replayDelivery", 409, "DELIVERY_UNDER_WAY")
def _(who: People) -> Answer:
    path = replay_path(who.caller)
    people.begin_attempt(path.split("/")[4])
    return who.caller.post(path, {})


@produces("getAccount", 200)
def _(who: People) -> Answer:
    return people.new_caller("rich band", credits=600).get("/v1/account")


@produces("submitAudioSeparate", 202)
def _(who: People) -> Answer:
    return who.caller.submit()


@produces("submitAudioSeparate", 400, "INVALID_REQUEST")
def _(who: People) -> Answer:
    return who.stranger.submit(who.caller.uploaded_file())


@produces("submitAudioSeparate", 402, "INSUFFICIENT_CREDITS")
def _(_: People) -> Answer:
    poor = people.new_caller("poor band", credits=1)
    return poor.submit(poor.uploaded_file(people.wav(seconds=3)))


@produces("submitAudioSeparate", 409, "FILE_NOT_UPLOADED")
def _(who: People) -> Answer:
    return who.caller.submit(who.caller.create_file().json["file_id"])


@produces("submitAudioSeparate", 410, "FILE_EXPIRED")
def _(who: People) -> Answer:
    return who.caller.submit(who.caller.stored_file(upload_expires_at=LONG_AGO))


@produces("submitAudioSeparate", 413, "FILE_TOO_LARGE")
def _(who: People) -> Answer:
    too_large = who.caller.stored_file(file_size=MAX_FILE_BYTES + 1, uploaded_at=people.now(), etag='"e"')
    return who.caller.submit(too_large)


@produces("getQueueRequestStatus", 200)
def _(who: People) -> Answer:
    return who.caller.get(f"{of(who.caller.ended())}/status?logs=true")


@produces("getQueueRequestStatus", 400, "INVALID_REQUEST")
def _(who: People) -> Answer:
    return who.caller.get(f"{of(who.caller.queued())}/status?logs=perhaps")


@produces("getQueueRequestStatus", 404, "NOT_FOUND")
def _(who: People) -> Answer:
    return who.stranger.get(f"{of(who.caller.queued())}/status")


@produces("streamQueueRequestStatus", 200)
def _(who: People) -> Answer:
    return who.caller.get(f"{of(who.caller.ended())}/status/stream")


@produces("streamQueueRequestStatus", 400, "INVALID_REQUEST")
def _(who: People) -> Answer:
    return who.caller.get(f"{of(who.caller.queued())}/status/stream?interval=often")


@produces("streamQueueRequestStatus", 404, "NOT_FOUND")
def _(who: People) -> Answer:
    return who.stranger.get(f"{of(who.caller.queued())}/status/stream")


@produces("getQueueRequestResult", 200)
def _(who: People) -> Answer:
    return who.caller.get(f"{of(who.caller.ended())}/result")


@produces("getQueueRequestResult", 404, "NOT_FOUND")
def _(who: People) -> Answer:
    return who.stranger.get(f"{of(who.caller.ended())}/result")


@produces("getQueueRequestResult", 409, "REQUEST_NOT_COMPLETED")
def _(who: People) -> Answer:
    return who.caller.get(f"{of(who.caller.queued())}/result")


@produces("getQueueRequestResult", 410, "RESULT_EXPIRED")
def _(who: People) -> Answer:
    return who.caller.get(f"{of(who.caller.ended(at=LONG_AGO))}/result")


@produces("openMedia", 302)
def _(who: People) -> Answer:
    return call("GET", media_path(who.caller, who.caller.ended()))


@produces("openMedia", 404, "NOT_FOUND")
def _(_: People) -> Answer:
    return call("GET", "/v1/media/somebody-made-this-up")


@produces("openMedia", 410, "RESULT_EXPIRED")
def _(who: People) -> Answer:
    return call("GET", f"/v1/media/{people.expired_token(who.caller.ended())}")


ALL_STATUSES = [(name, int(status)) for name, (_, _, op) in operations().items() for status in op["responses"]]
AT_THE_GATEWAY = {429: "THROTTLED", 502: "DEFAULT_5XX", 504: "DEFAULT_5XX"}
WITH_EVERY_OPERATION = {401, 403, 405, 500, 503}


@pytest.fixture(scope="module")
def who(caller: Caller, stranger: Caller) -> People:
    return People(caller, stranger)


def test_every_documented_status_has_its_test() -> None:
    tested = {(name, s) for name, s in ALL_STATUSES if s in WITH_EVERY_OPERATION or s in AT_THE_GATEWAY}
    tested |= {("createFileUpload", 413)}
    assert set(ALL_STATUSES) - tested == set(PRODUCERS)


@pytest.mark.parametrize(("operation", "status"), sorted(PRODUCERS))
def test_the_status_is_given_in_its_documented_shape(operation: str, status: int, who: People) -> None:
    produce, code = PRODUCERS[operation, status]
    answer = produce(who)
    assert answer.status == status, answer.body
    if code:
        assert answer.code == code


def test_an_idempotency_key_with_another_body_is_409(who: People) -> None:
    def submit(prompt: str) -> Answer:
        body = {"input": {"file_id": file_id, "prompt": prompt}}
        return call("POST", "/v1/queue/audio/separate", key=who.caller.key, body=body, headers={"Idempotency-Key": "once"})

    file_id = who.caller.uploaded_file()
    assert submit("the piano").status == 202
    answer = submit("the drums")
    assert (answer.status, answer.code) == (409, "IDEMPOTENCY_CONFLICT")


@pytest.mark.parametrize("query", ["", "?limit=1", "?limit=100", "?limit=20.0"])
def test_a_page_has_the_size_that_was_asked_for_or_20(who: People, query: str) -> None:
    assert who.caller.get(f"/v1/queue/requests{query}").status == 200


@pytest.mark.parametrize("limit", ["", "0", "101", "-1", "1.5", "many", "nan", "true"])
def test_a_page_of_no_size_is_400(who: People, limit: str) -> None:
    answer = who.caller.get(f"/v1/queue/requests?limit={limit}")
    assert (answer.status, answer.param) == (400, "limit")


def test_the_result_of_a_failed_request_is_409_with_its_own_error(who: People) -> None:
    request_id = who.caller.ended(UNREADABLE)
    answer = who.caller.get(f"{of(request_id)}/result")
    assert (answer.status, answer.code) == (409, "MEDIA_UNREADABLE")
    status = who.caller.get(f"{of(request_id)}/status").json
    assert (status["status"], status["error"]["code"]) == ("FAILED", "MEDIA_UNREADABLE")


def good_call(operation: str, key: str | None) -> Answer:
    """A call of the operation that only its key, or the state of AWS, can make fail."""
    verb, path, _ = operations()[operation]
    path = path.replace("{file_id}", "file_1").replace("{request_id}", "req_1").replace("{token}", people.a_token())
    file = {"file_name": "a.wav", "content_type": "audio/wav", "file_size": 1, "purpose": "audio.separate.input"}
    body = {"createFileUpload": file, "submitAudioSeparate": {"input": {"file_id": "file_1", "prompt": "piano"}}}
    return call(verb, path, key=key, body=body.get(operation))


def documenting(status: int) -> list[str]:
    return [name for name, documented in ALL_STATUSES if documented == status]


@pytest.mark.parametrize("operation", documenting(401))
@pytest.mark.parametrize("key", [None, "riata_nobody", f"riata_{'0' * 26}_{'0' * 48}"])
def test_without_a_valid_key_it_is_401(operation: str, key: str | None, cloud: None) -> None:
    answer = good_call(operation, key)
    assert (answer.status, answer.code) == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize("operation", documenting(403))
def test_without_the_scope_it_is_403(operation: str, cloud: None) -> None:
    verb, path, _ = operations()[operation]
    needed = ROUTES[f"{verb} {path}"]
    answer = good_call(operation, people.new_caller(scopes=ALL_SCOPES - {needed}).key)  # type: ignore[operator]
    assert (answer.status, answer.code) == (403, "PERMISSION_DENIED")
    assert str(needed) in answer.json["error"]["message"]


def verbs_of(operation: str) -> list[str]:
    return sorted(verb for verb, path, _ in operations().values() if path == operations()[operation][1])


@pytest.mark.parametrize(
    ("operation", "verb"),
    [(name, verb.upper()) for name in documenting(405) for verb in VERBS if verb.upper() not in verbs_of(name)],
)
def test_a_verb_that_the_path_does_not_take_is_405_with_those_it_takes(operation: str, verb: str, cloud: None) -> None:
    path = operations()[operation][1]
    answer = call(verb, path.replace("{", "").replace("}", ""))
    assert (answer.status, answer.code) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == ", ".join(verbs_of(operation))
    assert_documented(operation, 405, answer.headers, answer.body)


@pytest.mark.parametrize("operation", documenting(503))
def test_a_dependency_that_does_not_answer_is_503(
    operation: str, caller: Caller, aws_fails: Callable[[Exception], None]
) -> None:
    aws_fails(EndpointConnectionError(endpoint_url="https://dynamodb"))
    answer = good_call(operation, caller.key)
    assert (answer.status, answer.code) == (503, "UNAVAILABLE")


@pytest.mark.parametrize("operation", documenting(500))
def test_a_defect_is_500_without_a_trace_in_the_answer(
    operation: str, caller: Caller, aws_fails: Callable[[Exception], None], capsys: pytest.CaptureFixture[str]
) -> None:
    aws_fails(ClientError({"Error": {"Code": "AccessDeniedException", "Message": "secret detail"}}, "GetItem"))
    answer = good_call(operation, caller.key)
    assert (answer.status, answer.code) == (500, "INTERNAL_ERROR")
    assert "secret detail" not in answer.body
    assert "secret detail" in capsys.readouterr().err


@pytest.mark.parametrize("operation", [name for name in documenting(429) if name in documenting(401)])
def test_a_key_that_calls_too_often_is_429_with_the_time_to_wait(
    operation: str, monkeypatch: pytest.MonkeyPatch, cloud: None
) -> None:
    monkeypatch.setenv("RIATA_RATE_LIMIT_PER_SECOND", "0.1")
    monkeypatch.setenv("RIATA_RATE_LIMIT_BURST", "1")
    deployment.function.cache_clear()
    hurried = people.new_caller()
    assert hurried.get("/v1/account").headers["ratelimit-remaining"] == "0"
    answer = good_call(operation, hurried.key)
    deployment.function.cache_clear()
    assert (answer.status, answer.code) == (429, "RATE_LIMITED")
    assert 1 <= int(answer.headers["retry-after"]) <= 10
    assert answer.headers["ratelimit-limit"] == "1"


def gateway_answers() -> Iterator[tuple[str, int, str]]:
    for name, status in ALL_STATUSES:
        if status in AT_THE_GATEWAY:
            yield name, status, AT_THE_GATEWAY[status]
    yield "createFileUpload", 413, "REQUEST_TOO_LARGE"
    yield "submitAudioSeparate", 413, "REQUEST_TOO_LARGE"


@pytest.mark.parametrize(("operation", "status", "kind"), list(gateway_answers()))
def test_what_the_gateway_answers_itself_has_the_documented_shape(operation: str, status: int, kind: str) -> None:
    answer = template()["Resources"]["Api"]["Properties"]["GatewayResponses"][kind]
    assert answer.get("StatusCode", status) == status
    body = answer["ResponseTemplates"]["application/json"].replace("$context.requestId", "call-1")
    headers = {name.lower(): value.strip("'") for name, value in _headers(answer).items()}
    assert_documented(operation, status, {"content-type": "application/json"} | headers, body)
    assert json.loads(body)["error"]["request_id"] == "call-1"


def _headers(answer: dict[str, dict[str, dict[str, str]]]) -> dict[str, str]:
    return answer.get("ResponseParameters", {}).get("Headers", {})
