"""Settings, read from the environment once per process and checked.

Each deployed function gets exactly the variables that its settings name (see ``template.yaml``).
"""

import os
from dataclasses import dataclass
from datetime import timedelta

from riata.domain.rate_limit import RateLimit
from riata.domain.requests import LEASE
from riata.errors import RiataError


class SettingMissing(RiataError):
    """A variable that this process needs is not set."""


def _required(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise SettingMissing(
            f"{name} is not set: the template gives it to the functions, the local runner to its processes"
        )
    return value


def _hours(name: str, default: int) -> timedelta:
    return timedelta(hours=int(os.environ.get(name, "") or default))


@dataclass(frozen=True)
class Settings:
    """Everything a Riata process can be told; a value is only required when it is asked for."""

    @property
    def jobs_table(self) -> str:
        """Files, requests, log lines, deliveries."""
        return _required("RIATA_JOBS_TABLE")

    @property
    def accounts_table(self) -> str:
        """Keys and their ledger."""
        return _required("RIATA_ACCOUNTS_TABLE")

    @property
    def bucket(self) -> str:
        """Uploads and outputs."""
        return _required("RIATA_BUCKET")

    @property
    def separation_queue_url(self) -> str:
        """Where workers find work."""
        return _required("RIATA_SEPARATION_QUEUE_URL")

    @property
    def lease(self) -> timedelta:
        """How long a worker's claim holds without a sign of life; the queue's visibility timeout is the same."""
        return timedelta(seconds=float(os.environ.get("RIATA_LEASE_SECONDS") or LEASE.total_seconds()))

    @property
    def state_machine_arn(self) -> str:
        """The separation state machine."""
        return _required("RIATA_STATE_MACHINE_ARN")

    @property
    def app_secret_arn(self) -> str:
        """The secret that the API-key pepper and the media-token key are derived from."""
        return _required("RIATA_APP_SECRET_ARN")

    @property
    def public_base_url(self) -> str | None:
        """Where callers reach this deployment; without it the gateway's own address is used."""
        return os.environ.get("RIATA_PUBLIC_BASE_URL", "").rstrip("/") or None

    @property
    def backend(self) -> str:
        """The separator that serves."""
        return os.environ.get("RIATA_BACKEND") or "riata-small"

    @property
    def worker_concurrency(self) -> int | None:
        """Files that a worker has at work at the same time; None leaves it to the machine."""
        return int(os.environ.get("RIATA_WORKER_CONCURRENCY") or 0) or None

    @property
    def worker_group(self) -> int:
        """Most requests on one file that a worker takes together; 1 takes each alone."""
        return int(os.environ.get("RIATA_WORKER_GROUP") or 4)

    @property
    def input_retention(self) -> timedelta:
        """How long an upload is kept."""
        return _hours("RIATA_INPUT_RETENTION_HOURS", 24)

    @property
    def output_retention(self) -> timedelta:
        """How long target and residual are kept."""
        return _hours("RIATA_OUTPUT_RETENTION_HOURS", 72)

    @property
    def rate_limit(self) -> RateLimit:
        """Calls per second and key, and how many may come at once."""
        per_second = float(os.environ.get("RIATA_RATE_LIMIT_PER_SECOND") or 20)
        return RateLimit(per_second, int(os.environ.get("RIATA_RATE_LIMIT_BURST") or 100))

    @property
    def webhook_queue_url(self) -> str:
        """Tickets of the deliveries to look at."""
        return _required("RIATA_WEBHOOK_QUEUE_URL")

    @property
    def webhook_dead_letter_queue_url(self) -> str:
        """Tickets of the deliveries that were given up."""
        return _required("RIATA_WEBHOOK_DEAD_LETTER_QUEUE_URL")

    @property
    def webhook_key_id(self) -> str:
        """The KMS key that seals signing secrets."""
        return _required("RIATA_WEBHOOK_KEY_ID")

    @property
    def webhook_schedule_scale(self) -> float:
        """What the waits between the attempts at a webhook are multiplied by; tests live faster."""
        return float(os.environ.get("RIATA_WEBHOOK_SCHEDULE_SCALE") or 1)

    @property
    def allow_private_urls(self) -> bool:
        """Whether callers' URLs may lead to private addresses, by HTTP and to any port: for one machine's own use."""
        return os.environ.get("RIATA_ALLOW_PRIVATE_URLS") == "true"

    @property
    def endpoint_url(self) -> str | None:
        """Set when the cloud is a local one."""
        return os.environ.get("AWS_ENDPOINT_URL") or None
