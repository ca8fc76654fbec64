"""The examples of the published documents give exactly what those documents say."""

import re
from typing import Any

import pytest

from riata.adapters.http_fetch import HttpFetch
from riata.domain.urls import UrlField
from riata.ports import RemoteMedia
from tests.contract.calls import Answer, call
from tests.contract.deployment import BASE_URL
from tests.contract.people import Caller

HOOK = "https://203.0.114.7/hook"
A_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def key_of(caller: Caller) -> dict[str, str]:
    return {"Authorization": f"Bearer {caller.key}", "Content-Type": "application/json"}


class TestReference:
    """The API reference's curl lines, which send no key, and with one."""

    FILE = (
        '{ "file_name": "local-audio.wav", "content_type": "audio/wav", "file_size": 12345678,'
        ' "purpose": "audio.separate.input" }'
    )
    SUBMIT = """{ "input": { "prompt": "separate the piano from the background music" } }"""

    @pytest.mark.parametrize(
        ("verb", "path", "body"),
        [
            ("GET", "/v1/models", None),
            ("POST", "/v1/files", FILE),
            ("GET", "/v1/files/file_01jabc", None),
            ("POST", "/v1/queue/audio/separate", SUBMIT),
            ("GET", "/v1/queue/requests/req_01jabc/status", None),
            ("GET", "/v1/queue/requests/req_01jabc/status/stream", None),
            ("GET", "/v1/queue/requests/req_01jabc/result", None),
        ],
    )
    def test_without_a_key_they_are_401(self, verb: str, path: str, body: str | None, cloud: None) -> None:
        answer = call(verb, path, body=body)
        assert (answer.status, answer.code) == (401, "UNAUTHENTICATED")
        assert set(answer.json["error"]) == {"code", "message", "request_id"}

    def test_the_specification_needs_no_key(self, cloud: None) -> None:
        assert call("GET", "/v1/openapi.json").json["info"]["title"] == "AudioLasso API"

    def test_the_models(self, caller: Caller) -> None:
        answer = caller.get("/v1/models")
        assert answer.status == 200
        (model,) = answer.json["data"]
        assert answer.json["object"] == "list"
        assert {name: model[name] for name in ("id", "object")} == {"id": "audio/separate", "object": "model"}
        assert set(model) == {"id", "object", "description", "input", "output"}

    def test_the_upload(self, caller: Caller) -> None:
        answer = call("POST", "/v1/files", headers=key_of(caller), body=self.FILE)
        assert answer.status == 201
        assert set(answer.json) == {"file_id", "upload_url", "upload_method", "headers", "expires_at", "retention"}
        assert A_TIME.fullmatch(answer.json["retention"]["delete_after"])

    def test_the_file(self, caller: Caller) -> None:
        file_id = caller.create_file(file_name="local-audio.wav").json["file_id"]
        file = caller.get(f"/v1/files/{file_id}").json
        assert file.pop("created_at") < file.pop("expires_at")
        assert file == {
            "file_id": file_id,
            "file_name": "local-audio.wav",
            "content_type": "audio/wav",
            "file_size": 12345678,
            "purpose": "audio.separate.input",
            "status": "pending",
            "uploaded_at": None,
        }

    @pytest.mark.parametrize(
        "path",
        ["/v1/files/file_01jabc", *(f"/v1/queue/requests/req_01jabc/{end}" for end in ("status", "status/stream", "result"))],
    )
    def test_the_ids_of_the_examples_are_nobodys(self, caller: Caller, path: str) -> None:
        answer = caller.get(path)
        assert (answer.status, answer.code) == (404, "NOT_FOUND")

    def test_the_submit_example_names_no_source_and_is_400(self, caller: Caller) -> None:
        answer = call("POST", "/v1/queue/audio/separate", headers=key_of(caller), body=self.SUBMIT)
        assert (answer.status, answer.code, answer.param) == (400, "INVALID_REQUEST", "input")
        assert "audio_url" in answer.json["error"]["message"]
        assert "file_id" in answer.json["error"]["message"]

    def test_the_result(self, caller: Caller) -> None:
        result = caller.get(f"/v1/queue/requests/{caller.ended()}/result").json
        assert (result["model"], result["status"]) == ("audio/separate", "COMPLETED")
        for stem in ("target", "residual"):
            output = result["data"][stem]
            assert (output["content_type"], output["file_name"]) == ("audio/wav", f"{stem}.wav")
            assert output["url"].startswith(f"{BASE_URL}/v1/media/")
            assert output["video_url"].startswith(f"{BASE_URL}/v1/media/")
        assert result["usage"] == {"feature": "audio_seconds", "quantity": 1, "billing_status": "not_metered"}
        assert A_TIME.fullmatch(result["retention"]["delete_after"])


