"""Deletion: at once when a caller asks for it, and at the end of the retention. Media goes, the row stays a while as a tombstone.

Both are the same mechanism: a row's next sweep is the moment its media goes. Asking for deletion moves that moment to now, so that
a process that dies between the tombstone and the deletion leaves work for the sweeper and nothing else.
"""

from dataclasses import dataclass
from datetime import timedelta

from riata.domain.accounts import Principal
from riata.domain.requests import fetched_key
from riata.errors import ConditionFailed, FileInUse, NotFound, RequestAlreadyEnded
from riata.ports import Clock, Files, ObjectStore, Requests
from riata.usecases.cancel import CancelRequest
from riata.usecases.progress import own_request

BATCH = 100

LATECOMERS = timedelta(minutes=20)
"""How long after a request was deleted a fetch or a worker that has not noticed, or died over it, may still have stored media."""


@dataclass(frozen=True)
class DeleteFile:
    """DELETE /v1/files/{file_id}."""

    files: Files
    dispose: "Dispose"
    clock: Clock

    def __call__(self, principal: Principal, file_id: str) -> None:
        """The media is gone when this returns.

        Raises:
            NotFound: no such file.
            FileInUse: a request that has not ended needs it.
        """
        file = self.files.get(file_id)
        if file is None or file.tenant != principal.tenant or file.deleted_at is not None:
            raise NotFound(f"There is no file {file_id!r}.")
        try:
            self.files.mark_deleted(file_id, self.clock())
        except ConditionFailed:
            again = self.files.get(file_id)
            if again is None or again.deleted_at is not None:
                return
            raise FileInUse("A request that has not ended needs this file. Cancel the request, or wait.") from None
        self.dispose.file(file_id)


@dataclass(frozen=True)
class DeleteRequest:
    """DELETE /v1/queue/requests/{request_id}."""

    requests: Requests
    cancel: CancelRequest
    dispose: "Dispose"
    clock: Clock

    def __call__(self, principal: Principal, request_id: str) -> None:
        """The outputs are gone when this returns; a request that has not ended is cancelled first.

        Raises:
            NotFound: no such request.
        """
        request = own_request(self.requests, principal, request_id)
        if not request.status.is_terminal:
            try:
                self.cancel(principal, request_id)
            except RequestAlreadyEnded:
                own_request(self.requests, principal, request_id)
        try:
            self.requests.mark_deleted(request_id, self.clock())
        except ConditionFailed:
            return
        self.dispose.request(request_id)


@dataclass(frozen=True)
class Dispose:
    """Remove media whose time has come."""

    files: Files
    requests: Requests
    objects: ObjectStore
    clock: Clock

    def __call__(self) -> int:
        """One sweep; returns how many files and requests lost their media."""
        now = self.clock()
        files = self.files.due_for_disposal(now, BATCH)
        requests = self.requests.due_for_disposal(now, BATCH)
        for file_id in files:
            self.file(file_id)
        for request_id in requests:
            self.request(request_id)
        return len(files) + len(requests)

    def file(self, file_id: str) -> None:
        """Remove an upload, unless a request still needs it: then the sweeper comes again."""
        file = self.files.get(file_id)
        if file is None or file.open_requests:
            return
        self.objects.delete(file.object_key)
        self.files.disposed(file_id)

    def request(self, request_id: str) -> None:
        """Remove every attempt's outputs, and the copy of a URL; of a request that was just deleted, the sweeper comes again."""
        self.objects.delete_prefix(f"outputs/{request_id}/")
        self.objects.delete(fetched_key(request_id))
        request = self.requests.get(request_id)
        last = request.deleted_at + LATECOMERS if request is not None and request.deleted_at is not None else None
        self.requests.disposed(request_id, again=last if last is not None and self.clock() < last else None)
