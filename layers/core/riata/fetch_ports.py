"""What the use cases need from the web: URLs that callers give. `riata.adapters.http_fetch` implements it; unit tests use fakes."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from riata.domain.urls import UrlField


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

    status: int
    headers: Mapping[str, str]
    media: RemoteMedia

    def chunks(self) -> Iterator[bytes]:
        """The body, in pieces of at most 64 KiB.

        Raises:
            AudioFetchFailed: the connection breaks or stalls, or the time is over.
            FileTooLarge: more bytes came in than allowed.
        """
        ...


class UrlFetch(Protocol):
    """Visits URLs that callers give, without letting them reach anything but the public internet.

    Every method raises the error of its ``field`` for a URL that is refused, be it given or redirected to.
    """

    def check(self, url: str, field: UrlField) -> None:
        """Refuse a URL whose form or addresses are not allowed, without connecting. A name that does not resolve now passes."""
        ...

    def probe(self, url: str, field: UrlField, max_bytes: int) -> RemoteMedia:
        """Look at a file, within 5 seconds, by a GET of its first byte: a URL signed for GET refuses HEAD.

        Raises:
            AudioFetchFailed: the host cannot be reached or does not hand the file out.
            FileTooLarge: it says that the file is larger than ``max_bytes``.
        """
        ...

    def open(
        self, url: str, field: UrlField, *, timeout: float, max_bytes: int, headers: Mapping[str, str] | None = None
    ) -> AbstractContextManager[RemoteStream]:
        """GET a file; ``timeout`` seconds bound the whole visit, redirects and body included. Raises like `probe`.

        ``headers`` are sent to every host on the way, so they must hold nothing secret.
        """
        ...

    def post(
        self, url: str, field: UrlField, body: bytes, headers: Mapping[str, str], timeout: float
    ) -> HttpAnswer:
        """POST, within ``timeout`` seconds; a redirect is an answer like any other and not followed.

        Raises:
            RemoteFailed: the host cannot be reached or does not answer.
        """
        ...
