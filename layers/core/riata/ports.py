"""What the use cases need from the world. Adapters implement these; unit tests use fakes.

Every method that changes state is one conditional write (or one transaction) and raises `ConditionFailed` when the row is not in
the expected state. Reads are strongly consistent.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from pathlib import Path
from typing import BinaryIO, Protocol

from riata.domain.accounts import ApiKey
from riata.domain.ending import Ending
from riata.domain.files import File
from riata.domain.media import MediaInfo
from riata.domain.money import LedgerEntry
from riata.domain.rate_limit import Allowance
from riata.domain.requests import Idempotency, LogLine, Outcome, Request, Source
from riata.domain.urls import UrlField


class Clock(Protocol):
    """Tells the time."""

    def __call__(self) -> datetime:
        """Now, in UTC."""


class Files(Protocol):
    """Uploaded files."""

    def add(self, file: File) -> None:
        """Store a new file."""

    def get(self, file_id: str) -> File | None:
        """The file, or None."""

    def mark_uploaded(self, file: File, etag: str, at: datetime) -> None:
        """Pending → uploaded, binding the ETag. Condition: still pending and not deleted."""

    def record_probe(self, file: File, media: MediaInfo | None, media_error: str | None) -> None:
        """Store what the bytes are. Condition: the ETag is still the probed one."""

    def mark_deleted(self, file_id: str, at: datetime) -> None:
        """Tombstone the file, its media due for disposal now. Condition: not deleted, no open request holds it."""

    def due_for_disposal(self, now: datetime, limit: int) -> Sequence[str]:
        """Files whose media should go."""

    def disposed(self, file_id: str) -> None:
        """The media is gone; doing it twice is fine."""


class Requests(Protocol):
    """Separation requests."""

    def submit(self, request: Request, reservation: LedgerEntry | None, idempotency: Idempotency | None = None) -> None:
        """Put the request and its idempotency key, hold its file and reserve its seconds in one transaction.

        Raises:
            InsufficientCredits: the balance does not cover the reservation.
            ConditionFailed: the file was deleted or replaced meanwhile, or the idempotency key is in use.
        """

    def first_use(self, tenant: str, key: str, now: datetime) -> Idempotency | None:
        """The first use of an idempotency key within its window."""

    def newest(self, tenant: str, before: Request | None, limit: int) -> Sequence[Request]:
        """A tenant's requests from newest to oldest, deleted ones left out, those older than ``before``."""

    def mark_deleted(self, request_id: str, at: datetime) -> None:
        """Tombstone the request, its outputs due for disposal now. Condition: terminal and not deleted."""

    def due_for_disposal(self, now: datetime, limit: int) -> Sequence[str]:
        """Ended requests whose outputs should go."""

    def disposed(self, request_id: str, again: datetime | None = None) -> None:
        """The outputs are gone; doing it twice is fine. With ``again`` they are due once more then."""

    def fetched(self, request_id: str, source: Source) -> None:
        """Bind the fetched copy. Condition: open and not prepared."""

    def prepare(self, request: Request, duration: float, reservation: LedgerEntry | None) -> None:
        """Store the probed duration and reserve its seconds, in one transaction.

        Raises:
            InsufficientCredits: the balance does not cover the reservation.
            ConditionFailed: prepared already, or ended.
        """

    def get(self, request_id: str) -> Request | None:
        """The request, or None."""

    def claim(self, seen: Request, attempt_id: str, now: datetime, lease_until: datetime, crashes: int) -> Request:
        """Take the request for one attempt. Condition: attempt, lease and generation are still as ``seen``, no outcome."""

    def renew(self, request_id: str, attempt_id: str, lease_until: datetime, progress: float, now: datetime) -> None:
        """Prolong the lease and show progress. Condition: the attempt is still the one, no outcome, not terminal."""

    def give_back(self, request_id: str, attempt_id: str, now: datetime) -> None:
        """Drop the lease, so that the next claim does not count as a crash. Condition: the attempt is still the one."""

    def record_outcome(self, request_id: str, attempt_id: str, outcome: Outcome, now: datetime) -> None:
        """Record the one outcome. Condition: the attempt is still the one, no outcome, not terminal."""

    def end(self, ending: Ending) -> None:
        """The terminal transaction: status, failure or bill, ledger and balance, file hold.

        Condition: not terminal, prepared or not as seen, and, when the row carries no outcome, still none and still the same
        generation.
        """

    def raise_generation(self, seen: Request, now: datetime, forget_attempt: bool = False) -> Request:
        """Allow one more execution. Condition: generation as ``seen``, not terminal.

        ``forget_attempt`` also drops the attempt and its lease: whoever holds them has lost the request.
        """

    def due(self, now: datetime, limit: int) -> Sequence[Request]:
        """Open requests whose next check is due, oldest first."""

    def postpone(self, request_id: str, until: datetime) -> None:
        """Set an open request's next check. Condition: not terminal."""

    def queue_position(self, request: Request, cap: int) -> int | None:
        """How many queued requests are ahead, plus one; None beyond ``cap``."""

    def add_log(self, request_id: str, line: LogLine, expires_at: datetime) -> None:
        """Append a log line."""

    def logs(self, request_id: str, limit: int) -> Sequence[LogLine]:
        """The newest ``limit`` lines, oldest first."""


