"""The one secret of a deployment, and the keys derived from it."""

import hashlib
import hmac
from typing import Any

from riata.adapters.aws_errors import translated


def fetch_secret(client: Any, arn: str) -> bytes:
    """The secret's bytes, from Secrets Manager."""
    with translated():
        return str(client.get_secret_value(SecretId=arn)["SecretString"]).encode()


def derive(secret: bytes, purpose: str) -> bytes:
    """A key for one purpose; keys of different purposes say nothing of each other."""
    return hmac.new(secret, f"riata/{purpose}".encode(), hashlib.sha256).digest()
