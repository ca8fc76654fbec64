"""A small internet on loopback: names, public addresses, and hosts that speak real TLS and HTTP from a script."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field

import trustme

from riata.adapters.http_fetch import HttpFetch
from riata.domain.addresses import AddressPolicy
from riata.errors import RemoteFailed

MUSIC = "music.example.com"
MUSIC_ADDRESS = "93.184.215.14"


@dataclass
class Call:
    """One request as the host saw it, and the connection to answer on."""

    connection: socket.socket
    server_name: str | None
    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    def answer(self, status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> None:
        """Send a whole response."""
        lines = [f"HTTP/1.1 {status} Said", *(f"{name}: {value}" for name, value in (headers or {}).items())]
        self.connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)


Script = Callable[[Call], None]


class Host:
    """Answers every connection by its script, behind a certificate if it has one."""

    def __init__(self, script: Script, certificate: trustme.LeafCert | None) -> None:
        self.calls: list[Call] = []
        self._script = script
        self._tls: ssl.SSLContext | None = None
        self._server_name: str | None = None
        if certificate is not None:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            certificate.configure_cert(self._tls)
            self._tls.sni_callback = self._note_server_name
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Stop accepting."""
        # A blocked accept wakes on shutdown, not on close.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _note_server_name(self, _sock: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> None:
        self._server_name = name

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        # The client hangs up whenever it has enough.
        with suppress(OSError), connection:
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with connection:
                call = self._read(connection)
                self.calls.append(call)
                self._script(call)

    def _read(self, connection: socket.socket) -> Call:
        received = b""
        while b"\r\n\r\n" not in received:
            received += _some(connection)
        head, _, body = received.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        while len(body) < int(headers.get("content-length", 0)):
            body += _some(connection)
        return Call(connection, self._server_name, method, target, headers, body)


def _some(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    if not data:
        raise ConnectionResetError
    return data


@dataclass
class Internet:
    """Which names have which addresses, and which host listens at an address; remembers every question and connection."""

    authority: trustme.CA
    names: dict[str, list[list[str]]] = field(default_factory=dict)
    hosts: dict[str, Host] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    dialled: list[tuple[str, int]] = field(default_factory=list)

    def name(self, name: str, *answers: list[str]) -> None:
        """Let a name resolve to each answer in turn, the last one for good."""
        self.names[name] = list(answers)

    def host(
        self, script: Script, *, name: str = MUSIC, address: str = MUSIC_ADDRESS, certified_for: str | None = None
    ) -> Host:
        """Put a host behind a name and an address."""
        host = Host(script, self.authority.issue_cert(certified_for or name))
        self.hosts[address] = host
        self.names.setdefault(name, [[address]])
        return host

    def fetch(self, policy: AddressPolicy | None = None) -> HttpFetch:
        """The client under test: the real one, but for where names and addresses lead."""
        return HttpFetch(policy or AddressPolicy(), resolve=self.resolve, dial=self.dial, tls=self.trust())

    def trust(self) -> ssl.SSLContext:
        """Trusts the authority of this internet."""
        tls = ssl.create_default_context()
        self.authority.configure_trust(tls)
        return tls

    def resolve(self, host: str, timeout: float) -> list[str]:
        """The next answer for a name."""
        self.asked.append(host)
        if host not in self.names:
            raise RemoteFailed("its host name cannot be resolved")
        answers = self.names[host]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def dial(self, address: str, port: int, timeout: float) -> socket.socket:
        """A connection to the host at an address; port 443 of all of them is served."""
        self.dialled.append((address, port))
        if address not in self.hosts or port != 443:
            raise ConnectionRefusedError
        return socket.create_connection(("127.0.0.1", self.hosts[address].port), timeout=timeout)

    def close(self) -> None:
        """Stop every host."""
        for host in self.hosts.values():
            host.close()


def pieces(call: Call, parts: Iterable[bytes], pause: threading.Event, seconds: float) -> None:
    """Send parts one by one, with a pause after each, until all are sent or the client hangs up."""
    for part in parts:
        call.connection.sendall(part)
        pause.wait(seconds)
