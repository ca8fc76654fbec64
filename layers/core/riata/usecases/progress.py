"""What a caller sees of a request: status, logs, result, media."""

from collections.abc import Sequence
from dataclasses import dataclass

from riata.delivery_ports import Deliveries
from riata.domain import media_token
from riata.domain.accounts import Principal
from riata.domain.deliveries import Delivery
from riata.domain.requests import MAX_LOG_LINES, LogLine, Manifest, Request, Status
from riata.domain.results import media_urls, outputs_of
from riata.errors import NotFound, RequestFailed, RequestNotCompleted, ResultExpired
from riata.ports import Clock, ObjectStore, Requests

QUEUE_POSITION_CAP = 100
"""Beyond this the position is not shown: it would be counted for nothing."""

DOWNLOAD_URL_SECONDS = 3600


@dataclass(frozen=True)
class Snapshot:
    """A request at one moment; ``logs``, ``queue_position`` and ``delivery`` are None when not asked for or not known."""

    request: Request
    logs: Sequence[LogLine] | None
    queue_position: int | None
    delivery: Delivery | None = None


@dataclass(frozen=True)
class ReadStatus:
    """GET …/status, and each look of …/status/stream."""

    requests: Requests
    deliveries: Deliveries

    def __call__(self, principal: Principal, request_id: str, with_logs: bool) -> Snapshot:
        """The caller's own request; somebody else's does not exist.

        Raises:
            NotFound: no such request.
        """
        request = own_request(self.requests, principal, request_id)
        logs = self.requests.logs(request_id, MAX_LOG_LINES) if with_logs else None
        position = None
        if request.status is Status.IN_QUEUE:
            position = self.requests.queue_position(request, QUEUE_POSITION_CAP)
        return Snapshot(request, logs, position, delivery_of(self.deliveries, request))


@dataclass(frozen=True)
class ListRequests:
    """GET /v1/queue/requests."""

    requests: Requests

    def __call__(self, principal: Principal, limit: int, after: str | None) -> tuple[Sequence[Request], str | None]:
        """One page from newest to oldest, and the id to go on after, None on the last page.

        Raises:
            NotFound: ``after`` is not a request of the caller.
        """
        before = own_request(self.requests, principal, after) if after else None
        found = self.requests.newest(principal.tenant, before, limit + 1)
        return found[:limit], found[limit - 1].request_id if len(found) > limit else None


@dataclass(frozen=True)
class Result:
    """A completed request's outputs; ``urls`` has one key per output, see `outputs_of`."""

    request: Request
    manifest: Manifest
    urls: dict[str, str]
    delivery: Delivery | None = None


@dataclass(frozen=True)
class ReadResult:
    """GET …/result."""

    requests: Requests
    deliveries: Deliveries
    clock: Clock
    media_key: bytes

    def __call__(self, principal: Principal, request_id: str) -> Result:
        """The outputs, with URLs that are valid until the request's ``delete_after``.

        Raises:
            NotFound: no such request.
            RequestNotCompleted: still queued or running.
            RequestFailed: it failed; carries its error.
            ResultExpired: the outputs are deleted.
        """
        request = own_request(self.requests, principal, request_id)
        if request.failure is not None:
            raise RequestFailed(request.failure.code, request.failure.message)
        if request.status is not Status.COMPLETED or not isinstance(request.outcome, Manifest):
            raise RequestNotCompleted(f"The request is {request.status}. Wait until its status is COMPLETED.")
        if self.clock() >= request.delete_after:
            raise ResultExpired("The outputs of this request were deleted at the end of their retention.")
        urls = media_urls(request, request.outcome, self.media_key)
        return Result(request, request.outcome, urls, delivery_of(self.deliveries, request))


@dataclass(frozen=True)
class OpenMedia:
    """GET /v1/media/{token}: the token is the permission."""

    requests: Requests
    objects: ObjectStore
    clock: Clock
    media_key: bytes

    def __call__(self, token: str) -> str:
        """A fresh presigned URL of the output.

        Raises:
            NotFound: the token is not ours.
            ResultExpired: its time is over.
        """
        grant = media_token.verify(token, self.media_key)
        if grant is None:
            raise NotFound("There is no such media. Take the URL from the request's result.")
        now = self.clock()
        request = self.requests.get(grant.request_id)
        if (
            now >= grant.expires_at
            or request is None
            or request.deleted_at is not None
            or not isinstance(request.outcome, Manifest)
        ):
            raise ResultExpired("The outputs of this request were deleted at the end of their retention.")
        key, output = outputs_of(request.outcome)[grant.output]
        name, content_type = output.file_name, output.content_type
        if key == output.video_key:
            name, content_type = f"{name.rsplit('.', 1)[0]}.mp4", "video/mp4"
        seconds = min(DOWNLOAD_URL_SECONDS, max(1, int((grant.expires_at - now).total_seconds())))
        return self.objects.presign_download(key, name, content_type, seconds)


def own_request(requests: Requests, principal: Principal, request_id: str) -> Request:
    """The caller's request.

    Raises:
        NotFound: no such request, or somebody else's.
    """
    request = requests.get(request_id)
    if request is None or request.tenant != principal.tenant or request.deleted_at is not None:
        raise NotFound(f"There is no request {request_id!r}.")
    return request


def delivery_of(deliveries: Deliveries, request: Request) -> Delivery | None:
    """The delivery of an ended request's event, if it has a webhook."""
    return deliveries.get(request.request_id) if request.webhook is not None and request.status.is_terminal else None
