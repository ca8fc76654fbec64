"""API Gateway's events in, its answers out; and what is said when things go wrong."""

import base64
import json

import pytest

from riata.api.http import HttpRequest, HttpResponse, flag, number
from riata.api.lambda_proxy import lambda_handler, request_of
from riata.api.native.facade import native_handler, render_error
from riata.errors import InvalidRequest, NotFound, RateLimited

CONTEXT = {"requestId": "http-1", "domainName": "api.example.com", "path": "/prod/v1/files"}


def event(**changes):
    return {
        "resource": "/v1/files", "path": "/v1/files", "httpMethod": "POST", "headers": {"Content-Type": "application/json"},
        "queryStringParameters": None, "pathParameters": None, "requestContext": CONTEXT, "body": "{}", "isBase64Encoded": False,
    } | changes  # fmt: skip


def handle(endpoint, **changes):
    return lambda_handler({"POST /v1/files": endpoint}, render_error, None)(event(**changes), None)


def raising(error):
    def endpoint(_request):
        raise error

    return endpoint


def test_a_call_is_what_the_event_says():
    seen = []
    handle(lambda request: seen.append(request) or HttpResponse(200), queryStringParameters={"logs": "true"}, body='{"a": 1}')
    (request,) = seen
    assert (request.method, request.path, request.query, request.request_id) == ("POST", "/v1/files", {"logs": "true"}, "http-1")
    assert request.headers == {"content-type": "application/json"}
    assert request.json_object() == {"a": 1}


def test_a_body_may_come_as_base64():
    body = base64.b64encode('{"prompt": "Für Elise"}'.encode()).decode()
    assert request_of(event(body=body, isBase64Encoded=True), None).json_object() == {"prompt": "Für Elise"}


def test_a_missing_body_is_an_empty_one():
    assert request_of(event(body=None), None).body == b""


@pytest.mark.parametrize(
    ("configured", "context", "base_url"),
    [
        ("https://sounds.example", CONTEXT, "https://sounds.example"),
        (None, CONTEXT, "https://api.example.com/prod"),
        (None, CONTEXT | {"path": "/v1/files"}, "https://api.example.com"),
    ],
    ids=["configured", "the gateway's own domain", "a custom domain"],
)
def test_urls_begin_with_the_address_that_callers_use(configured, context, base_url):
    assert request_of(event(requestContext=context), configured).base_url == base_url


def test_an_answer_is_compact_json_with_the_headers_that_every_answer_has():
    answer = handle(lambda _: HttpResponse(201, {"name": "Für Elise"}, {"location": "/x"}))
    assert (answer["statusCode"], answer["body"]) == (201, '{"name":"Für Elise"}')
    assert answer["headers"]["content-type"] == "application/json"
    assert answer["headers"]["x-request-id"] == "http-1"
    assert answer["headers"]["access-control-allow-origin"] == "*"
    assert answer["headers"]["location"] == "/x"


def test_an_answer_without_a_body_has_none():
    assert handle(lambda _: HttpResponse(204))["body"] == ""


def test_an_error_is_an_error_response():
    answer = handle(raising(InvalidRequest("Too long.", param="input.prompt")))
    assert answer["statusCode"] == 400
    assert json.loads(answer["body"]) == {
        "error": {"code": "INVALID_REQUEST", "message": "Too long.", "request_id": "http-1", "param": "input.prompt"}
    }


def test_an_error_without_a_parameter_names_none_and_keeps_its_headers():
    answer = handle(raising(RateLimited("Slow down.", headers={"retry-after": "1"})))
    assert "param" not in json.loads(answer["body"])["error"]
    assert answer["headers"]["retry-after"] == "1"


def test_a_defect_is_a_500_in_the_same_shape_and_its_trace_is_in_the_log_only(capsys):
    answer = handle(raising(ZeroDivisionError("the secret detail")))
    assert answer["statusCode"] == 500
    assert json.loads(answer["body"])["error"]["code"] == "INTERNAL_ERROR"
    assert "secret detail" not in answer["body"]
    assert "secret detail" in capsys.readouterr().err


def test_each_call_leaves_one_line_without_anything_private(capsys):
    handle(lambda _: HttpResponse(200), headers={"Authorization": "Bearer riata_key"}, body='{"prompt": "private"}')
    (line,) = capsys.readouterr().out.splitlines()
    logged = json.loads(line)
    assert (logged["request_id"], logged["route"], logged["status"]) == ("http-1", "POST /v1/files", 200)
    assert "riata_key" not in line
    assert "private" not in line


def test_what_no_route_takes_goes_to_the_one_that_takes_the_rest():
    handler = lambda_handler({"*": raising(NotFound("Nothing here."))}, render_error, None)
    assert handler(event(resource="/{proxy+}"), None)["statusCode"] == 404


def test_a_route_that_needs_no_key_must_say_so(world):
    with pytest.raises(ValueError, match="open route"):
        native_handler(world.app, {"GET /v1/openapi.json": lambda *_: HttpResponse(200)})


@pytest.mark.parametrize(
    ("header", "token"),
    [("Bearer abc", "abc"), ("bearer abc ", "abc"), ("Basic abc", None), ("abc", None), ("Bearer ", None), ("", None)],
)
def test_a_key_is_what_follows_bearer(header, token):
    assert call(headers={"authorization": header}).bearer_token() == token


def call(body=b"", headers=None, query=None) -> HttpRequest:
    return HttpRequest("GET", "/", "/", {}, query or {}, headers or {}, body, "http-1", "https://api.riata.test")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'"text"', b'{"a": NaN}', b"\xff\xfe", b"[" * 100_000, b'{"a": 1' + b"0" * 5000 + b"}"]
)
def test_a_body_that_is_no_json_object_is_a_bad_request(body):
    with pytest.raises(InvalidRequest):
        call(body).json_object()


@pytest.mark.parametrize("content_type", ["text/plain", "multipart/form-data; boundary=x", ""])
def test_a_body_of_another_type_is_a_bad_request(content_type):
    with pytest.raises(InvalidRequest) as refused:
        call(b"{}", {"content-type": content_type}).json_object()
    assert refused.value.param == "content-type"


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("1", True), ("TRUE", True), ("false", False), ("0", False), (None, False)]
)
def test_a_flag_is_true_or_false(text, value):
    assert flag(call(query={} if text is None else {"logs": text}), "logs") is value


@pytest.mark.parametrize("text", ["", "yes", "2"])
def test_any_other_flag_is_a_bad_request(text):
    with pytest.raises(InvalidRequest):
        flag(call(query={"logs": text}), "logs")


@pytest.mark.parametrize("text", ["", "soon", "nan", "inf", "-inf", "1e999"])
def test_a_number_is_finite(text):
    with pytest.raises(InvalidRequest):
        number(call(query={"interval": text}), "interval", 2)
    assert number(call(query={"interval": "1.5"}), "interval", 2) == 1.5
    assert number(call(), "interval", 2) == 2
