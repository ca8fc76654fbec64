"""URLs that are refused before anything is connected to."""

import pytest

from riata.adapters.http_fetch.names import to_ascii
from riata.domain.addresses import AddressPolicy
from riata.domain.urls import AUDIO_URL, WEBHOOK_URL, UrlField, parse_url
from riata.errors import InvalidAudioUrl, InvalidWebhookUrl
from tests.unit.fetch.internet import Internet

FORM = {
    "file": "file:///etc/passwd",
    "file with a host": "file://music.example.com/etc/passwd",
    "gopher": "gopher://music.example.com:443/_GET%20/",
    "ftp": "ftp://music.example.com/a.wav",
    "data": "data:audio/wav;base64,AAAA",
    "javascript": "javascript:alert(1)",
    "plain http": "http://music.example.com/a.wav",
    "websocket": "wss://music.example.com/a.wav",
    "wrapped scheme": "url:https://music.example.com/a.wav",
    "object store scheme": "s3://bucket/a.wav",
    "no scheme": "music.example.com/a.wav",
    "scheme-relative": "//music.example.com/a.wav",
    "path only": "/a.wav",
    "empty": "",
    "no authority": "https:music.example.com/a.wav",
    "one slash": "https:/music.example.com/a.wav",
    "three slashes": "https:///music.example.com/a.wav",
    "no host": "https:///a.wav",
    "port without a host": "https://:443/a.wav",
    "user": "https://user@music.example.com/a.wav",
    "user and password": "https://user:secret@music.example.com/a.wav",
    "empty user": "https://@music.example.com/a.wav",
    "a host that is a user": "https://music.example.com@127.0.0.1/a.wav",
    "a host that is a password": "https://music.example.com:443@10.0.0.1/a.wav",
    "two at signs": "https://a@127.0.0.1@music.example.com/a.wav",
    "port 80": "https://music.example.com:80/a.wav",
    "port 8443": "https://music.example.com:8443/a.wav",
    "port 22": "https://music.example.com:22/",
    "port 0": "https://music.example.com:0/a.wav",
    "port 65979, which is 443 in 16 bits": "https://music.example.com:65979/a.wav",
    "negative port": "https://music.example.com:-443/a.wav",
    "signed port": "https://music.example.com:+443/a.wav",
    "empty port": "https://music.example.com:/a.wav",
    "port in other digits": "https://music.example.com:٤٤٣/a.wav",
    "two ports": "https://music.example.com:443:80/a.wav",
    "fragment": "https://music.example.com/a.wav#t=10",
    "fragment that hides a host": "https://music.example.com#@127.0.0.1/a.wav",
    "backslash for a slash": "https://music.example.com\\@127.0.0.1/a.wav",
    "backslashes before the host": "https:\\\\music.example.com/a.wav",
    "tab in the host": "https://music.exam\tple.com/a.wav",
    "newline in the scheme": "ht\ntps://music.example.com/a.wav",
    "header injection": "https://music.example.com/a.wav\r\nX-Evil: 1",
    "leading space": " https://music.example.com/a.wav",
    "space in the path": "https://music.example.com/a b.wav",
    "nul": "https://music.example.com\x00.evil.example/a.wav",
    "lone surrogate": "https://music.example.com/\ud800",
    "line separator": "https://music.example.com/a\u2028.wav",
    "percent-encoded dot": "https://127%2e0.0.1/a.wav",
    "percent-encoded host": "https://%6dusic.example.com/a.wav",
    "percent-encoded at sign": "https://music.example.com%40127.0.0.1/a.wav",
    "bracketed name": "https://[music.example.com]/a.wav",
    "unclosed bracket": "https://[::1/a.wav",
    "too long": "https://music.example.com/" + "a" * 5000,
    "label too long": "https://" + "a" * 64 + ".example.com/",
    "host too long": "https://" + "a." * 130 + "com/",
    "empty label": "https://music..example.com/a.wav",
    "leading dot": "https://.music.example.com/a.wav",
    "trailing dot": "https://music.example.com./a.wav",
    "leading hyphen": "https://-music.example.com/a.wav",
}

