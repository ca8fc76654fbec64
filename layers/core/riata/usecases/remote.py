"""``audio_url``: fetch a copy, look into it, reserve its seconds. Both steps may run twice; either may end the request."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from riata.domain.media import MAX_DURATION_SECONDS, MAX_FILE_BYTES
from riata.domain.money import billable_seconds, reserve
from riata.domain.requests import Failure, LogLine, Request
from riata.domain.urls import AUDIO_URL
from riata.errors import (
    AudioFetchFailed,
    ConditionFailed,
    FileTooLarge,
    InputChanged,
    InputMissing,
    InsufficientCredits,
    InvalidAudioUrl,
    MediaTooLong,
    MediaUnreadable,
)
from riata.ports import Clock, MediaProbe, ObjectStore, Requests, StoredObject, UrlFetch
from riata.usecases.finish import FinishRequest

FETCH_SECONDS = 240.0
"""The longest one download may take."""

_PAUSES = (1.0, 4.0)
"""Seconds before the second and the third try of a host that fails."""


@dataclass(frozen=True)
class FetchSource:
    """Copy what a URL has into the bucket."""

    requests: Requests
    objects: ObjectStore
    fetch: UrlFetch
    finish: FinishRequest
    clock: Clock
    sleep: Callable[[float], None] = time.sleep

    def __call__(self, request_id: str, generation: int) -> bool:
        """Whether the request goes on; False when it ended, here or before."""
        request = _open(self.requests.get(request_id), generation)
        if request is None:
            return False
        if request.prepared or request.source.etag or request.source.url is None:
            return True
        self.requests.add_log(request_id, LogLine(self.clock(), "Fetching the audio."), request.delete_after)
        try:
            stored = self._copy(request.source.key, request.source.url, request.source.content_type)
        except (AudioFetchFailed, FileTooLarge, InvalidAudioUrl) as error:
            self.finish(request_id, generation, Failure(error.code, error.message))
            return False
        try:
            self.requests.fetched(request_id, replace(request.source, etag=stored.etag))
        except ConditionFailed:
            return _open(self.requests.get(request_id), generation) is not None
        return True

    def _copy(self, key: str, url: str, content_type: str) -> StoredObject:
        for pause in _PAUSES:
            try:
                return self._copy_once(key, url, content_type)
            except AudioFetchFailed:
                self.sleep(pause)
        return self._copy_once(key, url, content_type)

    def _copy_once(self, key: str, url: str, content_type: str) -> StoredObject:
        with self.fetch.open(url, AUDIO_URL, timeout=FETCH_SECONDS, max_bytes=MAX_FILE_BYTES) as stream:
            return self.objects.upload_stream(key, content_type, stream.chunks(), MAX_FILE_BYTES)


@dataclass(frozen=True)
class PrepareSource:
    """Find out what the copy is, and reserve its seconds."""

    requests: Requests
    objects: ObjectStore
    probe: MediaProbe
    finish: FinishRequest
    clock: Clock

    def __call__(self, request_id: str, generation: int) -> bool:
        """Whether the request goes on; False when it ended, here or before."""
        request = _open(self.requests.get(request_id), generation)
        if request is None:
            return False
        if request.prepared:
            return True
        failure = self._prepare(request)
        if failure is not None:
            self.finish(request_id, generation, failure)
        return failure is None

    def _prepare(self, request: Request) -> Failure | None:
        try:
            with self.objects.open(request.source.key, request.source.etag) as reader:
                media = self.probe(reader)
        except MediaUnreadable as error:
            return Failure(error.code, f"What `audio_url` has cannot be separated: {error.message}")
        except (InputChanged, InputMissing) as error:
            return Failure(error.code, error.message)
        if media.duration > MAX_DURATION_SECONDS:
            return Failure(MediaTooLong.code, f"The audio lasts longer than {MAX_DURATION_SECONDS / 3600:g} hours.")
        entry = None
        if request.metered:
            seconds = billable_seconds(media.duration)
            entry = reserve(request.key_id, request.request_id, seconds, self.clock())
        try:
            self.requests.prepare(request, media.duration, entry)
        except InsufficientCredits as error:
            return Failure(error.code, error.message)
        except ConditionFailed:
            # Prepared by an earlier try whose answer got lost, or ended: the next step sees which.
            return None
        return None


def _open(request: Request | None, generation: int) -> Request | None:
    """The request, if this generation's execution is still the one that carries it."""
    if request is None or request.status.is_terminal or request.generation != generation:
        return None
    return request
