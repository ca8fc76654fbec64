"""``python -m riata_separator.worker``: the container's entry point, the same as a plain process."""

import argparse
import os
from pathlib import Path

from riata.bootstrap import App
from riata.log import log
from riata_separator import backends
from riata_separator.compute import default_concurrency
from riata_separator.worker.intake import Intake
from riata_separator.worker.loop import work
from riata_separator.worker.runner import JobRunner
from riata_separator.worker.stopping import StopSignal
from riata_separator.worker.throughput import Throughput


def main() -> None:
    """Load the backend, then work until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--once", action="store_true", help="exit after one message")
    parser.add_argument("--idle-exit", type=float, metavar="SECONDS", help="exit after so long without a message")
    arguments = parser.parse_args()

    stop = StopSignal().listen()
    app = App()
    separator = backends.load(app.settings.backend)
    intake = Intake(app.work_queue, app.claim, app.files, 1 if arguments.once else app.settings.worker_group)
    concurrency = app.settings.worker_concurrency or default_concurrency()
    runner = JobRunner(
        app.work_queue, app.claim, app.objects, separator, stop, intake, Throughput(separator), threaded=concurrency > 1
    )
    log("ready", backend=separator.name, concurrency=concurrency)
    if ready_file := os.environ.get("RIATA_WORKER_READY_FILE"):
        Path(ready_file).write_text(separator.name)
    done = work(
        app.work_queue, runner, stop,
        concurrency=concurrency, once=arguments.once, idle_exit_seconds=arguments.idle_exit,
    )  # fmt: skip
    log("stopped", messages=done)


if __name__ == "__main__":
    main()
