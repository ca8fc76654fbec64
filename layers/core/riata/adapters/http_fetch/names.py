"""From host names to addresses."""

import queue
import socket
import threading
from collections.abc import Callable, Sequence

from riata.errors import RemoteFailed

Resolve = Callable[[str, float], Sequence[str]]
"""Every IPv4 and IPv6 address of an ASCII host name, in text form, asked for once within the seconds given; raises RemoteFailed."""


def system_resolve(host: str, timeout: float) -> Sequence[str]:
    """Ask the system's resolver, in a thread of its own: ``getaddrinfo`` knows no timeout."""
    answers: queue.SimpleQueue[list[str] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            # As bytes, for a str would go through Python's IDNA 2003 codec, which maps.
            found = socket.getaddrinfo(host.encode("ascii"), None, type=socket.SOCK_STREAM)
        except OSError as error:
            answers.put(error)
        else:
            answers.put([str(address[0]) for *_, address in found])

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=timeout)
    except queue.Empty as error:
        raise RemoteFailed("its host name was not resolved in time") from error
    if isinstance(answer, OSError):
        raise RemoteFailed("its host name cannot be resolved") from answer
    return list(dict.fromkeys(answer))


def to_ascii(host: str) -> str:
    """A host in its ``xn--`` form by strict IDNA 2008, without mapping; raises ValueError."""
    # A large table that few URLs need.
    import idna

    return idna.encode(host, strict=True, std3_rules=True).decode("ascii")