ADDRESS = {
    "loopback": "https://127.0.0.1/a.wav",
    "other loopback": "https://127.8.9.10/a.wav",
    "unspecified": "https://0.0.0.0/a.wav",
    "private 10": "https://10.0.0.5/a.wav",
    "private 172": "https://172.16.4.4/a.wav",
    "private 192": "https://192.168.1.1/a.wav",
    "link-local metadata": "https://169.254.169.254/latest/meta-data/",
    "container credentials": "https://169.254.170.2/v2/credentials",
    "carrier-grade NAT": "https://100.64.0.1/a.wav",
    "metadata in carrier-grade NAT": "https://100.100.100.200/latest/meta-data/",
    "cloud host agent": "https://168.63.129.16/metadata",
    "multicast": "https://224.0.0.1/a.wav",
    "broadcast": "https://255.255.255.255/a.wav",
    "benchmarking": "https://198.18.0.1/a.wav",
    "documentation": "https://203.0.113.7/a.wav",
    "loopback on 443": "https://127.0.0.1:443/a.wav",
    "decimal": "https://2130706433/a.wav",
    "decimal metadata": "https://2852039166/latest/meta-data/",
    "octal": "https://0177.0.0.1/a.wav",
    "octal as one number": "https://017700000001/a.wav",
    "hexadecimal": "https://0x7f000001/a.wav",
    "hexadecimal parts": "https://0x7f.0x0.0x0.0x1/a.wav",
    "hexadecimal last part": "https://127.0.0.0x1/a.wav",
    "empty hexadecimal": "https://0x/a.wav",
    "short": "https://127.1/a.wav",
    "three parts": "https://127.0.1/a.wav",
    "zero": "https://0/a.wav",
    "five parts": "https://1.127.0.0.1/a.wav",
    "leading zeros": "https://010.8.8.8/a.wav",
    "more than a byte": "https://256.256.256.256/a.wav",
    "decimal of a public address": "https://134744072/a.wav",
    "other digits": "https://１２７.０.０.１/a.wav",
    "circled digits": "https://①②⑦.⓪.⓪.①/a.wav",
    "ideographic dots": "https://127。0。0。1/a.wav",
    "IPv6 loopback": "https://[::1]/a.wav",
    "IPv6 loopback in full": "https://[0:0:0:0:0:0:0:1]/a.wav",
    "IPv6 unspecified": "https://[::]/a.wav",
    "IPv6 unique local": "https://[fd12:3456::1]/a.wav",
    "IPv6 metadata": "https://[fd00:ec2::254]/latest/meta-data/",
    "IPv6 link-local": "https://[fe80::1]/a.wav",
    "IPv6 with a zone": "https://[fe80::1%25eth0]/a.wav",
    "IPv6 multicast": "https://[ff02::1]/a.wav",
    "IPv6 documentation": "https://[2001:db8::1]/a.wav",
    "mapped": "https://[::ffff:127.0.0.1]/a.wav",
    "mapped in hexadecimal": "https://[::ffff:7f00:1]/a.wav",
    "mapped metadata": "https://[::ffff:a9fe:a9fe]/a.wav",
    "compatible": "https://[::127.0.0.1]/a.wav",
    "NAT64": "https://[64:ff9b::10.0.0.1]/a.wav",
    "local NAT64": "https://[64:ff9b:1::a00:1]/a.wav",
    "6to4": "https://[2002:7f00:1::1]/a.wav",
    "Teredo": "https://[2001:0:7f00:1::1]/a.wav",
    "ISATAP": "https://[2606:4700::5efe:7f00:1]/a.wav",
}

NAME = {
    "localhost": "https://localhost/a.wav",
    "loud localhost": "https://LOCALHOST/a.wav",
    "below localhost": "https://music.localhost/a.wav",
    "single label": "https://metadata/computeMetadata/v1/",
    "metadata by name": "https://metadata.google.internal/computeMetadata/v1/",
    "multicast DNS": "https://printer.local/a.wav",
    "fullwidth letters": "https://ｍusic.example.com/a.wav",
    "fullwidth dot": "https://music．example.com/a.wav",
    "fullwidth slash": "https://music.example.com／.evil.example/a.wav",
    "soft hyphen": "https://mu\u00adsic.example.com/a.wav",
    "zero-width joiner": "https://mu\u200dsic.example.com/a.wav",
    "Kelvin sign": "https://\u212aelvin.example.com/a.wav",
    "script l": "https://\u2113ocalhost/a.wav",
    "ligature": "https://ﬁle.example.com/a.wav",
    "care-of sign that hides a slash": "https://music.example.com℀.evil.example/a.wav",
    "undecomposed look-alike": "https://cafe\u0301.example.com/a.wav",
    "right-to-left override": "https://music\u202egro.example.com/a.wav",
    "dot in the label": "https://music․example.com/a.wav",
}

RESOLVED = {
    "to loopback": ["127.0.0.1"],
    "to a private address": ["10.1.2.3"],
    "to metadata": ["169.254.169.254"],
    "to IPv6 loopback": ["::1"],
    "to a unique local address": ["fd00::7"],
    "to a mapped address": ["::ffff:192.168.0.1"],
    "to NAT64 of a private address": ["64:ff9b::a00:1"],
    "to 6to4": ["2002:a00:1::1"],
    "to an address with a zone": ["fe80::1%2"],
    "to one private address among public ones": ["93.184.215.14", "2606:4700::1", "10.0.0.1"],
    "to what is no address": ["not-an-address"],
}

HOSTILE = {
    f"{what} ({kind})": url
    for kind, urls in (("form", FORM), ("address", ADDRESS), ("name", NAME))
    for what, url in urls.items()
}


