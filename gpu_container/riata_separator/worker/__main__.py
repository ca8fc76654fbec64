"""``python -m riata_separator.worker``: the container's entry point, the same as a plain process."""

import argparse
import os
from pathlib import Path

from riata.bootstrap import App
from riata.log import log
from riata_separator import backends
from riata_separator.worker.job import JobRunner
from riata_separator.worker.loop import work
from riata_separator.worker.stopping import StopSignal


def main() -> None:
    """Load the backend, then work until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--once", action="store_true", help="exit after one message")
    parser.add_argument("--idle-exit", type=float, metavar="SECONDS", help="exit after so long without a message")
    arguments = parser.parse_args()

    stop = StopSignal().listen()
    app = App()
    separator = backends.load(app.settings.backend)
    runner = JobRunner(app.work_queue, app.claim, app.objects, separator, stop)
    log("ready", backend=separator.name)
    if ready_file := os.environ.get("RIATA_WORKER_READY_FILE"):
        Path(ready_file).write_text(separator.name)
    done = work(app.work_queue, runner, stop, once=arguments.once, idle_exit_seconds=arguments.idle_exit)
    log("stopped", messages=done)


if __name__ == "__main__":
    main()
