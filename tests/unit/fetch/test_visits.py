"""Whom the client connects to, as which host, and where redirects may lead."""

import ssl

import pytest

from riata.adapters.http_fetch import HttpFetch
from riata.domain.addresses import AddressPolicy
from riata.domain.urls import AUDIO_URL
from riata.errors import AudioFetchFailed, InvalidAudioUrl
from tests.unit.fetch.internet import MUSIC, MUSIC_ADDRESS, Call, Host, Internet, Script

URL = f"https://{MUSIC}/a.wav?sig=1"
LIMIT = 10**6


def serve(body: bytes) -> Script:
    return lambda call: call.answer(200, {"Content-Type": "audio/wav", "Content-Length": str(len(body))}, body)


def redirect(location: str, status: int = 302) -> Script:
    return lambda call: call.answer(status, {"Location": location, "Content-Length": "0"})


def download(fetch: HttpFetch, url: str = URL) -> bytes:
    with fetch.open(url, AUDIO_URL, timeout=10, max_bytes=LIMIT) as stream:
        return b"".join(stream.chunks())


def test_a_file_is_fetched_from_the_pinned_address_under_the_hosts_own_name(internet: Internet) -> None:
    host = internet.host(serve(b"sound"))
    assert download(internet.fetch()) == b"sound"
    (call,) = host.calls
    assert (call.method, call.target, call.headers["host"], call.server_name) == ("GET", "/a.wav?sig=1", MUSIC, MUSIC)
    assert call.headers["accept-encoding"] == "identity"
    assert internet.dialled == [(MUSIC_ADDRESS, 443)]


def test_a_name_is_resolved_once_so_that_a_second_private_answer_is_never_seen(internet: Internet) -> None:
    internet.host(serve(b"sound"))
    internet.name(MUSIC, [MUSIC_ADDRESS], ["127.0.0.1"])
    assert download(internet.fetch()) == b"sound"
    assert internet.asked == [MUSIC]
    assert internet.names[MUSIC] == [["127.0.0.1"]]


def test_a_name_that_turns_private_between_probe_and_download_is_refused(internet: Internet) -> None:
    internet.host(serve(b"sound"))
    internet.name(MUSIC, [MUSIC_ADDRESS], ["127.0.0.1"])
    fetch = internet.fetch()
    fetch.probe(URL, AUDIO_URL, LIMIT)
    with pytest.raises(InvalidAudioUrl):
        download(fetch)
    assert internet.dialled == [(MUSIC_ADDRESS, 443)]


def test_the_next_address_is_tried_when_one_does_not_answer(internet: Internet) -> None:
    internet.host(serve(b"sound"))
    internet.name(MUSIC, ["2606:4700::9", MUSIC_ADDRESS])
    assert download(internet.fetch()) == b"sound"
    assert internet.dialled == [("2606:4700::9", 443), (MUSIC_ADDRESS, 443)]


def test_a_host_that_accepts_no_connection_cannot_be_fetched_from(internet: Internet) -> None:
    internet.name(MUSIC, [MUSIC_ADDRESS])
    with pytest.raises(AudioFetchFailed, match="does not accept connections"):
        download(internet.fetch())


def test_a_name_that_does_not_resolve_cannot_be_fetched_from(internet: Internet) -> None:
    with pytest.raises(AudioFetchFailed, match="cannot be resolved") as failed:
        download(internet.fetch())
    assert (failed.value.status, failed.value.code, failed.value.param) == (502, "AUDIO_FETCH_FAILED", "input.audio_url")


def test_a_certificate_for_another_host_is_refused(internet: Internet) -> None:
    host = internet.host(serve(b"sound"), certified_for="other.example.com")
    with pytest.raises(AudioFetchFailed, match="certificate is not valid"):
        download(internet.fetch())
    assert host.calls == []


def test_a_certificate_of_an_unknown_authority_is_refused(internet: Internet) -> None:
    host = internet.host(serve(b"sound"))
    stranger = HttpFetch(AddressPolicy(), resolve=internet.resolve, dial=internet.dial, tls=ssl.create_default_context())
    with pytest.raises(AudioFetchFailed, match="certificate is not valid"):
        download(stranger)
    assert host.calls == []


