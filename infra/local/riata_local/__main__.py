"""``python -m riata_local``: the detached supervisor, started by ``riata up --detach``."""

import argparse
import logging
import sys

from riata.errors import CommandFailed
from riata_local import launch, record
from riata_local.home import Home


def main() -> int:
    """Run the stack of RIATA_HOME until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m riata_local")
    parser.add_argument("--port", type=int)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--backend", default="riata-small")
    parser.add_argument("--parameter", action="append", default=[], metavar="NAME=VALUE")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stdout)
    for library in ("httpx", "botocore"):
        logging.getLogger(library).setLevel(logging.WARNING)
    log = logging.getLogger("riata_local")
    parameters = dict(parameter.split("=", 1) for parameter in arguments.parameter)
    options = launch.Options(arguments.port, arguments.workers, arguments.backend, parameters)

    def healthy(run: record.Run) -> None:
        log.info("Healthy at %s", run.base_url)

    try:
        launch.up(Home.from_environment(), options, report=log.info, on_healthy=healthy)
    except CommandFailed as error:
        log.error("%s", error.message)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
