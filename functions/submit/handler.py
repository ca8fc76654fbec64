"""POST /v1/queue/audio/separate."""

from riata.api.native import queue
from riata.api.native.facade import native_handler
from riata.bootstrap import App

handler = native_handler(App(), {"POST /v1/queue/audio/separate": queue.submit})
