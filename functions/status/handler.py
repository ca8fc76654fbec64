"""GET /v1/queue/requests/{request_id}/status."""

from riata.api.native import queue
from riata.api.native.facade import native_handler
from riata.bootstrap import App

handler = native_handler(App(), {"GET /v1/queue/requests/{request_id}/status": queue.status})
