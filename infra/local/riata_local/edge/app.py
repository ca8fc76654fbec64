"""The edge's ASGI app: status streams from the stream function's own app, everything else from the deployed API."""

import contextlib
import importlib.util
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from riata.errors import CommandFailed
from riata_local.edge.page import status_page
from riata_local.edge.proxy import Proxy

_STREAM_PATH = re.compile(r"/v1/queue/requests/[^/]+/status/stream")


def load_stream_app(path: Path) -> Starlette | None:
    """The stream function's ``app``, as its container would import it; None where the checkout has none."""
    if not path.is_file():
        return None
    spec = importlib.util.spec_from_file_location("riata_stream_app", path)
    if spec is None or spec.loader is None:
        raise CommandFailed(f"{path} is not a Python module: restore it.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    app: Starlette = module.app
    return app


class Edge:
    """One ASGI app for the pinned port.

    Args:
        upstream: The deployed API's invoke URL.
        run_file: The supervisor's record, shown at ``/``.
        stream_app: Serves ``GET …/status/stream``; without one the API answers it.
    """

    def __init__(self, upstream: str, run_file: Path, stream_app: Starlette | None) -> None:
        self._client = httpx.AsyncClient(trust_env=False, limits=httpx.Limits(max_connections=200))
        self._proxy = Proxy(self._client, upstream)
        self._run_file = run_file
        self._stream_app = stream_app
        self._lifespan = Starlette(lifespan=self._run)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Route one connection."""
        if scope["type"] == "lifespan":
            await self._lifespan(scope, receive, send)
        elif scope["type"] == "http":
            await (await self._choose(scope, receive))(scope, receive, send)

    async def _choose(self, scope: Scope, receive: Receive) -> ASGIApp:
        reading = scope["method"] in ("GET", "HEAD")
        if scope["path"] == "/" and reading:
            return status_page(self._run_file)
        if self._stream_app is not None and scope["method"] == "GET" and _STREAM_PATH.fullmatch(scope["path"]):
            return self._stream_app
        return await self._proxy(Request(scope, receive))

    @contextlib.asynccontextmanager
    async def _run(self, _: Starlette) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as resources:
            resources.push_async_callback(self._client.aclose)
            if self._stream_app is not None:
                await resources.enter_async_context(self._stream_app.router.lifespan_context(self._stream_app))
            yield
