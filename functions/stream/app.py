"""GET /v1/queue/requests/{request_id}/status/stream: Server-Sent Events.

An ASGI app, because a Python Lambda cannot stream by itself: on AWS it runs under uvicorn behind the Lambda Web Adapter
(``run.sh``), on one machine the edge mounts it.
"""

from starlette.applications import Starlette
from starlette.routing import Route

from riata.api.native.stream import status_stream
from riata.bootstrap import App

app = Starlette(routes=[Route("/v1/queue/requests/{request_id}/status/stream", status_stream(App()), methods=["GET"])])
