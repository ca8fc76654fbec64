"""List, cancel and delete requests; the caller's account."""

from riata.api.native import account, queue
from riata.api.native.facade import native_handler
from riata.bootstrap import App

handler = native_handler(
    App(),
    {
        "GET /v1/queue/requests": queue.newest,
        "DELETE /v1/queue/requests/{request_id}": queue.delete,
        "PUT /v1/queue/requests/{request_id}/cancel": queue.cancel,
        "GET /v1/account": account.read,
    },
)
