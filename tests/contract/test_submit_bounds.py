"""POST /v1/queue/audio/separate: every bound of its schema, from both sides."""

import json
from typing import Any

import pytest

from tests.contract.calls import call
from tests.contract.people import PROMPT, Caller

A_BOOLEAN = True
DIGITS = 10**400


@pytest.fixture(scope="module")
def file_id(caller: Caller) -> str:
    return caller.uploaded_file()


TAKEN: list[tuple[str, Any]] = [
    ("prompt", "piano"), ("prompt", "the piano" + " " * 491),
    ("reranking_candidates", 1), ("reranking_candidates", 8), ("reranking_candidates", 2.0),
    ("max_chunk_duration", 1e-9), ("max_chunk_duration", 0.5), ("max_chunk_duration", 300), ("max_chunk_duration", 300.0),
    ("chunk_overlap", 0), ("chunk_overlap", 30), ("chunk_overlap", 29.999),
    ("acceleration", "fast"), ("acceleration", "balanced"), ("acceleration", "quality"),
    ("output_format", "wav"), ("output_format", "mp3"),
    ("predict_spans", True), ("predict_spans", False),
    ("seed", 0), ("seed", 2**63 - 1), ("seed", 5.0),
    ("spans", []), ("spans", [{"start": 0, "end": 0.001}]), ("spans", [{"start": 2, "end": 3.5, "include": False}]),
    ("spans", [{"start": 0, "end": 1, "colour": "blue"}]), ("spans", [{"start": 0, "end": 1}] * 1000),
    ("visual_prompt", {"unknown": "fields are ignored"}),
]  # fmt: skip

