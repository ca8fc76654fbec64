"""A local stack driven through the ``riata`` command, as a person would."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from riata_client.client import Client

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "docs" / "examples" / "speech-over-music"


class LocalStack:
    """One RIATA_HOME and the commands run in it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.connection: dict[str, Any] = {}

    @property
    def base_url(self) -> str:
        return str(self.connection["base_url"])

    @property
    def api_key(self) -> str:
        return str(self.connection["api_key"])

    @property
    def environment(self) -> dict[str, str]:
        """The caller's, without a service or AWS of theirs."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("RIATA_", "AWS_"))}
        return {**kept, "RIATA_HOME": str(self.home)}

    def riata(self, *arguments: str, check: bool = True, timeout: float = 300) -> subprocess.CompletedProcess[str]:
        """Run ``riata`` and wait for it."""
        done = subprocess.run(
            [sys.executable, "-m", "riata_client.cli", *arguments],
            env=self.environment, cwd=ROOT, capture_output=True, text=True, timeout=timeout,
        )  # fmt: skip
        assert not check or done.returncode == 0, f"riata {' '.join(arguments)}: {done.stdout}{done.stderr}{self.logs()}"
        return done

    def up(self, *arguments: str) -> dict[str, Any]:
        """``riata up --detach --json``: the one object it prints."""
        self.connection = json.loads(self.riata("up", "--detach", "--json", *arguments).stdout)
        return self.connection

    def down(self) -> None:
        self.riata("down")

    def client(self) -> Client:
        return Client(self.base_url, self.api_key)

    def run_record(self) -> dict[str, Any]:
        """What the supervisor says about itself."""
        return json.loads((self.home / "run.json").read_text())

    def logs(self) -> str:
        """The ends of all logs, for a failed assertion."""
        return "".join(f"\n--- {path.name}\n{path.read_text()[-1500:]}" for path in sorted(self.home.glob("logs/*.log")))


def eventually(condition: Any, seconds: float = 60, message: str = "it never happened") -> Any:
    """Wait for a condition to give something true, and return that."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.2)
    raise AssertionError(message)
