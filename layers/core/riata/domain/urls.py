"""What a URL that the service visits for a caller may look like.

The rules are narrower than RFC 3986, so that no two parsers can disagree about the host: no characters that parsers strip or turn,
no user, no fragment, one way to write an IPv4 address. A host outside ASCII passes only if strict IDNA 2008 takes it as it stands,
without mapping: then nothing in it stands for another host. An ASCII host, its ``xn--`` labels included, is used as written.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote, urljoin, urlsplit

from riata.domain.addresses import AddressPolicy
from riata.errors import InvalidAudioUrl, InvalidRequest, InvalidWebhookUrl

MAX_URL_LENGTH = 4096
"""Characters; URLs presigned with a session token run to about 2,000."""

_DEFAULT_PORTS = {"https": 443, "http": 80}
_AUTHORITY = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\[\]:@]+)(?::(?P<port>[0-9]{1,5}))?")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_STRIPPED_OR_TURNED = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029\ud800-\udfff]")
_PRINTABLE_ASCII = "".join(map(chr, range(0x21, 0x7F)))
_LOCAL_DOMAINS = ("localhost", "local", "internal", "onion", "arpa")

ToAscii = Callable[[str], str]
"""Strict IDNA 2008 encoding of a host; raises ValueError."""


@dataclass(frozen=True, slots=True)
class UrlField:
    """The parameter a URL came in: decides which error refuses it.

    Args:
        error: The class of the refusal.
        param: The path of the parameter, e.g. ``input.audio_url``.
        rule: What the message says the URL must be.
    """

    error: type[InvalidRequest]
    param: str
    rule: str = "must be a public HTTPS URL"

    def refusal(self, reason: str) -> InvalidRequest:
        """The error that says why; the URL itself is left out, for it may be signed."""
        return self.error(f"`{self.param}` {self.rule}: {reason}.", param=self.param)

    def redirected(self) -> "UrlField":
        """The same parameter, for a URL that its host redirects to."""
        return replace(self, rule="must not redirect to anything but public HTTPS URLs")


AUDIO_URL = UrlField(InvalidAudioUrl, "input.audio_url")
WEBHOOK_URL = UrlField(InvalidWebhookUrl, "webhookUrl")


@dataclass(frozen=True, slots=True)
class Url:
    """A URL that passed: ``host`` is lower-case ASCII or a bare IP address, ``target`` is path and query, percent-encoded."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def is_literal(self) -> bool:
        """Whether the host is an IP address, which needs no resolving."""
        return ":" in self.host or _is_number(self.host.rpartition(".")[2])

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"


def parse_url(text: str, field: UrlField, policy: AddressPolicy, to_ascii: ToAscii) -> Url:
    """The parts of a URL that may be visited, as far as that can be told without resolving its host.

    Raises:
        InvalidRequest: the class of the field, for a URL that is refused.
    """
    if len(text) > MAX_URL_LENGTH:
        raise field.refusal(f"it is longer than {MAX_URL_LENGTH} characters")
    if _STRIPPED_OR_TURNED.search(text):
        raise field.refusal("percent-encode its spaces, backslashes and control characters")
    if "#" in text:
        raise field.refusal("leave the fragment, from `#` on, out")
    try:
        split = urlsplit(text)
    except ValueError as error:
        raise field.refusal("it is not a URL") from error
    if split.scheme not in _DEFAULT_PORTS or (split.scheme != "https" and not policy.allow_private):
        raise field.refusal("it must begin with `https://`")
    if "@" in split.netloc:
        raise field.refusal("it must not carry a user or password")
    authority = _AUTHORITY.fullmatch(split.netloc)
    if authority is None:
        raise field.refusal("it needs a host, without a port")
    host = _host(authority["host"], field, policy, to_ascii)
    port = int(authority["port"] or _DEFAULT_PORTS[split.scheme])
    if port != 443 and not (policy.allow_private and 0 < port < 65536):
        raise field.refusal("only port 443 is served")
    target = (split.path or "/") + (f"?{split.query}" if split.query else "")
    return Url(split.scheme, host, port, quote(target, safe=_PRINTABLE_ASCII))


def parse_redirect(base: Url, location: str, field: UrlField, policy: AddressPolicy, to_ascii: ToAscii) -> Url:
    """Where a ``Location`` header leads, checked like a URL of the caller; its fragment, which RFC 9110 allows, is dropped."""
    try:
        joined = urljoin(str(base), location.partition("#")[0])
    except ValueError as error:
        raise field.refusal("it is not a URL") from error
    return parse_url(joined, field, policy, to_ascii)


def _host(written: str, field: UrlField, policy: AddressPolicy, to_ascii: ToAscii) -> str:
    if written.startswith("["):
        return _literal(IPv6Address, written[1:-1], field, policy)
    # Only A–Z: str.lower() also turns characters such as the Kelvin sign into ASCII, hence into another host.
    host = "".join(letter.lower() if letter.isascii() else letter for letter in written)
    if not host.isascii():
        try:
            host = to_ascii(host)
        except ValueError as error:
            raise field.refusal("its host is not a valid international name; write it in its `xn--` form") from error
    labels = host.split(".")
    if _is_number(labels[-1]):
        return _literal(IPv4Address, host, field, policy)
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise field.refusal("its host is not a valid name")
    if not policy.allow_private and (len(labels) == 1 or labels[-1] in _LOCAL_DOMAINS):
        raise field.refusal("its host is a local name")
    return host


def _is_number(label: str) -> bool:
    return _NUMBER.fullmatch(label) is not None


def _literal(kind: type[IPv4Address | IPv6Address], text: str, field: UrlField, policy: AddressPolicy) -> str:
    # Decimal, octal, hexadecimal and shortened IPv4 forms are refused even for public addresses: resolvers read them differently.
    try:
        address = str(kind(text))
    except ValueError as error:
        raise field.refusal("write an IP address in its standard form") from error
    if not policy.allows(address):
        raise field.refusal("its address is not public")
    return address
