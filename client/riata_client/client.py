"""The service over HTTP: upload, submit, follow, download."""

import json
import mimetypes
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import httpx

from riata.errors import CommandFailed, ServiceCallFailed
from riata_client.models import CreatedFile, Result, Status, StreamEvent, Submitted
from riata_client.sse import parse_events

_TIMEOUT = httpx.Timeout(60, connect=10)
# The service sends a comment every 15 s while nothing changes.
_STREAM_TIMEOUT = httpx.Timeout(60, connect=10, read=45)
_CHUNK = 1 << 20
_POLL_SECONDS = 2.0


class Client:
    """A client with one API key.

    Args:
        base_url: The service, e.g. ``http://127.0.0.1:8787``.
        api_key: ``riata_…``.

    Every call raises ``ServiceCallFailed`` with the service's status, code and message (status 0 and code
    ``UNREACHABLE`` when there was no answer).
    """

    def __init__(self, base_url: str, api_key: str, *, transport: httpx.BaseTransport | None = None) -> None:
        self._base_url = base_url.rstrip("/")
        self._api = httpx.Client(
            headers={"authorization": f"Bearer {api_key}"}, timeout=_TIMEOUT, transport=transport
        )
        # Presigned URLs carry their own authorization and must not see the key.
        self._storage = httpx.Client(timeout=_TIMEOUT, transport=transport, follow_redirects=True)

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._api.close()
        self._storage.close()

    def upload(self, file: Path, content_type: str | None = None) -> CreatedFile:
        """Register a file and stream its bytes to the presigned URL.

        Raises:
            CommandFailed: The file cannot be read or is empty.
        """
        try:
            size = file.stat().st_size
            source = file.open("rb")
        except OSError as error:
            raise CommandFailed(f"{file} cannot be read: {error.strerror}.") from error
        with source:
            body = {
                "file_name": file.name,
                "content_type": content_type or media_type(file),
                "file_size": size,
                "purpose": "audio.separate.input",
            }
            created = CreatedFile.parse(self._call("POST", "/v1/files", json=body))
            headers = {**created.headers, "content-length": str(size)}
            with _translated():
                answer = self._storage.put(created.upload_url, headers=headers, content=_chunks(source))
            if not answer.is_success:
                raise ServiceCallFailed(answer.status_code, "UPLOAD_FAILED", f"The upload was refused: {answer.text[:300]}")
        return created

    def submit(self, input_: dict[str, Any], *, idempotency_key: str | None = None, **fields: Any) -> Submitted:
        """Queue a separation.

        Args:
            input_: ``prompt`` and ``file_id`` or ``audio_url``, with the options of the contract.
            idempotency_key: The same key and body give the first answer again for 24 hours.
            fields: ``webhookUrl``, ``webhookSecret``, ``metadata``.
        """
        headers = {"idempotency-key": idempotency_key} if idempotency_key else {}
        body = {"input": input_, **fields}
        return Submitted.parse(self._call("POST", "/v1/queue/audio/separate", json=body, headers=headers))

    def status(self, request_id: str, *, logs: bool = False) -> Status:
        """Where the request is."""
        query = {"logs": "true"} if logs else {}
        return Status.parse(self._call("GET", f"/v1/queue/requests/{request_id}/status", params=query))

    def stream(self, request_id: str, *, interval: float = 1.0, logs: bool = False) -> Iterator[StreamEvent]:
        """The events of one stream window, as they arrive; it ends at a terminal status or with ``timeout``."""
        query = {"interval": str(interval), "logs": str(logs).lower()}
        url = f"{self._base_url}/v1/queue/requests/{request_id}/status/stream"
        with _translated(), self._api.stream("GET", url, params=query, timeout=_STREAM_TIMEOUT) as answer:
            if not answer.is_success:
                answer.read()
                raise _failure(answer)
            for event, data in parse_events(answer.iter_lines()):
                yield StreamEvent(event, json.loads(data))

    def follow(self, request_id: str, on_status: Callable[[Status], None], *, logs: bool = False) -> Status:
        """Wait for the end of a request: by its stream, opened again when a window ends, by polling if that fails."""
        while True:
            try:
                for event in self.stream(request_id, logs=logs):
                    if event.event == "status":
                        status = Status.parse(event.data)
                        on_status(status)
                        if status.terminal:
                            return status
            except ServiceCallFailed as failure:
                if 400 <= failure.status < 500:
                    raise
            status = self.status(request_id, logs=logs)
            on_status(status)
            if status.terminal:
                return status
            time.sleep(_POLL_SECONDS)

    def result(self, request_id: str) -> Result:
        """The outputs of a completed request."""
        return Result.parse(self._call("GET", f"/v1/queue/requests/{request_id}/result"))

    def download(self, url: str, destination: Path) -> None:
        """Stream one output to a file, following the redirect to its storage."""
        part = destination.with_name(destination.name + ".part")
        with _translated(), self._storage.stream("GET", url) as answer:
            if not answer.is_success:
                answer.read()
                raise _failure(answer)
            with part.open("wb") as file:
                for chunk in answer.iter_bytes(_CHUNK):
                    file.write(chunk)
        part.replace(destination)

    def _call(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        with _translated():
            answer = self._api.request(method, self._base_url + path, **arguments)
        if not answer.is_success:
            raise _failure(answer)
        body: dict[str, Any] = answer.json()
        return body


def media_type(file: Path) -> str:
    """The content type of an upload by its name; ``application/octet-stream`` when the name does not tell."""
    guessed, _ = mimetypes.guess_type(file.name)
    return guessed if guessed and guessed.split("/")[0] in ("audio", "video") else "application/octet-stream"


def _chunks(source: IO[bytes]) -> Iterator[bytes]:
    while chunk := source.read(_CHUNK):
        yield chunk


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except httpx.HTTPError as error:
        reason = str(error) or type(error).__name__
        message = f"The service does not answer ({reason}): is it up? `riata status`, or set RIATA_BASE_URL."
        raise ServiceCallFailed(0, "UNREACHABLE", message) from error


def _failure(answer: httpx.Response) -> ServiceCallFailed:
    try:
        error = answer.json()["error"]
        return ServiceCallFailed(answer.status_code, error["code"], error["message"])
    except (ValueError, KeyError, TypeError):
        return ServiceCallFailed(answer.status_code, "UNEXPECTED_ANSWER", f"HTTP {answer.status_code}: {answer.text[:300]}")
