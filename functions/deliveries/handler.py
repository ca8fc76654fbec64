"""GET /v1/queue/requests/{request_id}/deliveries and POST …/deliveries/{delivery_id}/replay."""

from riata.api.native import deliveries
from riata.api.native.facade import native_handler
from riata.bootstrap import App

handler = native_handler(
    App(),
    {
        "GET /v1/queue/requests/{request_id}/deliveries": deliveries.listing,
        "POST /v1/queue/requests/{request_id}/deliveries/{delivery_id}/replay": deliveries.replay,
    },
)