class TestSubmit:
    """"Submit a job"."""

    URL_INPUT = {"audio_url": "https://example.com/session.wav", "prompt": "separate the piano from the background music"}
    SPANS_INPUT = {
        "audio_url": "https://example.com/session.wav",
        "prompt": "the speaker",
        "spans": [{"start": 2.1, "end": 6.4, "include": True}, {"start": 14.0, "end": 18.5, "include": False}],
    }

    def submit(self, caller: Caller, input_: dict[str, Any]) -> Answer:
        return caller.post("/v1/queue/audio/separate", {"input": input_})

    @pytest.mark.parametrize("input_", [URL_INPUT, SPANS_INPUT])
    def test_the_url_examples_are_queued(
        self, caller: Caller, input_: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def probe(_fetch: HttpFetch, url: str, _field: UrlField, _max_bytes: int) -> RemoteMedia:
            """What example.com would say if it had the file."""
            return RemoteMedia(1000, "audio/wav", url)

        monkeypatch.setattr(HttpFetch, "probe", probe)
        answer = self.submit(caller, input_)
        assert (answer.status, answer.json["status"]) == (202, "IN_QUEUE")

    @pytest.mark.parametrize(
        "url", ["http://example.com/a.wav", "https://localhost/a.wav", "file:///etc/passwd", "https://10.0.0.1/a.wav"]
    )
    def test_localhost_private_networks_and_files_are_rejected(self, caller: Caller, url: str) -> None:
        answer = self.submit(caller, {"audio_url": url, "prompt": "the speaker"})
        assert (answer.status, answer.code, answer.param) == (400, "INVALID_AUDIO_URL", "input.audio_url")

    def test_the_file_example_names_nobodys_file(self, caller: Caller) -> None:
        answer = self.submit(caller, {"file_id": "file_01jabc", "prompt": "isolate the lead vocal"})
        assert (answer.status, answer.code, answer.param) == (400, "INVALID_REQUEST", "input.file_id")

    @pytest.mark.parametrize("prompt", ["clean this", "make better", "remove noise"])
    def test_the_weak_prompts_are_queued_by_a_backend_for_free_text_and_refused_by_the_embedded_one(
        self, caller: Caller, prompt: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        refused = caller.submit(prompt=prompt)
        assert (refused.status, refused.code, refused.param) == (400, "PROMPT_NOT_UNDERSTOOD", "input.prompt")
        monkeypatch.setenv("RIATA_BACKEND", "sam-audio")
        assert caller.submit(prompt=prompt).status == 202

    @pytest.mark.parametrize(
        "prompt",
        [
            "isolate the lead vocal", "separate the piano from the rest of the song", "remove crowd noise and keep the speaker",
            "extract the dog bark from the street recording",
        ],
    )  # fmt: skip
    def test_the_good_prompts_are_queued(self, caller: Caller, prompt: str) -> None:
        answer = caller.submit(prompt=prompt)
        assert answer.status == 202
        own = f"{BASE_URL}/v1/queue/requests/{answer.json['request_id']}"
        assert A_TIME.fullmatch(answer.json.pop("created_at"))
        assert {name: value for name, value in answer.json.items() if name not in ("request_id", "created_at")} == {
            "status": "IN_QUEUE",
            "model": "audio/separate",
            "status_url": f"{own}/status",
            "stream_url": f"{own}/status/stream",
            "result_url": f"{own}/result",
        }

    def test_spans_are_taken_with_a_file(self, caller: Caller) -> None:
        assert caller.submit(**{name: self.SPANS_INPUT[name] for name in ("prompt", "spans")}).status == 202

    def test_a_webhook_gets_a_signing_secret_when_it_names_none(self, caller: Caller) -> None:
        webhook = caller.submit(request={"webhookUrl": HOOK}).json["webhook"]
        assert webhook.pop("signing_secret").startswith("whsec_")
        assert webhook == {"url": HOOK}

    def test_a_webhook_secret_of_the_callers_own_is_not_repeated(self, caller: Caller) -> None:
        answer = caller.submit(request={"webhookUrl": HOOK, "webhookSecret": "sixteen letters…"})
        assert answer.json["webhook"] == {"url": HOOK}


class TestUpload:
    """"Upload a file"."""

    def test_the_upload_url_names_method_and_headers(self, caller: Caller) -> None:
        created = caller.create_file().json
        assert (created["upload_method"], created["headers"]) == ("PUT", {"content-type": "audio/wav"})
        assert created["upload_url"].startswith("https://")
        assert A_TIME.fullmatch(created["expires_at"])

    def test_the_signature_covers_type_and_length_and_nothing_a_client_would_not_send(self, caller: Caller) -> None:
        signed = re.search(r"X-Amz-SignedHeaders=([^&]*)", caller.create_file().json["upload_url"])
        assert signed
        assert signed[1].lower().split("%3b") == ["content-length", "content-type", "host"]

    def test_a_submit_right_after_the_put_is_queued(self, caller: Caller) -> None:
        assert caller.submit(caller.uploaded_file(), prompt="isolate the lead vocal").status == 202

    def test_500_mb_is_the_largest_upload(self, caller: Caller) -> None:
        assert caller.create_file(file_size=500 * 1024 * 1024).status == 201
        assert caller.create_file(file_size=500 * 1024 * 1024 + 1).status == 400
