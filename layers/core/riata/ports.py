"""What the use cases need from the world. Adapters implement these; unit tests use fakes.

Every method that changes state is one conditional write (or one transaction) and raises `ConditionFailed` when the row is not in
the expected state. Reads are strongly consistent.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from riata.domain.accounts import ApiKey
from riata.domain.ending import Ending
from riata.domain.files import File
from riata.domain.media import MediaInfo
from riata.domain.money import LedgerEntry
from riata.domain.requests import LogLine, Outcome, Request, Source


class Clock(Protocol):
    """Tells the time."""

    def __call__(self) -> datetime:
        """Now, in UTC."""
        ...


class Files(Protocol):
    """Uploaded files."""

    def add(self, file: File) -> None:
        """Store a new file."""
        ...

    def get(self, file_id: str) -> File | None:
        """The file, or None."""
        ...

    def mark_uploaded(self, file: File, etag: str, at: datetime) -> None:
        """Pending → uploaded, binding the ETag. Condition: still pending and not deleted."""
        ...

    def record_probe(self, file: File, media: MediaInfo | None, media_error: str | None) -> None:
        """Store what the bytes are. Condition: the ETag is still the probed one."""
        ...


class Requests(Protocol):
    """Separation requests."""

    def submit(self, request: Request, reservation: LedgerEntry | None) -> None:
        """Put the request, hold its file and reserve its seconds in one transaction.

        Raises:
            InsufficientCredits: the balance does not cover the reservation.
            ConditionFailed: the file was deleted or replaced meanwhile.
        """
        ...

    def get(self, request_id: str) -> Request | None:
        """The request, or None."""
        ...

    def claim(self, seen: Request, attempt_id: str, now: datetime, lease_until: datetime, crashes: int) -> Request:
        """Take the request for one attempt. Condition: attempt, lease and generation are still as ``seen``, no outcome."""
        ...

    def renew(self, request_id: str, attempt_id: str, lease_until: datetime, progress: float, now: datetime) -> None:
        """Prolong the lease and show progress. Condition: the attempt is still the one, no outcome, not terminal."""
        ...

    def give_back(self, request_id: str, attempt_id: str, now: datetime) -> None:
        """Drop the lease, so that the next claim does not count as a crash. Condition: the attempt is still the one."""
        ...

    def record_outcome(self, request_id: str, attempt_id: str, outcome: Outcome, now: datetime) -> None:
        """Record the one outcome. Condition: the attempt is still the one, no outcome, not terminal."""
        ...

    def end(self, ending: Ending) -> None:
        """The terminal transaction: status, failure or bill, ledger and balance, file hold.

        Condition: not terminal, and, when the row carries no outcome, still none and still the same generation.
        """
        ...

    def raise_generation(self, seen: Request, now: datetime) -> Request:
        """Allow one more execution. Condition: generation as ``seen``, not terminal."""
        ...

    def due(self, now: datetime, limit: int) -> Sequence[Request]:
        """Open requests whose next check is due, oldest first."""
        ...

    def postpone(self, request_id: str, until: datetime) -> None:
        """Set an open request's next check. Condition: not terminal."""
        ...

    def queue_position(self, request: Request, cap: int) -> int | None:
        """How many queued requests are ahead, plus one; None beyond ``cap``."""
        ...

    def add_log(self, request_id: str, line: LogLine, expires_at: datetime) -> None:
        """Append a log line."""
        ...

    def logs(self, request_id: str, limit: int) -> Sequence[LogLine]:
        """The newest ``limit`` lines, oldest first."""
        ...


class Accounts(Protocol):
    """API keys and their ledger."""

    def get_key(self, key_id: str) -> ApiKey | None:
        """The key, or None."""
        ...

    def add_key(self, key: ApiKey, credit: LedgerEntry | None) -> None:
        """Store a new key, with its first credit in the same transaction."""
        ...

    def list_keys(self) -> Iterator[ApiKey]:
        """Every key, revoked ones too."""
        ...

    def revoke_key(self, key_id: str, at: datetime) -> None:
        """Refuse the key from now on. Condition: it exists and is not revoked."""
        ...

    def ledger(self, key_id: str) -> Iterator[LedgerEntry]:
        """Every entry of a key, in the order of their ids."""
        ...


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What a HEAD says of an object."""

    size: int
    etag: str


class ObjectStore(Protocol):
    """The bucket."""

    def presign_upload(self, key: str, content_type: str, size: int, expires_in: int) -> str:
        """A PUT URL bound to content type and length."""
        ...

    def presign_download(self, key: str, file_name: str, content_type: str, expires_in: int) -> str:
        """A GET URL that names the file."""
        ...

    def head(self, key: str) -> StoredObject | None:
        """Size and ETag, or None when there is no such object."""
        ...

    def open(self, key: str, etag: str) -> BinaryIO:
        """A seekable reader by ranged GETs, pinned to the ETag.

        Raises:
            InputChanged: the object is another one now.
            InputMissing: the object is gone.
        """
        ...

    def download(self, source: Source, destination: Path) -> None:
        """Fetch a whole object, pinned to its ETag; raises like `open`."""
        ...

    def upload(self, path: Path, key: str, content_type: str) -> None:
        """Store a file."""
        ...

    def delete(self, key: str) -> None:
        """Delete one object; deleting twice is fine."""
        ...

    def delete_prefix(self, prefix: str) -> None:
        """Delete everything below a prefix."""
        ...


class Executions(Protocol):
    """The state machine."""

    def start(self, request: Request) -> None:
        """Start the execution of this generation; one that exists already counts as started."""
        ...

    def is_alive(self, request: Request) -> bool:
        """Whether the execution of this generation runs."""
        ...


class MediaProbe(Protocol):
    """Looks into a container."""

    def __call__(self, reader: BinaryIO) -> MediaInfo:
        """What the bytes are.

        Raises:
            MediaUnreadable: not audio or video that can be decoded.
        """
        ...


@dataclass(frozen=True, slots=True)
class WorkMessage:
    """A message of the separation queue: one separation to do, and the token that wakes its execution."""

    request_id: str
    generation: int
    task_token: str
    receipt: str


class WorkQueue(Protocol):
    """The separation queue, as a worker sees it."""

    def receive(self, wait_seconds: int) -> WorkMessage | None:
        """Long-poll for one message."""
        ...

    def extend(self, message: WorkMessage, seconds: int) -> None:
        """Hide the message for ``seconds`` from now; 0 gives it back at once."""
        ...

    def delete(self, message: WorkMessage) -> None:
        """Done with it."""
        ...

    def wake(self, message: WorkMessage) -> bool:
        """Tell the execution to go on; False when nobody waits for the token any more."""
        ...
