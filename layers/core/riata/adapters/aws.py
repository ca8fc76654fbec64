"""boto3 clients: one session, one configuration, created when first asked for."""

from functools import cache
from typing import Any

import boto3
from botocore.config import Config

_PATIENCE: dict[str, Any] = {
    "retries": {"mode": "standard", "total_max_attempts": 4},
    "connect_timeout": 3,
    "read_timeout": 30,
}


@cache
def client(service: str) -> Any:
    """A client of the process's region and credentials."""
    return boto3.client(service, config=Config(**_PATIENCE))


@cache
def s3_client(endpoint_url: str | None) -> Any:
    """S3 signs with s3v4, by virtual host on AWS (a global host redirects PUTs to new buckets), by path on a local cloud."""
    config = Config(
        signature_version="s3v4", s3={"addressing_style": "path" if endpoint_url else "virtual"}, **_PATIENCE
    )
    return boto3.client("s3", config=config)
