"""A connection to a pinned address: TCP, then TLS for the host's own name."""

import socket
import ssl
from collections.abc import Callable, Sequence

from riata.adapters.http_fetch.deadline import Deadline
from riata.domain.urls import Url
from riata.errors import RemoteFailed

CONNECT_SECONDS = 5.0
STALL_SECONDS = 20.0
MAX_ADDRESSES = 4

Dial = Callable[[str, int, float], socket.socket]
"""A TCP connection to an address in text form and a port, within the seconds given; raises OSError."""


def tcp_dial(address: str, port: int, timeout: float) -> socket.socket:
    """Connect without resolving anything."""
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.settimeout(timeout)
        sock.connect((address, port))
    except OSError:
        sock.close()
        raise
    return sock


def default_tls() -> ssl.SSLContext:
    """The system's certificate authorities, host names checked, HTTP/1.1 only."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


def connect(url: Url, addresses: Sequence[str], dial: Dial, tls: ssl.SSLContext, deadline: Deadline) -> socket.socket:
    """Connect to the first of the checked addresses that answers.

    Raises:
        RemoteFailed: none answers, or the TLS handshake or the certificate fails.
    """
    sock = _dial_any(url, addresses, dial, deadline)
    if url.scheme != "https":
        return sock
    try:
        sock.settimeout(deadline.remaining(STALL_SECONDS))
        return tls.wrap_socket(sock, server_hostname=url.host)
    except ssl.SSLCertVerificationError as error:
        raise RemoteFailed(f"its certificate is not valid ({error.verify_message.rstrip('.')})") from error
    except TimeoutError as error:
        raise RemoteFailed("it took too long") from error
    except OSError as error:
        raise RemoteFailed("the TLS handshake with its host failed") from error
    finally:
        # Wrapping detaches the descriptor: this closes it only where the handshake was never begun.
        sock.close()


def _dial_any(url: Url, addresses: Sequence[str], dial: Dial, deadline: Deadline) -> socket.socket:
    failure: OSError | None = None
    for address in addresses[:MAX_ADDRESSES]:
        try:
            return dial(address, url.port, deadline.remaining(CONNECT_SECONDS))
        except OSError as error:
            failure = error
    raise RemoteFailed("its host does not accept connections") from failure
