"""Models that come from a hub, on one that listens on the loopback."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import torch
from safetensors.torch import load_file

from riata.errors import ModelUnavailable
from riata_separator.models import Store
from riata_separator.models.manifest import Artifact
from riata_separator.models.sources import fetch

CONTENT = bytes(range(256)) * 1000


class Hub:
    """Hands out files by path, to whoever shows its token; answers with a redirect where it knows one."""

    def __init__(self, token: str | None = None) -> None:
        self.token, self.files, self.redirects = token, dict[str, bytes](), dict[str, str]()
        self.seen: list[tuple[str, str | None, str | None]] = []
        self.url = ""

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        authorization, wanted = request.headers.get("Authorization"), request.headers.get("Range")
        self.seen.append((request.path, authorization, wanted))
        if self.token and authorization != f"Bearer {self.token}":
            request.send_response(401)
            request.end_headers()
        elif request.path in self.redirects:
            request.send_response(302)
            request.send_header("Location", self.redirects[request.path])
            request.end_headers()
        elif request.path in self.files:
            body = self.files[request.path]
            first = int((wanted or "bytes=0-").removeprefix("bytes=").rstrip("-"))
            request.send_response(416 if first >= len(body) else 206)
            request.send_header("Content-Length", str(max(0, len(body) - first)))
            request.end_headers()
            request.wfile.write(body[first:])
        else:
            request.send_response(404)
            request.end_headers()


@contextmanager
def listening(hub: Hub) -> Iterator[Hub]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            hub.answer(self)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    hub.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    for name in ("HF_TOKEN", "RIATA_HF_TOKEN_SECRET_ARN", "RIATA_MODELS_MIRROR", "http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with listening(Hub()) as hub:
        hub.files["/org/model/resolve/abc123/model.safetensors"] = CONTENT
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        yield hub


ARTIFACT = Artifact("hf:org/model@abc123/model.safetensors", "model.safetensors", hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))


def test_a_file_of_a_hub_id_is_fetched_at_its_revision(hub, tmp_path):
    fetch(ARTIFACT, tmp_path / "part")
    assert (tmp_path / "part").read_bytes() == CONTENT


def test_an_interrupted_fetch_goes_on_and_a_finished_one_is_left_alone(hub, tmp_path):
    part = tmp_path / "part"
    part.write_bytes(CONTENT[:5000])
    fetch(ARTIFACT, part)
    fetch(ARTIFACT, part)
    assert part.read_bytes() == CONTENT
    assert [wanted for _, _, wanted in hub.seen] == ["bytes=5000-", f"bytes={len(CONTENT)}-"]


def test_a_gated_file_is_fetched_with_the_token(hub, tmp_path, monkeypatch):
    hub.token = "hf_secret"
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    fetch(ARTIFACT, tmp_path / "part")
    assert (tmp_path / "part").read_bytes() == CONTENT


def test_without_a_token_a_gated_file_says_how_to_get_one_and_tells_no_secret(hub, tmp_path, monkeypatch):
    hub.token = "hf_secret"
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    with pytest.raises(ModelUnavailable, match="RIATA_HF_TOKEN_SECRET_ARN") as refused:
        fetch(ARTIFACT, tmp_path / "part")
    assert "hf_wrong" not in str(refused.value)


def test_the_token_does_not_follow_a_redirect_to_a_storage_host(hub, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    with listening(Hub()) as storage:
        storage.files["/blob"] = CONTENT
        hub.redirects["/org/model/resolve/abc123/model.safetensors"] = f"{storage.url}/blob"
        fetch(ARTIFACT, tmp_path / "part")
    assert (tmp_path / "part").read_bytes() == CONTENT
    assert [authorization for _, authorization, _ in hub.seen] == ["Bearer hf_secret"]
    assert [authorization for _, authorization, _ in storage.seen] == [None]


def test_a_file_that_the_hub_does_not_have_is_said(hub, tmp_path):
    with pytest.raises(ModelUnavailable, match="404"):
        fetch(Artifact("hf:org/other@abc123/x", "x", "0" * 64, 1), tmp_path / "part")


def test_a_token_is_never_sent_in_the_clear(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.example")
    with pytest.raises(ModelUnavailable, match="in the clear"):
        fetch(ARTIFACT, tmp_path / "part")


def test_a_model_of_several_files_becomes_a_folder_without_pickles(hub, tmp_path, monkeypatch):
    torch.save({"w": torch.arange(6.0).view(2, 3), "half": torch.ones(2, dtype=torch.bfloat16)}, tmp_path / "checkpoint.pt")
    files = {"checkpoint.pt": (tmp_path / "checkpoint.pt").read_bytes(), "config.json": b'{"dim": 3}'}
    parts = []
    for name, content in files.items():
        hub.files[f"/org/model/resolve/v1/{name}"] = content
        parts.append({"source": f"hf:org/model@v1/{name}", "file": f"named/{name}", "sha256": hashlib.sha256(content).hexdigest(),
                      "size": len(content)})  # fmt: skip
    entry = {"parts": parts, "licence": "MIT", "converter": "folder", "on_request": True}
    (tmp_path / "manifest.json").write_text(json.dumps({"named": entry}))
    monkeypatch.setenv("RIATA_MODELS_MANIFEST", str(tmp_path / "manifest.json"))
    monkeypatch.setenv("RIATA_MODELS", str(tmp_path / "cache"))
    folder = Store().pull("named")
    assert sorted(path.name for path in folder.iterdir()) == ["checkpoint.safetensors", "config.json", "receipt.json"]
    tensors = load_file(folder / "checkpoint.safetensors")
    assert torch.equal(tensors["w"], torch.arange(6.0).view(2, 3))
    assert tensors["half"].dtype == torch.bfloat16
    Store().verify("named")


def test_a_part_of_another_content_is_refused_and_nothing_is_installed(hub, tmp_path, monkeypatch):
    part = {"source": "hf:org/model@abc123/model.safetensors", "file": "named/model.safetensors", "sha256": "0" * 64, "size": 10**9}
    (tmp_path / "manifest.json").write_text(json.dumps({"named": {"parts": [part], "licence": "MIT", "converter": "folder"}}))
    monkeypatch.setenv("RIATA_MODELS_MANIFEST", str(tmp_path / "manifest.json"))
    monkeypatch.setenv("RIATA_MODELS", str(tmp_path / "cache"))
    with pytest.raises(ModelUnavailable, match="SHA-256 differs"):
        Store().pull("named")
    assert not Store().has("named")
