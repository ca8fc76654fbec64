"""The commands against a running stack."""

import json
from pathlib import Path

import httpx
import psutil
import pytest

from tests.local_stack import EXAMPLE, LocalStack

pytestmark = pytest.mark.stack


def test_up_prints_one_json_object_with_everything_a_client_needs(stack: LocalStack) -> None:
    assert set(stack.connection) == {"base_url", "api_key", "license_key", "state_dir", "pid"}
    assert stack.connection["api_key"] == stack.connection["license_key"]
    assert Path(stack.connection["state_dir"]) == stack.home
    assert psutil.pid_exists(stack.connection["pid"])
    assert (stack.home / "api-key").stat().st_mode & 0o077 == 0


def test_everything_listens_on_loopback_only(stack: LocalStack) -> None:
    supervisor = psutil.Process(stack.connection["pid"])
    listening = [
        connection.laddr.ip
        for process in (supervisor, *supervisor.children(recursive=True))
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert len(listening) >= 2
    assert set(listening) == {"127.0.0.1"}


def test_separate_writes_target_and_residual(stack: LocalStack, tmp_path: Path) -> None:
    done = stack.riata("separate", str(EXAMPLE / "mixture.flac"), "isolate the speaker", "-o", str(tmp_path / "out"))

    assert done.stdout.split() == [str(tmp_path / "out" / name) for name in ("target.wav", "residual.wav")]
    assert all((tmp_path / "out" / name).stat().st_size > 100_000 for name in ("target.wav", "residual.wav"))


def test_separate_pulls_out_what_a_span_shows(stack: LocalStack, tmp_path: Path) -> None:
    nameless = ("separate", str(EXAMPLE / "mixture.flac"), "the bzzzrp-ish thing", "-o", str(tmp_path / "out"))

    refused = stack.riata(*nameless, check=False)
    assert refused.returncode == 1
    assert "`spans`" in refused.stderr
    assert "target.wav" in stack.riata(*nameless, "--span", "1.5-0:03").stdout


def test_a_file_that_is_no_media_is_refused_with_a_reason(stack: LocalStack, tmp_path: Path) -> None:
    text = tmp_path / "notes.wav"
    text.write_text("not a song")

    done = stack.riata("separate", str(text), "isolate the speaker", "-o", str(tmp_path / "out"), check=False)

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("riata: ")
    assert "Traceback" not in done.stderr


def test_keys_can_be_created_with_scopes_and_credits_and_revoked(stack: LocalStack) -> None:
    arguments = ("--tenant", "band", "--scopes", "models:read files:read", "--credits", "90", "--json")
    created = json.loads(stack.riata("keys", "create", *arguments).stdout)
    assert (created["tenant"], created["scopes"], created["metered"], created["balance"]) == (
        "band", ["files:read", "models:read"], True, 90,
    )  # fmt: skip

    def status(method: str, path: str) -> int:
        url = f"{stack.base_url}{path}"
        return httpx.request(method, url, json={}, headers={"authorization": f"Bearer {created['api_key']}"}).status_code

    assert status("GET", "/v1/models") == 200
    assert status("POST", "/v1/queue/audio/separate") == 403
    listed = json.loads(stack.riata("keys", "list", "--json").stdout)
    assert created["key_id"] in [key["key_id"] for key in listed]
    assert not any("secret" in name or "api_key" in name for key in listed for name in key)

    stack.riata("keys", "revoke", created["key_id"])
    assert status("GET", "/v1/models") == 401


def test_the_doctor_finds_nothing_wrong_with_a_healthy_stack(stack: LocalStack) -> None:
    done = stack.riata("doctor", "--json", check=False)

    assert [f for f in json.loads(done.stdout) if f["level"] == "problem"] == []
    assert done.returncode == 0
