"""One separation through the service from the file to its outputs, for the commands."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from riata.errors import ServiceCallFailed
from riata_client.client import Client
from riata_client.models import Result, Status


@dataclass(frozen=True)
class Outcome:
    """A completed separation."""

    request_id: str
    result: Result

    def download(self, client: Client, folder: Path) -> list[Path]:
        """Fetch target and residual into ``folder`` under the service's file names."""
        written = []
        for output in (self.result.target, self.result.residual):
            # The name comes from the network: keep its last part only.
            destination = folder / Path(output.file_name).name
            client.download(output.url, destination)
            written.append(destination)
        return written


def separate_through(
    client: Client,
    file: Path,
    prompt: str,
    wishes: dict[str, Any],
    show: Callable[[str], None],
    fraction: Callable[[float], None],
) -> Outcome:
    """Upload, submit and follow one file.

    Args:
        client: The service.
        file: The mixture.
        prompt: The sound to pull out.
        wishes: More fields of the contract's ``input``.
        show: Told what happens.
        fraction: Told the progress, 0 to 1.

    Raises:
        ServiceCallFailed: A call was refused, or the request ended FAILED (status 200 with the request's code).
    """
    show(f"uploading {file.name}")
    created = client.upload(file)
    submitted = client.submit({"file_id": created.file_id, "prompt": prompt, **wishes})

    def on_status(status: Status) -> None:
        if status.status == "IN_PROGRESS" and status.progress is not None:
            fraction(status.progress)
        elif not status.terminal:
            show("in the queue" if status.queue_position is None else f"in the queue at position {status.queue_position}")

    end = client.follow(submitted.request_id, on_status)
    if end.status == "FAILED":
        raise ServiceCallFailed(200, end.error_code or "FAILED", f"The separation failed: {end.error_message}")
    show("done")
    return Outcome(submitted.request_id, client.result(submitted.request_id))