class Accounts(Protocol):
    """API keys and their ledger."""

    def get_key(self, key_id: str) -> ApiKey | None:
        """The key, or None."""

    def add_key(self, key: ApiKey, credit: LedgerEntry | None) -> None:
        """Store a new key, with its first credit in the same transaction."""

    def list_keys(self) -> Iterator[ApiKey]:
        """Every key, revoked ones too."""

    def revoke_key(self, key_id: str, at: datetime) -> None:
        """Refuse the key from now on. Condition: it exists and is not revoked."""

    def credit(self, entry: LedgerEntry) -> None:
        """Add an entry and move the balance, in one transaction."""

    def ledger(self, key_id: str) -> Iterator[LedgerEntry]:
        """Every entry of a key, in the order of their ids."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What a HEAD says of an object."""

    size: int
    etag: str


class ObjectStore(Protocol):
    """The bucket."""

    def presign_upload(self, key: str, content_type: str, size: int, expires_in: int) -> str:
        """A PUT URL bound to content type and length."""

    def presign_download(self, key: str, file_name: str, content_type: str, expires_in: int) -> str:
        """A GET URL that names the file."""

    def head(self, key: str) -> StoredObject | None:
        """Size and ETag, or None when there is no such object."""

    def open(self, key: str, etag: str) -> BinaryIO:
        """A seekable reader by ranged GETs, pinned to the ETag.

        Raises:
            InputChanged: the object is another one now.
            InputMissing: the object is gone.
        """

    def download(self, source: Source, destination: Path) -> None:
        """Fetch a whole object, pinned to its ETag; raises like `open`."""

    def upload(self, path: Path, key: str, content_type: str) -> None:
        """Store a file."""

    def upload_stream(self, key: str, content_type: str, chunks: Iterable[bytes], max_bytes: int) -> StoredObject:
        """Store bytes as they come in, holding a few MiB of them at a time; nothing is left behind if ``chunks`` raises.

        Raises:
            FileTooLarge: more than ``max_bytes`` came in.
        """

    def delete(self, key: str) -> None:
        """Delete one object; deleting twice is fine."""

    def delete_prefix(self, prefix: str) -> None:
        """Delete everything below a prefix."""


@dataclass(frozen=True, slots=True)
class RemoteMedia:
    """What the host of a URL says of the file: ``size`` in bytes if it tells, the media type without parameters."""

    size: int | None
    content_type: str | None
    final_url: str


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """The answer to a POST: header names in lower case, at most the first KiB of the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class RemoteStream(Protocol):
    """A download under way: status 200 or 206, header names in lower case."""

    @property
    def status(self) -> int: ...

    @property
    def headers(self) -> Mapping[str, str]: ...

    @property
    def media(self) -> RemoteMedia: ...

    def chunks(self) -> Iterator[bytes]:
        """The body, in pieces of at most 64 KiB.

        Raises:
            AudioFetchFailed: the connection breaks or stalls, or the time is over.
            FileTooLarge: more bytes came in than allowed.
        """


class UrlFetch(Protocol):
    """Visits URLs that callers give, without letting them reach anything but the public internet.

    Every method raises the error of its ``field`` for a URL that is refused, be it given or redirected to.
    """

    def check(self, url: str, field: UrlField) -> None:
        """Refuse a URL whose form or addresses are not allowed, without connecting. A name that does not resolve now passes."""

    def probe(self, url: str, field: UrlField, max_bytes: int) -> RemoteMedia:
        """Look at a file, within 5 seconds, by a GET of its first byte: a URL signed for GET refuses HEAD.

        Raises:
            AudioFetchFailed: the host cannot be reached or does not hand the file out.
            FileTooLarge: it says that the file is larger than ``max_bytes``.
        """

    def open(
        self, url: str, field: UrlField, *, timeout: float, max_bytes: int, headers: Mapping[str, str] | None = None
    ) -> AbstractContextManager[RemoteStream]:
        """GET a file; ``timeout`` seconds bound the whole visit, redirects and body included. Raises like `probe`.

        ``headers`` are sent to every host on the way, so they must hold nothing secret.
        """

    def post(self, url: str, field: UrlField, body: bytes, headers: Mapping[str, str], timeout: float) -> HttpAnswer:
        """POST, within ``timeout`` seconds; a redirect is an answer like any other and not followed.

        Raises:
            RemoteFailed: the host cannot be reached or does not answer.
        """


class ExecutionState(Enum):
    """The state of one execution."""

    ABSENT = auto()
    """It was never started."""
    RUNNING = auto()
    ENDED = auto()
    """It succeeded, failed, timed out or was stopped: its name cannot be used again."""


class Executions(Protocol):
    """The state machine."""

    def start(self, request: Request) -> None:
        """Start the execution of this generation; one that exists already counts as started."""

    def state(self, request: Request) -> ExecutionState:
        """What became of the execution of this generation."""

    def stop(self, request: Request) -> None:
        """Stop the execution of this generation; one that is over or never was is fine."""


class RateLimiter(Protocol):
    """Token buckets, one per key."""

    def take(self, key_id: str, now: datetime) -> Allowance:
        """Take one token, if there is one."""


class MediaProbe(Protocol):
    """Looks into a container."""

    def __call__(self, reader: BinaryIO) -> MediaInfo:
        """What the bytes are.

        Raises:
            MediaUnreadable: not audio or video that can be decoded.
        """


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

    def receive_many(self, most: int, wait_seconds: int) -> Sequence[WorkMessage]:
        """At most ``most`` messages (ten, at the most) that wait; none when none has come within ``wait_seconds``."""

    def extend(self, message: WorkMessage, seconds: int) -> None:
        """Hide the message for ``seconds`` from now; 0 gives it back at once."""

    def delete(self, message: WorkMessage) -> None:
        """Done with it."""

    def wake(self, message: WorkMessage) -> bool:
        """Tell the execution to go on; False when nobody waits for the token any more."""
