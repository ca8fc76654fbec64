"""A whole Riata on fakes: the real use cases, wired by the real `riata.bootstrap.App`."""

from typing import Any

from riata.bootstrap import App
from riata.domain.accounts import ALL_SCOPES, ApiKey, Principal, Scope
from riata.domain.files import File
from riata.domain.options import SeparationOptions
from riata.domain.rate_limit import RateLimit
from riata.domain.requests import Manifest, OutputObject, Request
from riata.usecases.submit import Submission
from riata.usecases.work import Attempt, Claimed
from tests.fakes.accounts import FakeAccounts
from tests.fakes.clock import ManualClock
from tests.fakes.executions import FakeExecutions
from tests.fakes.files import FakeFiles
from tests.fakes.objects import FakeObjects
from tests.fakes.probe import FakeProbe
from tests.fakes.queue import FakeWorkQueue
from tests.fakes.rate import FakeRateLimiter
from tests.fakes.requests import FakeRequests
from tests.fakes.webhooks import FakeDeliveries, FakeDeliveryQueue, FakeReceiver, FakeSecretBox

BASE_URL = "https://api.riata.test"


class World:
    """The fakes, the app that runs on them, and what tests do again and again."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.accounts = FakeAccounts()
        self.files = FakeFiles()
        self.deliveries = FakeDeliveries()
        self.requests = FakeRequests(self.accounts, self.files, self.deliveries)
        self.objects = FakeObjects()
        self.executions = FakeExecutions()
        self.queue = FakeWorkQueue(self.clock)
        self.probe = FakeProbe()
        app = App(clock=self.clock)
        app.accounts, app.files, app.requests = self.accounts, self.files, self.requests
        app.objects, app.executions, app.work_queue = self.objects, self.executions, self.queue
        app.media_probe, app.secret = self.probe, b"a secret of tests"
        self.delivery_queue, self.receiver = FakeDeliveryQueue(self.clock), FakeReceiver(self.clock)
        app.deliveries, app.delivery_queue = self.deliveries, self.delivery_queue
        app.fetch, app.secret_box = self.receiver, FakeSecretBox()
        app.rate_limiter = FakeRateLimiter(RateLimit(per_second=10, burst=20))
        self.app = app

    def key(
        self, tenant: str = "ada", scopes: frozenset[Scope] = ALL_SCOPES, credits: int | None = None
    ) -> tuple[str, Principal]:
        """A new key's text, and the principal it stands for."""
        text, key = self.app.manage_keys.create_key(tenant, scopes, credits)
        return text, principal_of(key)

    def pending(self, principal: Principal, content_type: str = "audio/wav", size: int = 1000) -> File:
        """A file that is created and not uploaded."""
        file, _url = self.app.create_file(principal, "song.wav", content_type, size)
        return file

    def upload(self, file: File, content: bytes = b"audio 12.5") -> str:
        """The client's PUT, before anybody has looked; returns the ETag."""
        return self.objects.put(file.object_key, content, file.content_type)

    def uploaded(self, principal: Principal, content: bytes = b"audio 12.5") -> File:
        """A file whose bytes are there."""
        file = self.pending(principal)
        self.upload(file, content)
        return file

    def submit(self, principal: Principal, file: File | None = None, metadata: str | None = None) -> Request:
        """A queued request for the piano in a file of 12.5 s."""
        file = file or self.uploaded(principal)
        return self.app.submit(principal, submission_of(file.file_id, metadata=metadata))

    def claim(self, request: Request) -> Attempt:
        """A worker's claim, which must succeed."""
        claimed = self.app.claim(request.request_id, request.generation)
        assert isinstance(claimed, Claimed), claimed
        return Attempt(self.requests, self.clock, claimed.request, claimed.attempt_id)

    def completed(self, principal: Principal, duration: float = 12.5, video: bool = False) -> Request:
        """A request that went all the way."""
        request = self.submit(principal)
        attempt = self.claim(request)
        attempt.record(manifest_of(attempt, duration, video))
        ended = self.app.finish(request.request_id, request.generation)
        assert ended is not None
        return ended

    def row(self, request: Request) -> Request:
        """The request as it is stored now."""
        return self.requests.rows[request.request_id]

    def balance(self, principal: Principal) -> int:
        """Audio seconds left."""
        return self.accounts.keys[principal.key_id].balance


def principal_of(key: ApiKey) -> Principal:
    """Who calls with the key."""
    return Principal(key.key_id, key.tenant, key.scopes, key.metered)


def submission_of(file_id: str, **values: Any) -> Submission:
    """What a caller submits who wants the piano."""
    return Submission(SeparationOptions(prompt="the piano"), BASE_URL, file_id=file_id, **values)


def manifest_of(attempt: Attempt, duration: float = 12.5, video: bool = False) -> Manifest:
    """What a worker would record, under the attempt's own prefix."""
    prefix = attempt.request.output_prefix(attempt.attempt_id)
    target, residual = (
        OutputObject(f"{prefix}{stem}.wav", "audio/wav", f"{stem}.wav", f"{prefix}{stem}.mp4" if video else None)
        for stem in ("target", "residual")
    )
    return Manifest(target, residual, duration, 44_100, {"backend": "fake"})
