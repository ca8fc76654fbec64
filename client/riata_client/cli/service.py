"""Which service the command talks to."""

import os

from riata.errors import CommandFailed
from riata_client.client import Client


def connect() -> Client:
    """A client of RIATA_BASE_URL with RIATA_API_KEY, else of the running local stack.

    Raises:
        CommandFailed: Neither is there.
    """
    base_url, api_key = os.environ.get("RIATA_BASE_URL"), os.environ.get("RIATA_API_KEY")
    if base_url:
        if not api_key:
            raise CommandFailed("RIATA_BASE_URL is set but RIATA_API_KEY is not: set it to a key of that service.")
        return Client(base_url, api_key)

    from riata_local import launch, record
    from riata_local.home import Home

    home = Home.from_environment()
    run = record.running(home)
    if run is None or run.phase != record.HEALTHY:
        raise CommandFailed("No service: start one with `riata up`, use --local, or set RIATA_BASE_URL and RIATA_API_KEY.")
    connection = launch.connection(home, run)
    return Client(str(connection["base_url"]), api_key or str(connection["api_key"]))
