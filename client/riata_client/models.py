"""What the service answers, as far as the client uses it; fields the contract adds later are ignored."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class CreatedFile:
    """A registered upload: PUT the bytes to ``upload_url`` with exactly ``headers``."""

    file_id: str
    upload_url: str
    headers: dict[str, str]

    @classmethod
    def parse(cls, body: dict[str, Any]) -> "CreatedFile":
        return cls(body["file_id"], body["upload_url"], dict(body["headers"]))


@dataclass(frozen=True)
class Submitted:
    """A queued request."""

    request_id: str
    status_url: str
    stream_url: str
    result_url: str

    @classmethod
    def parse(cls, body: dict[str, Any]) -> "Submitted":
        return cls(body["request_id"], body["status_url"], body["stream_url"], body["result_url"])


@dataclass(frozen=True)
class Status:
    """Where a request is.

    Attributes:
        status: ``IN_QUEUE``, ``IN_PROGRESS``, ``COMPLETED`` or ``FAILED``.
        progress: 0 to 1, where the service tells it.
        queue_position: Requests before this one, where the service tells it.
        error_code: Of a failed request.
        error_message: Of a failed request.
        logs: The worker's last lines, if they were asked for.
    """

    request_id: str
    status: str
    progress: float | None = None
    queue_position: int | None = None
    error_code: str | None = None
    error_message: str | None = None
    logs: tuple[str, ...] = ()

    @property
    def terminal(self) -> bool:
        return self.status in ("COMPLETED", "FAILED")

    @classmethod
    def parse(cls, body: dict[str, Any]) -> "Status":
        error = body.get("error") or {}
        return cls(
            request_id=body["request_id"],
            status=body["status"],
            progress=body.get("progress"),
            queue_position=body.get("queue_position"),
            error_code=error.get("code"),
            error_message=error.get("message"),
            logs=tuple(line["message"] for line in body.get("logs") or ()),
        )


@dataclass(frozen=True)
class StreamEvent:
    """One Server-Sent Event: ``status`` (data as ``Status``), ``timeout`` or ``error``."""

    event: str
    data: dict[str, Any]


@dataclass(frozen=True)
class OutputFile:
    """One separated file, or the video with it."""

    url: str
    content_type: str
    file_name: str

    @classmethod
    def parse(cls, body: dict[str, Any]) -> "OutputFile":
        return cls(body["url"], body["content_type"], body["file_name"])


@dataclass(frozen=True)
class Result:
    """The outputs of a completed request; ``duration`` in seconds, ``sample_rate`` in Hz."""

    request_id: str
    target: OutputFile
    residual: OutputFile
    sample_rate: int
    duration: float | None

    @classmethod
    def parse(cls, body: dict[str, Any]) -> "Result":
        data = body["data"]
        return cls(
            body["request_id"],
            OutputFile.parse(data["target"]),
            OutputFile.parse(data["residual"]),
            data["sample_rate"],
            data.get("duration"),
        )