def test_an_ip_address_needs_a_certificate_for_itself(internet: Internet) -> None:
    internet.host(serve(b"sound"), name=MUSIC_ADDRESS)
    assert download(internet.fetch(), f"https://{MUSIC_ADDRESS}/a.wav") == b"sound"
    assert internet.asked == []


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
def test_a_proxy_in_the_environment_is_not_used(
    variable: str, internet: Internet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "http://127.0.0.1:9")
    internet.host(serve(b"sound"))
    assert download(internet.fetch()) == b"sound"
    assert internet.dialled == [(MUSIC_ADDRESS, 443)]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_public_host_is_followed(status: int, internet: Internet) -> None:
    internet.host(redirect("https://cdn.example.net/b.wav#t=1", status))
    cdn = internet.host(serve(b"sound"), name="cdn.example.net", address="151.101.1.1")
    assert download(internet.fetch()) == b"sound"
    assert (cdn.calls[0].target, cdn.calls[0].headers["host"]) == ("/b.wav", "cdn.example.net")
    assert internet.asked == [MUSIC, "cdn.example.net"]


def test_a_relative_redirect_stays_on_the_host_and_is_resolved_again(internet: Internet) -> None:
    def script(call: Call) -> None:
        (serve(b"sound") if call.target == "/real.wav" else redirect("real.wav"))(call)

    internet.host(script)
    assert download(internet.fetch()) == b"sound"
    assert internet.asked == [MUSIC, MUSIC]


def test_a_redirect_whose_name_has_turned_private_is_refused(internet: Internet) -> None:
    internet.host(redirect("/again.wav"))
    internet.name(MUSIC, [MUSIC_ADDRESS], ["10.0.0.1"])
    with pytest.raises(InvalidAudioUrl, match="must not redirect"):
        download(internet.fetch())
    assert internet.dialled == [(MUSIC_ADDRESS, 443)]


@pytest.mark.parametrize(
    "location",
    [
        "https://127.0.0.1/a.wav",
        "https://[::ffff:169.254.169.254]/latest/meta-data/",
        "https://2852039166/latest/meta-data/",
        "https://inside.example.com/a.wav",
        "https://localhost/a.wav",
        "http://music.example.com/a.wav",
        "https://music.example.com:8443/a.wav",
        "https://user:secret@music.example.com/a.wav",
        "//10.0.0.1/a.wav",
        "//music.example.com\\@127.0.0.1/a.wav",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_FLUSHALL",
        "https://[::1",
    ],
)
def test_a_redirect_is_checked_like_the_url_itself(location: str, internet: Internet) -> None:
    internet.host(redirect(location))
    internet.name("inside.example.com", ["10.0.0.1"])
    with pytest.raises(InvalidAudioUrl, match="must not redirect"):
        download(internet.fetch())
    assert internet.dialled == [(MUSIC_ADDRESS, 443)]


def test_a_loop_of_redirects_ends(internet: Internet) -> None:
    host = internet.host(redirect(URL))
    with pytest.raises(AudioFetchFailed, match="redirects more than 5 times"):
        download(internet.fetch())
    assert len(host.calls) == 6


@pytest.mark.parametrize("headers", [{}, {"Location": ""}, {"Location": "https://müsic.example.com/"}])
def test_a_redirect_to_nowhere_fails(headers: dict[str, str], internet: Internet) -> None:
    internet.host(lambda call: call.answer(302, headers))
    with pytest.raises(AudioFetchFailed, match="redirects to nowhere"):
        download(internet.fetch())


def test_private_hosts_and_ports_are_visited_where_they_are_allowed(internet: Internet) -> None:
    host = internet.host(serve(b"sound"), name="localhost")
    url = f"https://localhost:{host.port}/a.wav"

    def fetch(policy: AddressPolicy) -> HttpFetch:
        return HttpFetch(policy, resolve=lambda name, timeout: ["127.0.0.1"], tls=internet.trust())

    assert download(fetch(AddressPolicy(allow_private=True)), url) == b"sound"
    assert host.calls[0].headers["host"] == f"localhost:{host.port}"
    with pytest.raises(InvalidAudioUrl):
        download(fetch(AddressPolicy()), url)


def test_plain_http_is_spoken_where_private_urls_are_allowed() -> None:
    host = Host(serve(b"sound"), certificate=None)
    local = HttpFetch(AddressPolicy(allow_private=True))
    assert download(local, f"http://127.0.0.1:{host.port}/a.wav") == b"sound"
    host.close()
