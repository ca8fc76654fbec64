"""The world outside: a host of songs, and a receiver of webhooks that answers 500 when it pleases."""

import hashlib
import http.server
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from standardwebhooks import Webhook

SECRET = "whsec_Y2hhb3Mgc2lnbmluZyBzZWNyZXQgb2YgdGVzdHM="
MOST_REFUSALS = 3
"""Of one event."""


@dataclass
class Mail:
    """What arrived: every POST by its ``webhook-id``, with the event and whether it was acknowledged."""

    posts: dict[str, list[tuple[dict[str, Any], bool]]] = field(default_factory=lambda: defaultdict(list))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def acknowledged(self) -> set[str]:
        """The ids of the events that the receiver has taken."""
        with self.lock:
            return {webhook_id for webhook_id, posts in self.posts.items() if any(taken for _event, taken in posts)}


class Outside:
    """One HTTP server on loopback, inside ``with``.

    Args:
        songs: Path → content of what may be fetched.
        seed: Decides which event is refused how often, up to `MOST_REFUSALS` times.
    """

    def __init__(self, songs: dict[str, bytes], seed: int) -> None:
        self.mail = Mail()
        mail = self.mail

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                song = songs.get(self.path)
                self._answer(404 if song is None else 200, song or b"", "audio/wav")

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                event = Webhook(SECRET).verify(body, dict(self.headers.items()))
                webhook_id = self.headers["webhook-id"]
                refusals = _refusals(event["request_id"], seed)
                with mail.lock:
                    taken = len(mail.posts[webhook_id]) >= refusals
                    mail.posts[webhook_id].append((event, taken))
                self._answer(204 if taken else 500)

            def log_message(self, *_arguments: object) -> None:
                pass

            def _answer(self, status: int, body: bytes = b"", content_type: str = "text/plain") -> None:
                self.send_response(status)
                self.send_header("content-type", content_type)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "Outside":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def _refusals(request_id: str, seed: int) -> int:
    return hashlib.sha256(f"{seed} {request_id}".encode()).digest()[0] % (MOST_REFUSALS + 1)
