"""RIATA_HOME: the one folder that holds everything a local stack keeps.

::

    ports.json          the pinned ports (queue URLs embed MiniStack's)
    api-key             the ready key of the stack (mode 0600)
    aws.config          profiles admin, worker and stream
    run.json            the running supervisor: pid, phase, children, outputs of the deployment
    lock                held by the supervisor as long as it lives
    snapshot.json       Accounts and Jobs, written every minute
    ministack/          MiniStack's own state, objects and temporary files
    logs/               one log per process
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from riata.errors import CommandFailed

HOME_VARIABLE = "RIATA_HOME"


@dataclass(frozen=True)
class Home:
    """The paths of one local stack; creating the object touches nothing."""

    root: Path

    @classmethod
    def from_environment(cls) -> "Home":
        """The folder named by ``RIATA_HOME``, else ``~/.riata``."""
        return cls(Path(os.environ.get(HOME_VARIABLE) or Path.home() / ".riata").expanduser().absolute())

    @property
    def ports(self) -> Path:
        return self.root / "ports.json"

    @property
    def api_key(self) -> Path:
        return self.root / "api-key"

    @property
    def aws_config(self) -> Path:
        return self.root / "aws.config"

    @property
    def run(self) -> Path:
        return self.root / "run.json"

    @property
    def lock(self) -> Path:
        return self.root / "lock"

    @property
    def snapshot(self) -> Path:
        return self.root / "snapshot.json"

    @property
    def ministack_state(self) -> Path:
        return self.root / "ministack" / "state"

    @property
    def ministack_objects(self) -> Path:
        return self.root / "ministack" / "s3"

    @property
    def ministack_temporary(self) -> Path:
        return self.root / "ministack" / "tmp"

    @property
    def ministack_home(self) -> Path:
        return self.root / "ministack" / "home"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    def create(self) -> None:
        """Make the folders, readable by the owner alone.

        Raises:
            CommandFailed: The folder cannot be made or written.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
            for folder in (self.ministack_state, self.ministack_objects, self.ministack_home, self.logs):
                folder.mkdir(parents=True, exist_ok=True)
            probe = self.root / ".writable"
            write_atomically(probe, "")
            probe.unlink()
        except OSError as error:
            raise CommandFailed(
                f"{self.root} cannot be written ({error.strerror}): free some space, mend its permissions, or set "
                f"{HOME_VARIABLE} to another folder."
            ) from error


def write_atomically(path: Path, text: str, *, mode: int = 0o600) -> None:
    """Write a whole file or leave the old one: a crash never leaves half of it."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def write_json(path: Path, value: Any) -> None:
    """Write ``value`` as JSON, atomically."""
    write_atomically(path, json.dumps(value, indent=2) + "\n")


def read_json(path: Path) -> Any:
    """The JSON of ``path``; None when the file is absent or not JSON (a file written by hand, say)."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
