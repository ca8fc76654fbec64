"""GET /v1/queue/requests/{request_id}/result and GET /v1/media/{token}."""

from riata.api.native import queue
from riata.api.native.facade import native_handler
from riata.bootstrap import App

handler = native_handler(
    App(),
    {"GET /v1/queue/requests/{request_id}/result": queue.result},
    {"GET /v1/media/{token}": queue.media},
)
