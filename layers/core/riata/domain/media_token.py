"""The token in ``/v1/media/{token}``: which output, until when, signed.

A presigned URL dies with the role that signed it, long before the retention ends; this token lives exactly as long as the output.
"""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class MediaGrant:
    """Permission to read one output object until ``expires_at``."""

    request_id: str
    output: str
    expires_at: datetime


def sign(grant: MediaGrant, key: bytes) -> str:
    """The URL-safe token of a grant."""
    body = json.dumps([grant.request_id, grant.output, int(grant.expires_at.timestamp() * 1000)]).encode()
    return f"{_encode(body)}.{_encode(_mac(key, body))}"


def verify(token: str, key: bytes) -> MediaGrant | None:
    """The grant, or None when the token is not ours; expiry is for the caller to judge."""
    body_text, _, mac_text = token.partition(".")
    try:
        body, mac = _decode(body_text), _decode(mac_text)
    except (binascii.Error, ValueError):
        return None
    if not hmac.compare_digest(mac, _mac(key, body)):
        return None
    request_id, output, expires = json.loads(body)
    return MediaGrant(request_id, output, datetime.fromtimestamp(expires / 1000, UTC))


def _mac(key: bytes, body: bytes) -> bytes:
    return hmac.new(key, body, hashlib.sha256).digest()


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
