"""A small typed client of the service, and the ``riata`` command."""

from riata_client.client import Client
from riata_client.models import CreatedFile, OutputFile, Result, Status, StreamEvent, Submitted

__all__ = ["Client", "CreatedFile", "OutputFile", "Result", "Status", "StreamEvent", "Submitted"]
