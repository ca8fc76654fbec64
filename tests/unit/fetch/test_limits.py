"""What a hostile host may send, how much and how slowly."""

import gzip
import threading
from collections.abc import Callable, Iterator
from itertools import repeat

import pytest

from riata.adapters.http_fetch import HttpFetch
from riata.domain.urls import AUDIO_URL
from riata.errors import AudioFetchFailed, FileTooLarge
from tests.unit.fetch.internet import MUSIC, Call, Internet, pieces

URL = f"https://{MUSIC}/a.wav"
LIMIT = 100_000
PATIENCE = 0.6
"""Seconds the client is given; the slow hosts below would be done after 4, each pause being far shorter."""


@pytest.fixture
def drip(internet: Internet) -> Iterator[Callable[[Call, bytes], None]]:
    """Sends a text in 40 small pieces over 4 seconds."""
    over = threading.Event()

    def send(call: Call, text: bytes) -> None:
        step = -(-len(text) // 40)
        pieces(call, (text[i : i + step] for i in range(0, len(text), step)), over, 0.1)

    yield send
    over.set()


def download(fetch: HttpFetch, timeout: float = 10) -> bytes:
    with fetch.open(URL, AUDIO_URL, timeout=timeout, max_bytes=LIMIT) as stream:
        return b"".join(stream.chunks())


def raw(text: bytes) -> Callable[[Call], None]:
    return lambda call: call.connection.sendall(text)


def test_a_declared_size_above_the_limit_is_refused_before_the_body(internet: Internet) -> None:
    internet.host(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100001\r\n\r\n"))
    with (
        pytest.raises(FileTooLarge) as refused,
        internet.fetch().open(URL, AUDIO_URL, timeout=10, max_bytes=LIMIT),
    ):
        pytest.fail("the body was offered")
    assert (refused.value.status, refused.value.param) == (413, "input.audio_url")


@pytest.mark.parametrize(
    "head",
    [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"HTTP/1.0 200 OK\r\n\r\n"],
    ids=["until close", "chunked", "HTTP/1.0"],
)
def test_an_endless_body_is_cut_at_the_limit(head: bytes, internet: Internet) -> None:
    piece = b"2000\r\n" + bytes(0x2000) + b"\r\n" if b"chunked" in head else bytes(0x2000)

    def script(call: Call) -> None:
        call.connection.sendall(head)
        for part in repeat(piece):
            call.connection.sendall(part)

    internet.host(script)
    handed_out: list[int] = []
    with internet.fetch().open(URL, AUDIO_URL, timeout=10, max_bytes=LIMIT) as stream, pytest.raises(FileTooLarge):
        handed_out.extend(map(len, stream.chunks()))
    assert sum(handed_out) <= LIMIT


def test_a_body_of_exactly_the_limit_passes(internet: Internet) -> None:
    internet.host(lambda call: call.answer(200, {"Content-Length": str(LIMIT)}, bytes(LIMIT)))
    assert len(download(internet.fetch())) == LIMIT


def test_a_body_shorter_than_declared_is_a_failure(internet: Internet) -> None:
    internet.host(lambda call: call.answer(200, {"Content-Length": "5000"}, bytes(4999)))
    with pytest.raises(AudioFetchFailed, match="ended the response early"):
        download(internet.fetch())


def test_what_follows_the_declared_length_is_ignored(internet: Internet) -> None:
    internet.host(lambda call: call.answer(200, {"Content-Length": "5"}, b"soundHTTP/1.1 200 OK\r\n\r\n"))
    assert download(internet.fetch()) == b"sound"


@pytest.mark.parametrize(
    "response",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nsound",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nsound",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0x5\r\n\r\nsound",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nsound\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nsound",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nsound\r\n",
        b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)
def test_what_is_not_a_whole_http_response_is_a_failure(response: bytes, internet: Internet) -> None:
    internet.host(raw(response))
    with pytest.raises(AudioFetchFailed):
        download(internet.fetch())


@pytest.mark.parametrize(
    "flood",
    [b"X-Fill: " + b"a" * 1000 + b"\r\n", b"a", b"HTTP/1.1 102 Processing\r\n\r\n"],
    ids=["many headers", "one header", "informational responses"],
)
def test_endless_headers_are_cut(flood: bytes, internet: Internet) -> None:
    sent = 0

    def script(call: Call) -> None:
        nonlocal sent
        call.connection.sendall(b"" if flood.startswith(b"HTTP") else b"HTTP/1.1 200 OK\r\nX: ")
        for part in repeat(flood * (10_000 // len(flood)), 3000):
            call.connection.sendall(part)
            sent += len(part)
        call.connection.sendall(b"\r\n\r\n")

    internet.host(script)
    with pytest.raises(AudioFetchFailed, match=r"headers|rules of HTTP"):
        download(internet.fetch())
    assert sent < 15_000_000


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate, gzip", "zstd"])
def test_a_compressed_body_is_refused_unread(encoding: str, internet: Internet) -> None:
    bomb = gzip.compress(bytes(50_000_000), compresslevel=1)
    internet.host(lambda call: call.answer(200, {"Content-Encoding": encoding, "Content-Length": "9000"}, bomb))
    with pytest.raises(AudioFetchFailed, match="compressed"):
        download(internet.fetch())


def test_gzip_that_is_the_file_itself_is_passed_on_as_it_is(internet: Internet) -> None:
    bomb = gzip.compress(bytes(1_000_000))
    internet.host(lambda call: call.answer(200, {"Content-Type": "application/gzip"}, bomb))
    assert download(internet.fetch()) == bomb


@pytest.mark.parametrize("status", [204, 304, 400, 401, 403, 404, 410, 416, 429, 500, 503])
def test_any_status_but_success_is_a_failure(status: int, internet: Internet) -> None:
    internet.host(lambda call: call.answer(status))
    with pytest.raises(AudioFetchFailed, match=f"status {status}"):
        download(internet.fetch())


def test_a_host_that_drips_its_headers_is_left_at_the_deadline(
    internet: Internet, drip: Callable[[Call, bytes], None]
) -> None:
    internet.host(lambda call: drip(call, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: " + b"a" * 400 + b"\r\n\r\nsound"))
    with pytest.raises(AudioFetchFailed, match="took too long"):
        download(internet.fetch(), PATIENCE)


def test_a_host_that_drips_its_body_is_left_at_the_deadline(
    internet: Internet, drip: Callable[[Call, bytes], None]
) -> None:
    def script(call: Call) -> None:
        call.answer(200, {"Content-Length": "400"})
        drip(call, bytes(400))

    internet.host(script)
    with pytest.raises(AudioFetchFailed, match="took too long"):
        download(internet.fetch(), PATIENCE)


def test_a_host_that_says_nothing_is_left_at_the_deadline(internet: Internet) -> None:
    over = threading.Event()
    internet.host(lambda call: over.wait(10) and None)
    with pytest.raises(AudioFetchFailed, match="took too long"):
        download(internet.fetch(), PATIENCE)
    over.set()


def test_redirects_share_one_deadline(internet: Internet) -> None:
    over = threading.Event()

    def script(call: Call) -> None:
        over.wait(0.25)
        call.answer(302, {"Location": URL})

    internet.host(script)
    with pytest.raises(AudioFetchFailed, match="took too long"):
        download(internet.fetch(), PATIENCE)