REFUSED: list[tuple[str, Any, str]] = [
    ("prompt", "", "input.prompt"), ("prompt", "p" * 501, "input.prompt"), ("prompt", "🎹" * 501, "input.prompt"),
    ("prompt", 5, "input.prompt"), ("prompt", None, "input.prompt"), ("prompt", ["piano"], "input.prompt"),
    ("reranking_candidates", 0, "input.reranking_candidates"), ("reranking_candidates", 9, "input.reranking_candidates"),
    ("reranking_candidates", 1.5, "input.reranking_candidates"), ("reranking_candidates", "2", "input.reranking_candidates"),
    ("reranking_candidates", A_BOOLEAN, "input.reranking_candidates"),
    ("reranking_candidates", None, "input.reranking_candidates"),
    ("reranking_candidates", DIGITS, "input.reranking_candidates"),
    ("max_chunk_duration", 0, "input.max_chunk_duration"), ("max_chunk_duration", -1, "input.max_chunk_duration"),
    ("max_chunk_duration", 300.001, "input.max_chunk_duration"), ("max_chunk_duration", "60", "input.max_chunk_duration"),
    ("max_chunk_duration", A_BOOLEAN, "input.max_chunk_duration"), ("max_chunk_duration", None, "input.max_chunk_duration"),
    ("max_chunk_duration", DIGITS, "input.max_chunk_duration"),
    ("chunk_overlap", -0.001, "input.chunk_overlap"), ("chunk_overlap", 30.001, "input.chunk_overlap"),
    ("chunk_overlap", A_BOOLEAN, "input.chunk_overlap"), ("chunk_overlap", None, "input.chunk_overlap"),
    ("acceleration", "fastest", "input.acceleration"), ("acceleration", "", "input.acceleration"),
    ("acceleration", None, "input.acceleration"), ("acceleration", 1, "input.acceleration"),
    ("output_format", "flac", "input.output_format"), ("output_format", "WAV", "input.output_format"),
    ("output_format", None, "input.output_format"),
    ("predict_spans", "true", "input.predict_spans"), ("predict_spans", 1, "input.predict_spans"),
    ("predict_spans", None, "input.predict_spans"),
    ("seed", -1, "input.seed"), ("seed", 2**63, "input.seed"), ("seed", 0.5, "input.seed"), ("seed", A_BOOLEAN, "input.seed"),
    ("seed", "7", "input.seed"), ("seed", DIGITS, "input.seed"), ("seed", None, "input.seed"),
    ("spans", None, "input.spans"), ("spans", {}, "input.spans"), ("spans", [None], "input.spans.0"),
    ("spans", [{"start": 0, "end": 1}] * 1001, "input.spans"),
    ("spans", [{"start": 1}], "input.spans.0.end"), ("spans", [{"end": 1}], "input.spans.0.start"),
    ("spans", [{"start": -0.1, "end": 1}], "input.spans.0.start"), ("spans", [{"start": 0, "end": -1}], "input.spans.0.end"),
    ("spans", [{"start": 0, "end": 1}, {"start": 2, "end": 2}], "input.spans.1"),
    ("spans", [{"start": 3, "end": 2}], "input.spans.0"), ("spans", [{"start": "0", "end": 1}], "input.spans.0.start"),
    ("spans", [{"start": A_BOOLEAN, "end": 2}], "input.spans.0.start"),
    ("spans", [{"start": 0, "end": DIGITS}], "input.spans.0.end"),
    ("spans", [{"start": 0, "end": 1, "include": None}], "input.spans.0.include"),
    ("spans", [{"start": 0, "end": 1, "include": 1}], "input.spans.0.include"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value"), TAKEN, ids=lambda part: repr(part)[:40])
def test_a_value_within_the_bounds_is_queued(caller: Caller, file_id: str, field: str, value: Any) -> None:
    assert caller.submit(file_id, **{field: value}).status == 202


@pytest.mark.parametrize("prompt", ["p", "p" * 500, "🎹" * 500, " "], ids=lambda prompt: prompt[:3])
def test_a_backend_for_free_text_takes_any_prompt_within_the_bounds(
    caller: Caller, file_id: str, prompt: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RIATA_BACKEND", "sam-audio")
    assert caller.submit(file_id, prompt=prompt).status == 202


@pytest.mark.parametrize(
    ("prompt", "code"), [("🎹", "PROMPT_NOT_UNDERSTOOD"), ("isolate the vocals and remove the vocals", "PROMPT_AMBIGUOUS")]
)
def test_the_embedded_backend_refuses_what_it_does_not_understand(
    caller: Caller, file_id: str, prompt: str, code: str
) -> None:
    answer = caller.submit(file_id, prompt=prompt)
    assert (answer.status, answer.code, answer.param) == (400, code, "input.prompt")


@pytest.mark.parametrize(("including", "status"), [(True, 202), (False, 400)])
def test_a_span_that_shows_the_sound_stands_in_for_a_name(
    caller: Caller, file_id: str, including: bool, status: int
) -> None:
    spans = [{"start": 0.2, "end": 0.5, "include": including}]
    answer = caller.submit(file_id, prompt="the bzzzrp-ish thing", spans=spans)
    assert answer.status == status
    if status == 400:
        assert "`spans`" in answer.json["error"]["message"]


@pytest.mark.parametrize(("field", "value", "param"), REFUSED, ids=lambda part: repr(part)[:40])
def test_a_value_outside_the_bounds_is_refused_by_name(
    caller: Caller, file_id: str, field: str, value: Any, param: str
) -> None:
    answer = caller.submit(file_id, **{field: value})
    assert (answer.status, answer.code, answer.param) == (400, "INVALID_REQUEST", param)


@pytest.mark.parametrize(
    "source",
    [
        {},
        {"audio_url": "https://example.com/a.wav", "file_id": "file_1"},
        {"audio_url": None, "file_id": "file_1"},
        {"file_id": None},
        {"audio_url": None},
    ],
)
def test_exactly_one_source_is_needed(caller: Caller, source: dict[str, Any]) -> None:
    answer = caller.post("/v1/queue/audio/separate", {"input": {"prompt": PROMPT} | source})
    assert (answer.status, answer.code, answer.param) == (400, "INVALID_REQUEST", "input")


@pytest.mark.parametrize("value", [5, ["file_1"], A_BOOLEAN])
@pytest.mark.parametrize("field", ["file_id", "audio_url"])
def test_a_source_is_text(caller: Caller, field: str, value: Any) -> None:
    answer = caller.post("/v1/queue/audio/separate", {"input": {"prompt": PROMPT, field: value}})
    assert (answer.status, answer.param) == (400, f"input.{field}")


@pytest.mark.parametrize("file_id", ["", "file_1", "x" * 3000, "\0", "🎹", "../keys"])
def test_an_unknown_file_is_refused_whatever_its_form(caller: Caller, file_id: str) -> None:
    body = {"input": {"prompt": PROMPT, "file_id": file_id}}
    answer = caller.post("/v1/queue/audio/separate", body)
    assert (answer.status, answer.code, answer.param) == (400, "INVALID_REQUEST", "input.file_id")


def test_a_file_that_is_neither_audio_nor_video_is_refused(caller: Caller) -> None:
    answer = caller.submit(caller.uploaded_file(b"%PDF-1.7 this is not a song" * 50))
    assert (answer.status, answer.code, answer.param) == (400, "INVALID_REQUEST", "input.file_id")


@pytest.mark.parametrize("body", [{}, {"input": None}, {"input": []}, {"input": "piano"}])
def test_the_input_is_an_object(caller: Caller, body: dict[str, Any]) -> None:
    answer = caller.post("/v1/queue/audio/separate", body)
    assert (answer.status, answer.param) == (400, "input")


@pytest.mark.parametrize("secret", ["s" * 16, "s" * 256])
def test_a_webhook_secret_within_the_bounds_is_taken(caller: Caller, file_id: str, secret: str) -> None:
    assert caller.submit(file_id, request={"webhookSecret": secret}).status == 202


@pytest.mark.parametrize("secret", ["s" * 15, "s" * 257, 7])
def test_a_webhook_secret_outside_the_bounds_is_refused(caller: Caller, file_id: str, secret: Any) -> None:
    answer = caller.submit(file_id, request={"webhookSecret": secret})
    assert (answer.status, answer.code, answer.param) == (400, "INVALID_REQUEST", "webhookSecret")


@pytest.mark.parametrize("field", ["webhookUrl", "webhookSecret", "metadata"])
def test_a_field_beside_the_input_is_not_null(caller: Caller, file_id: str, field: str) -> None:
    assert caller.submit(file_id, request={field: None}).status == 400


@pytest.mark.parametrize("key", ["k", "k" * 255, "order 17/3"])
def test_an_idempotency_key_gives_the_first_answer_again(caller: Caller, file_id: str, key: str) -> None:
    body = {"input": {"file_id": file_id, "prompt": PROMPT}, "metadata": {"key": key}}
    first, again = (
        call("POST", "/v1/queue/audio/separate", key=caller.key, body=body, headers={"Idempotency-Key": key}) for _ in range(2)
    )
    assert (first.status, again.status) == (202, 202)
    assert first.json == again.json


@pytest.mark.parametrize("key", ["", "k" * 256, "a\tb"])
def test_an_idempotency_key_outside_the_bounds_is_refused(caller: Caller, file_id: str, key: str) -> None:
    body = {"input": {"file_id": file_id, "prompt": PROMPT}}
    answer = call("POST", "/v1/queue/audio/separate", key=caller.key, body=body, headers={"Idempotency-Key": key})
    assert (answer.status, answer.code, answer.param) == (400, "INVALID_REQUEST", "idempotency-key")


def metadata_of(size: int) -> dict[str, str]:
    """Metadata whose compact JSON has ``size`` bytes."""
    return {"note": "x" * (size - len('{"note":""}'))}


def nested(depth: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(depth - 1):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    "metadata",
    [{}, metadata_of(16 * 1024), nested(100), {"ünï": ["🎹", 1.5, None, True]}, {"big": 10**40}],
    ids=lambda m: str(m)[:30],
)
def test_metadata_comes_back_as_it_was_sent(caller: Caller, file_id: str, metadata: dict[str, Any]) -> None:
    from tests.contract.people import end, manifest

    request_id = caller.submit(file_id, request={"metadata": metadata}).json["request_id"]
    end(request_id, manifest(request_id))
    assert caller.get(f"/v1/queue/requests/{request_id}/result").json["metadata"] == metadata


@pytest.mark.parametrize(
    "metadata", [metadata_of(16 * 1024 + 1), {"ü": "ü" * 8190}, [], "text", 7, A_BOOLEAN], ids=lambda m: str(m)[:30]
)
def test_metadata_outside_the_bounds_is_refused(caller: Caller, file_id: str, metadata: Any) -> None:
    answer = caller.submit(file_id, request={"metadata": metadata})
    assert (answer.status, answer.code, answer.param) == (400, "INVALID_REQUEST", "metadata")


def test_metadata_that_is_not_unicode_is_refused(caller: Caller, file_id: str) -> None:
    body = json.dumps({"input": {"file_id": file_id, "prompt": PROMPT}, "metadata": {"a": "X"}}).replace('"X"', '"\\ud800"')
    answer = call("POST", "/v1/queue/audio/separate", key=caller.key, body=body)
    assert (answer.status, answer.code, answer.param) == (400, "INVALID_REQUEST", "metadata")
