"""``python -m riata_local.edge PORT UPSTREAM RUN_FILE STREAM_APP``: started by the supervisor."""

import sys
from pathlib import Path

import uvicorn

from riata_local.edge.app import Edge, load_stream_app
from riata_local.ports import LOOPBACK


def main(port: str, upstream: str, run_file: str, stream_app: str) -> None:
    """Serve until SIGTERM; open streams are cut after two seconds."""
    app = Edge(upstream, Path(run_file), load_stream_app(Path(stream_app)))
    uvicorn.run(
        app, host=LOOPBACK, port=int(port), log_level="warning", access_log=False, server_header=False,
        timeout_graceful_shutdown=2, timeout_keep_alive=75,
    )  # fmt: skip


if __name__ == "__main__":
    main(*sys.argv[1:5])
