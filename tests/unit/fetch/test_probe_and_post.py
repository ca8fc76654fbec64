"""A look at a file before it is fetched, and the POST of a webhook."""

import threading

import pytest

from riata.domain.urls import AUDIO_URL, WEBHOOK_URL
from riata.errors import AudioFetchFailed, FileTooLarge, InvalidWebhookUrl, RemoteFailed
from riata.ports import RemoteMedia
from tests.unit.fetch.internet import MUSIC, MUSIC_ADDRESS, Call, Internet

URL = f"https://{MUSIC}/a.wav"
LIMIT = 500 * 2**20
EVENT = b'{"type":"audio.separation.completed"}'


def test_a_probe_asks_for_one_byte_and_learns_size_and_type(internet: Internet) -> None:
    def script(call: Call) -> None:
        headers = {"Content-Type": "Audio/WAV; rate=48000", "Content-Range": "bytes 0-0/12345", "Content-Length": "1"}
        call.answer(206, headers, b"R")

    host = internet.host(script)
    assert internet.fetch().probe(URL, AUDIO_URL, LIMIT) == RemoteMedia(12345, "audio/wav", URL)
    assert (host.calls[0].method, host.calls[0].headers["range"]) == ("GET", "bytes=0-0")


def test_a_host_that_refuses_head_can_be_probed(internet: Internet) -> None:
    internet.host(lambda call: call.answer(200, {"Content-Length": "7"}) if call.method == "GET" else call.answer(403))
    assert internet.fetch().probe(URL, AUDIO_URL, LIMIT).size == 7


def test_a_host_that_ignores_ranges_is_probed_without_reading_the_file(internet: Internet) -> None:
    hung_up = threading.Event()

    def script(call: Call) -> None:
        call.answer(200, {"Content-Type": "audio/wav", "Content-Length": str(LIMIT)})
        try:
            for _ in range(LIMIT // 2**20):
                call.connection.sendall(bytes(2**20))
        except OSError:
            hung_up.set()

    internet.host(script)
    assert internet.fetch().probe(URL, AUDIO_URL, LIMIT) == RemoteMedia(LIMIT, "audio/wav", URL)
    assert hung_up.wait(10)


@pytest.mark.parametrize("status", [200, 206])
def test_a_probe_of_too_large_a_file_is_refused(status: int, internet: Internet) -> None:
    headers = {"Content-Length": str(LIMIT + 1)} if status == 200 else {"Content-Range": f"bytes 0-0/{LIMIT + 1}"}
    internet.host(lambda call: call.answer(status, headers))
    with pytest.raises(FileTooLarge, match="524,288,000 bytes"):
        internet.fetch().probe(URL, AUDIO_URL, LIMIT)


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (206, {"Content-Range": "bytes 0-0/*", "Content-Length": "1"}),
        (206, {"Content-Range": "bytes 0-0/" + "9" * 40}),
        (206, {"Content-Range": "furlongs 1-2/3"}),
        (206, {}),
        (200, {"Transfer-Encoding": "chunked"}),
        (200, {}),
    ],
)
def test_a_size_that_the_host_does_not_tell_is_unknown(
    status: int, headers: dict[str, str], internet: Internet
) -> None:
    internet.host(lambda call: call.answer(status, headers))
    assert internet.fetch().probe(URL, AUDIO_URL, LIMIT) == RemoteMedia(None, None, URL)


def test_a_probe_tells_where_redirects_ended(internet: Internet) -> None:
    internet.host(lambda call: call.answer(302, {"Location": "https://cdn.example.net/x?sig=2"}))
    internet.host(lambda call: call.answer(200), name="cdn.example.net", address="151.101.1.1")
    assert internet.fetch().probe(URL, AUDIO_URL, LIMIT).final_url == "https://cdn.example.net/x?sig=2"


def test_a_file_that_is_not_there_cannot_be_probed(internet: Internet) -> None:
    internet.host(lambda call: call.answer(404))
    with pytest.raises(AudioFetchFailed, match="status 404"):
        internet.fetch().probe(URL, AUDIO_URL, LIMIT)


def test_a_post_carries_body_and_headers_and_brings_the_answer(internet: Internet) -> None:
    host = internet.host(lambda call: call.answer(503, {"Retry-After": "30"}, b"busy"))
    answer = internet.fetch().post(URL, WEBHOOK_URL, EVENT, {"webhook-id": "msg_1"}, 10)
    assert (answer.status, answer.headers["retry-after"], answer.body) == (503, "30", b"busy")
    (call,) = host.calls
    assert (call.method, call.body, call.headers["webhook-id"], call.headers["content-length"]) == (
        "POST", EVENT, "msg_1", str(len(EVENT)),
    )  # fmt: skip


def test_a_post_does_not_follow_redirects(internet: Internet) -> None:
    internet.host(lambda call: call.answer(307, {"Location": "https://127.0.0.1/"}))
    assert internet.fetch().post(URL, WEBHOOK_URL, EVENT, {}, 10).status == 307
    assert internet.dialled == [(MUSIC_ADDRESS, 443)]


def test_of_a_long_answer_to_a_post_only_the_beginning_is_kept(internet: Internet) -> None:
    internet.host(lambda call: call.answer(200, {}, b"ok" * 50_000))
    assert internet.fetch().post(URL, WEBHOOK_URL, EVENT, {}, 10).body == b"ok" * 512


def test_an_answer_to_a_post_counts_although_its_body_never_ends(internet: Internet) -> None:
    over = threading.Event()

    def script(call: Call) -> None:
        call.answer(200, {"Content-Length": "100"}, b"thanks")
        over.wait(20)

    internet.host(script)
    answer = internet.fetch().post(URL, WEBHOOK_URL, EVENT, {}, 15)
    over.set()
    assert (answer.status, answer.body) == (200, b"thanks")


def test_a_receiver_that_hangs_fails_the_post(internet: Internet) -> None:
    over = threading.Event()
    internet.host(lambda call: over.wait(20) and None)
    with pytest.raises(RemoteFailed, match="took too long"):
        internet.fetch().post(URL, WEBHOOK_URL, EVENT, {}, 0.6)
    over.set()


def test_a_post_to_a_name_that_has_turned_private_is_refused(internet: Internet) -> None:
    internet.name(MUSIC, ["192.168.1.5"])
    with pytest.raises(InvalidWebhookUrl):
        internet.fetch().post(URL, WEBHOOK_URL, EVENT, {}, 10)
    assert internet.dialled == []
