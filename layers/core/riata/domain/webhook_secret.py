"""Signing secrets, as Standard Webhooks writes them: ``whsec_`` and base64, or any other text, which stands for its UTF-8 bytes."""

import base64
import binascii
import secrets

PREFIX = "whsec_"
_GENERATED_BYTES = 32


def new_signing_secret() -> str:
    """``whsec_…`` of 256 random bits."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_GENERATED_BYTES)).decode()


def signing_key(secret: str) -> bytes:
    """The bytes of the HMAC key.

    Raises:
        ValueError: it begins with ``whsec_`` and goes on with something that is not base64, or is not text.
    """
    if not secret.startswith(PREFIX):
        return secret.encode()
    encoded = secret.removeprefix(PREFIX).rstrip("=")
    try:
        key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError("what follows whsec_ must be base64") from error
    if not key:
        raise ValueError("the secret is empty")
    return key
