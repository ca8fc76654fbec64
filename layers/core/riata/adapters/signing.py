"""`riata.delivery_ports.SignWebhook` by the library of the Standard Webhooks specification."""

from collections.abc import Mapping
from datetime import datetime

from standardwebhooks import Webhook


def sign(key: bytes, webhook_id: str, at: datetime, body: bytes) -> Mapping[str, str]:
    """The three headers of one attempt."""
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(key).sign(webhook_id, at, body.decode()),
    }
