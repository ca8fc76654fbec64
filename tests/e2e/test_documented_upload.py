"""The documented upload flow, with only host, key, ids and file size changed."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.local_stack import EXAMPLE, LocalStack

pytestmark = pytest.mark.stack

_HERE = Path(__file__).parent
_HOST = "https://audiolasso.dev"


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """Three seconds of the example as song.wav."""
    samples, rate = soundfile.read(EXAMPLE / "mixture.flac", dtype="int16")
    path = tmp_path / "song.wav"
    soundfile.write(path, samples[: 3 * rate], rate)
    return path


def _finishes(stack: LocalStack, request_id: str, folder: Path, song: Path) -> None:
    with stack.client() as client:
        assert client.follow(request_id, lambda status: None).status == "COMPLETED"
        result = client.result(request_id)
        client.download(result.target.url, folder / "target.wav")
        client.download(result.residual.url, folder / "residual.wav")
    mixture, target, residual = (
        soundfile.read(path, dtype="int16")[0].astype(np.int32)
        for path in (song, folder / "target.wav", folder / "residual.wav")
    )
    assert np.array_equal(target + residual, mixture)


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_the_curl_lines_upload_and_submit(stack: LocalStack, song: Path) -> None:
    create, put, submit = (_HERE / "seed_upload.sh").read_text().replace(_HOST, stack.base_url).split("# ---\n")

    def run(line: str, **variables: str) -> str:
        environment = {**stack.environment, "AUDIOLASSO_API_KEY": stack.api_key, **variables}
        done = subprocess.run(
            ["bash", "-c", line.replace("curl ", "curl -sS --fail-with-body ")],
            env=environment, cwd=song.parent, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    created = json.loads(run(create.replace("12345678", str(song.stat().st_size))))
    run(put, UPLOAD_URL=created["upload_url"])
    submitted = json.loads(run(submit.replace("file_01jabc", created["file_id"])))

    assert submitted["status"] == "IN_QUEUE"
    _finishes(stack, submitted["request_id"], song.parent, song)


@pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")
def test_the_javascript_uploads_and_submits(stack: LocalStack, song: Path) -> None:
    script = song.parent / "upload.mjs"
    script.write_text((_HERE / "seed_upload.mjs").read_text().replace(_HOST, stack.base_url))

    done = subprocess.run(
        ["node", str(script)], env={**stack.environment, "AUDIOLASSO_API_KEY": stack.api_key}, cwd=song.parent,
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    request_id = re.search(r"request_id: '(req_\w+)'", done.stdout)
    assert request_id, done.stdout
    _finishes(stack, request_id[1], song.parent, song)
