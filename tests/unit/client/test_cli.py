"""The command line without a stack."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from riata.errors import CommandFailed
from riata_client.cli import cli, main


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RIATA_HOME", str(tmp_path / "home"))
    for name in ("RIATA_BASE_URL", "RIATA_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments))


def test_help_lists_the_commands_without_importing_them() -> None:
    code = "import sys; from riata_client.cli import cli; cli(['--help'], standalone_mode=False); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for command in ("up", "down", "status", "doctor", "keys", "separate", "demo"):
        assert f"  {command} " in done.stdout
    loaded = set(done.stdout.splitlines()[-1].split())
    assert not loaded & {"torch", "boto3", "numpy", "httpx", "ministack", "pydantic"}


def test_an_unknown_command_is_a_usage_error() -> None:
    assert _run("fly").exit_code == 2


def test_status_of_nothing_says_stopped() -> None:
    done = _run("status", "--json")
    assert json.loads(done.stdout)["phase"] == "stopped"
    assert done.exit_code == 3


def test_down_with_nothing_to_stop_is_fine() -> None:
    done = _run("down")
    assert done.exit_code == 0
    assert "Nothing runs" in done.output


def test_json_without_detach_is_refused() -> None:
    assert "--detach" in _run("up", "--json").output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("keys", "create", "--credits", "5", "--unmetered"), "exclude each other"),
        (("keys", "create", "--credits", "-1"), "-1"),
        (("keys", "create", "--scopes", "audio:separate,fly"), "There is no scope fly"),
        (("separate", "none.wav", "the dog", "-o", "out"), "does not exist"),
        (("separate", __file__, "the dog", "-o", "out", "--span", "3s-8s"), "START-END in seconds"),
        (("separate", __file__, "the dog", "-o", "out", "--no-span", "1:03-0:58"), "ends before it begins"),
        (("separate", __file__, " ", "-o", "out"), "1 to 500 characters"),
        (("separate", __file__, "x" * 501, "-o", "out"), "1 to 500 characters"),
    ],
)
def test_bad_arguments_are_usage_errors(arguments: tuple[str, ...], said: str) -> None:
    done = _run(*arguments)
    assert done.exit_code == 2
    assert said in done.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(("keys", "list"), "riata up"), (("separate", __file__, "the dog", "-o", "out"), "riata up")],
)
def test_without_a_stack_the_way_to_one_is_told(arguments: tuple[str, ...], said: str, tmp_path: Path) -> None:
    with CliRunner().isolated_filesystem(tmp_path):
        done = _run(*arguments)
    assert isinstance(done.exception, CommandFailed)
    assert said in done.exception.message


def test_a_service_without_a_key_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RIATA_BASE_URL", "http://127.0.0.1:1")
    done = _run("separate", __file__, "the dog", "-o", str(tmp_path))
    assert isinstance(done.exception, CommandFailed)
    assert "RIATA_API_KEY" in done.exception.message


def test_errors_are_one_line_and_status_1(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["riata", "keys", "list"])
    with pytest.raises(SystemExit) as leave:
        main()
    assert leave.value.code == 1
    assert capsys.readouterr().err.startswith("riata: Keys live in a running stack")


def test_a_failed_start_exits_1_and_names_its_log(tmp_path: Path) -> None:
    empty = tmp_path / "checkout"
    empty.mkdir()
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "RIATA_CHECKOUT": str(empty)}
    done = subprocess.run(
        [sys.executable, "-m", "riata_client.cli", "up", "--detach", "--json", "--port", "0"],
        env={**environment, "RIATA_HOME": str(tmp_path / "h")}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stdout == ""
    assert "No template.yaml" in done.stderr
    assert "supervisor.log" in done.stderr
