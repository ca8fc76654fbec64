"""Fetches, probes and posts to URLs that callers give.

A visit resolves the host once, refuses it unless every address is allowed, and connects to one of exactly these addresses; a
redirect starts over. Nothing is read from the environment: no proxies, no ``.netrc``.
"""

import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property

from riata.adapters.http_fetch.connection import Dial, connect, default_tls, tcp_dial
from riata.adapters.http_fetch.deadline import Deadline
from riata.adapters.http_fetch.exchange import Exchange, Head
from riata.adapters.http_fetch.names import Resolve, system_resolve, to_ascii
from riata.domain.addresses import AddressPolicy
from riata.domain.media import normalised_content_type
from riata.domain.urls import Url, UrlField, parse_redirect, parse_url
from riata.errors import AudioFetchFailed, FileTooLarge, RemoteFailed
from riata.ports import HttpAnswer, RemoteMedia

MAX_REDIRECTS = 5
PROBE_SECONDS = 5.0
RESOLVE_SECONDS = 5.0
ANSWER_BODY_BYTES = 1024
ANSWER_BODY_SECONDS = 1.0

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SIZE_OF_RANGE = re.compile(r"bytes (?:[0-9]+-[0-9]+|\*)/([0-9]{1,18})")


class HttpFetch:
    """The client.

    Args:
        policy: Which addresses, schemes and ports are allowed.
        resolve: Turns a host name into its addresses.
        dial: Connects to an address.
        tls: The certificate authorities to trust; None for the system's.
    """

    def __init__(
        self,
        policy: AddressPolicy,
        *,
        resolve: Resolve = system_resolve,
        dial: Dial = tcp_dial,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._policy = policy
        self._resolve = resolve
        self._dial = dial
        self._given_tls = tls

    def check(self, url: str, field: UrlField) -> None:
        """Refuse a URL whose form or addresses are not allowed."""
        parsed = parse_url(url, field, self._policy, to_ascii)
        try:
            self._addresses(parsed, field, Deadline(RESOLVE_SECONDS))
        except RemoteFailed:
            return

    def probe(self, url: str, field: UrlField, max_bytes: int) -> RemoteMedia:
        """Size and type of a file, by a GET of its first byte whose body is not read."""
        with self.open(
            url, field, timeout=PROBE_SECONDS, max_bytes=max_bytes, headers={"range": "bytes=0-0"}
        ) as stream:
            return stream.media

    @contextmanager
    def open(
        self, url: str, field: UrlField, *, timeout: float, max_bytes: int, headers: Mapping[str, str] | None = None
    ) -> Iterator["Download"]:
        """GET a file and stream it."""
        with _as_fetch_failure(field):
            deadline = Deadline(timeout)
            asked = field
            here = parse_url(url, asked, self._policy, to_ascii)
            for _ in range(MAX_REDIRECTS + 1):
                with closing(self._exchange(here, asked, deadline)) as exchange:
                    head = exchange.request("GET", here, headers or {})
                    if head.status not in _REDIRECTS:
                        yield _download(head, here, exchange, field, max_bytes)
                        return
                asked = field.redirected()
                here = parse_redirect(here, _location(head), asked, self._policy, to_ascii)
            raise RemoteFailed(f"it redirects more than {MAX_REDIRECTS} times")

    def post(self, url: str, field: UrlField, body: bytes, headers: Mapping[str, str], timeout: float) -> HttpAnswer:
        """POST and read the beginning of the answer."""
        deadline = Deadline(timeout)
        target = parse_url(url, field, self._policy, to_ascii)
        with closing(self._exchange(target, field, deadline)) as exchange:
            head = exchange.request("POST", target, headers, body)
            return HttpAnswer(head.status, head.headers, exchange.beginning(ANSWER_BODY_BYTES, ANSWER_BODY_SECONDS))

    def _exchange(self, url: Url, field: UrlField, deadline: Deadline) -> Exchange:
        addresses = self._addresses(url, field, deadline)
        return Exchange(connect(url, addresses, self._dial, self._tls, deadline), deadline)

    def _addresses(self, url: Url, field: UrlField, deadline: Deadline) -> list[str]:
        """The addresses of a host, asked for once; what is connected to comes from here alone."""
        if url.is_literal:
            return [url.host]
        addresses = list(self._resolve(url.host, deadline.remaining(RESOLVE_SECONDS)))
        if not addresses:
            raise RemoteFailed("its host name has no address")
        if not all(map(self._policy.allows, addresses)):
            raise field.refusal("its host has an address that is not public")
        return addresses

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return self._given_tls or default_tls()


@dataclass(frozen=True, slots=True)
class Download:
    """`riata.ports.RemoteStream`."""

    status: int
    headers: Mapping[str, str]
    media: RemoteMedia
    _exchange: Exchange
    _field: UrlField
    _max_bytes: int

    def chunks(self) -> Iterator[bytes]:
        """The body, counted."""
        with _as_fetch_failure(self._field):
            received = 0
            for chunk in self._exchange.chunks():
                received += len(chunk)
                if received > self._max_bytes:
                    raise _too_large(self._field, self._max_bytes)
                yield chunk


def _download(head: Head, url: Url, exchange: Exchange, field: UrlField, max_bytes: int) -> Download:
    if head.status not in (200, 206):
        raise RemoteFailed(f"its host answers with status {head.status}")
    # Asked for identity; inflating what comes anyway would let a small body become an endless one.
    if head.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
        raise RemoteFailed("its host sends it compressed, although asked not to")
    size = _size(head)
    if size is not None and size > max_bytes:
        raise _too_large(field, max_bytes)
    content_type = normalised_content_type(head.headers.get("content-type", "")) or None
    return Download(head.status, head.headers, RemoteMedia(size, content_type, str(url)), exchange, field, max_bytes)


def _size(head: Head) -> int | None:
    if head.status == 206:
        whole = _SIZE_OF_RANGE.fullmatch(head.headers.get("content-range", "").strip())
        return int(whole[1]) if whole else None
    # Beside chunked coding a length means nothing; h11 has checked that it is a number.
    if "transfer-encoding" in head.headers or "content-length" not in head.headers:
        return None
    return int(head.headers["content-length"])


def _location(head: Head) -> str:
    location = head.headers.get("location", "")
    if not location.isascii() or not location:
        raise RemoteFailed("it redirects to nowhere")
    return location


def _too_large(field: UrlField, max_bytes: int) -> FileTooLarge:
    return FileTooLarge(f"The file may have at most {max_bytes:,} bytes.", param=field.param)


@contextmanager
def _as_fetch_failure(field: UrlField) -> Iterator[None]:
    try:
        yield
    except RemoteFailed as error:
        raise AudioFetchFailed(f"`{field.param}` cannot be fetched: {error}.", param=field.param) from error