@pytest.mark.parametrize("url", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_url_is_refused_without_resolving_or_connecting(url: str, internet: Internet) -> None:
    with pytest.raises(InvalidAudioUrl) as refused:
        internet.fetch().probe(url, AUDIO_URL, 10**9)
    assert refused.value.param == "input.audio_url"
    assert (internet.asked, internet.dialled) == ([], [])


@pytest.mark.parametrize("addresses", RESOLVED.values(), ids=RESOLVED.keys())
def test_a_name_that_leads_inside_is_refused_without_connecting(addresses: list[str], internet: Internet) -> None:
    internet.name("music.example.com", addresses)
    with pytest.raises(InvalidAudioUrl, match="not public"):
        internet.fetch().probe("https://music.example.com/a.wav", AUDIO_URL, 10**9)
    assert internet.dialled == []


def test_a_refusal_names_the_parameter_and_the_error_of_the_field() -> None:
    with pytest.raises(InvalidWebhookUrl) as refused:
        parse_url("http://hooks.example.com/", WEBHOOK_URL, AddressPolicy(), to_ascii)
    assert refused.value.param == "webhookUrl"
    assert refused.value.message == "`webhookUrl` must be a public HTTPS URL: it must begin with `https://`."


def test_a_refusal_does_not_repeat_the_url() -> None:
    with pytest.raises(InvalidAudioUrl) as refused:
        parse_url("https://music.example.com:8443/a.wav?signature=secret", AUDIO_URL, AddressPolicy(), to_ascii)
    assert "secret" not in refused.value.message


@pytest.mark.parametrize(
    ("text", "host", "target"),
    [
        ("https://music.example.com", "music.example.com", "/"),
        ("https://music.example.com:443/a.wav", "music.example.com", "/a.wav"),
        ("HTTPS://Music.EXAMPLE.com/A.wav", "music.example.com", "/A.wav"),
        ("https://music.example.com?list=1", "music.example.com", "/?list=1"),
        ("https://my_bucket.s3.example.com/a%20b.wav?X-Sig=a%2Fb+c", "my_bucket.s3.example.com", "/a%20b.wav?X-Sig=a%2Fb+c"),
        ("https://music.example.com/mañana.wav", "music.example.com", "/ma%C3%B1ana.wav"),
        ("https://bücher.example.com/a.wav", "xn--bcher-kva.example.com", "/a.wav"),
        ("https://xn--bcher-kva.example.com/a.wav", "xn--bcher-kva.example.com", "/a.wav"),
        ("https://8.8.8.8/a.wav", "8.8.8.8", "/a.wav"),
        ("https://[2606:4700:0::1111]/a.wav", "2606:4700::1111", "/a.wav"),
        ("https://4chan.example.com/@user/a.wav", "4chan.example.com", "/@user/a.wav"),
        ("https://1.2.3.4.example.com/a.wav", "1.2.3.4.example.com", "/a.wav"),
    ],
)
def test_a_public_https_url_passes(text: str, host: str, target: str) -> None:
    url = parse_url(text, AUDIO_URL, AddressPolicy(), to_ascii)
    assert (url.scheme, url.host, url.port, url.target) == ("https", host, 443, target)


@pytest.mark.parametrize(
    ("text", "authority"),
    [
        ("http://localhost:8000/a.wav", "localhost:8000"),
        ("http://127.0.0.1/a.wav", "127.0.0.1"),
        ("https://[::1]:8443/a.wav", "[::1]:8443"),
        ("https://nas/a.wav", "nas"),
    ],
)
def test_private_urls_pass_where_they_are_allowed(text: str, authority: str) -> None:
    assert parse_url(text, AUDIO_URL, AddressPolicy(allow_private=True), to_ascii).authority == authority


@pytest.mark.parametrize(
    "text", ["file:///etc/passwd", "http://user@localhost/", "http://2130706433/", "http://localhost:0/", "http://localhost:70000/"]
)
def test_even_then_the_form_is_checked(text: str) -> None:
    with pytest.raises(InvalidAudioUrl):
        parse_url(text, AUDIO_URL, AddressPolicy(allow_private=True), to_ascii)


@pytest.mark.parametrize("field", [AUDIO_URL, WEBHOOK_URL], ids=["audio", "webhook"])
def test_a_check_refuses_private_names_and_connects_to_nothing(field: UrlField, internet: Internet) -> None:
    internet.name("inside.example.com", ["10.0.0.1"])
    internet.name("outside.example.com", ["93.184.215.14"])
    with pytest.raises(field.error):
        internet.fetch().check("https://inside.example.com/", field)
    internet.fetch().check("https://outside.example.com/", field)
    assert internet.dialled == []


def test_a_check_lets_a_name_pass_that_does_not_resolve_now(internet: Internet) -> None:
    internet.fetch().check("https://nowhere.example.com/", WEBHOOK_URL)
    assert internet.asked == ["nowhere.example.com"]
