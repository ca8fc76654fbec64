"""One HTTP/1.1 request and its response over one connection, by h11.

Nothing is decompressed, and every wait is bounded by the deadline of the whole visit.
"""

import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import h11

from riata.adapters.http_fetch.connection import STALL_SECONDS
from riata.adapters.http_fetch.deadline import Deadline
from riata.domain.urls import Url
from riata.errors import RemoteFailed

MAX_HEAD_BYTES = 48 * 1024
"""Status line, headers and every informational response before them; also the most of one chunk header or trailer."""

_HEAD_READ = 8 * 1024
_BODY_READ = 64 * 1024

_USUAL_HEADERS = {"user-agent": "Riata", "accept": "*/*", "accept-encoding": "identity", "connection": "close"}


@dataclass(frozen=True, slots=True)
class Head:
    """Status and headers of a response: names in lower case, repeated ones joined by commas."""

    status: int
    headers: Mapping[str, str]


class Exchange:
    """Takes one request, gives one response; `close` ends it wherever it stands."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock = sock
        self._deadline = deadline
        self._received = 0
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_HEAD_BYTES)

    def request(self, method: str, url: Url, headers: Mapping[str, str], body: bytes = b"") -> Head:
        """Send the request and read the response's head.

        Raises:
            RemoteFailed: the connection breaks, stalls, or does not speak HTTP.
        """
        fields = {"host": url.authority, **_USUAL_HEADERS, **{name.lower(): value for name, value in headers.items()}}
        if body:
            fields["content-length"] = str(len(body))
        self._send(h11.Request(method=method, target=url.target, headers=list(fields.items())))
        if body:
            self._send(h11.Data(data=body))
        self._send(h11.EndOfMessage())
        return self._head()

    def chunks(self) -> Iterator[bytes]:
        """The body as it comes in, in pieces of at most 64 KiB; raises like `request`."""
        while not isinstance(event := self._event(_BODY_READ), h11.EndOfMessage):
            if isinstance(event, h11.Data):
                yield bytes(event.data)

    def beginning(self, max_bytes: int, seconds: float) -> bytes:
        """The first bytes of the body; fewer if it breaks off or does not come within ``seconds``, which is no error."""
        begun = bytearray()
        try:
            self._deadline = Deadline(self._deadline.remaining(seconds))
            for chunk in self.chunks():
                begun += chunk
                if len(begun) >= max_bytes:
                    break
        except RemoteFailed:
            pass
        return bytes(begun[:max_bytes])

    def close(self) -> None:
        """Drop the connection, whatever is left unread."""
        self._sock.close()

    def _head(self) -> Head:
        while not isinstance(event := self._event(_HEAD_READ), h11.Response):
            if self._received > MAX_HEAD_BYTES:
                raise RemoteFailed("its host sends too large headers")
        headers: dict[str, str] = {}
        for name, value in event.headers:
            key, text = name.decode("latin-1"), value.decode("latin-1")
            headers[key] = f"{headers[key]}, {text}" if key in headers else text
        return Head(event.status_code, headers)

    def _event(self, read_size: int) -> object:
        try:
            while (event := self._http.next_event()) is h11.NEED_DATA:
                self._sock.settimeout(self._deadline.remaining(STALL_SECONDS))
                data = self._sock.recv(read_size)
                self._received += len(data)
                self._http.receive_data(data)
        except h11.RemoteProtocolError as error:
            raise RemoteFailed("its host broke the rules of HTTP, or ended the response early") from error
        except TimeoutError as error:
            raise RemoteFailed("it took too long") from error
        except OSError as error:
            raise RemoteFailed("the connection to its host broke") from error
        return event

    def _send(self, event: h11.Event) -> None:
        left = memoryview(self._http.send(event) or b"")
        try:
            while left:
                self._sock.settimeout(self._deadline.remaining(STALL_SECONDS))
                left = left[self._sock.send(left) :]
        except TimeoutError as error:
            raise RemoteFailed("it took too long") from error
        except OSError as error:
            raise RemoteFailed("the connection to its host broke") from error
