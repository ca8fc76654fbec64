"""`riata.delivery_ports.SecretBox` on AWS KMS: the key never leaves it, and every opening is in its audit log."""

import base64
from collections.abc import Mapping
from typing import Any

from riata.adapters.aws_errors import translated


class KmsSecretBox:
    """Secrets of up to 4 KiB, encrypted directly under one key."""

    def __init__(self, client: Any, key_id: str) -> None:
        self._client = client
        self._key_id = key_id

    def seal(self, secret: str, context: Mapping[str, str]) -> str:
        """The secret, encrypted, as text."""
        with translated():
            answer = self._client.encrypt(
                KeyId=self._key_id, Plaintext=secret.encode(), EncryptionContext=dict(context)
            )
        return base64.b64encode(answer["CiphertextBlob"]).decode()

    def open(self, sealed: str, context: Mapping[str, str]) -> str:
        """The secret; refused under another context or key."""
        with translated():
            answer = self._client.decrypt(
                KeyId=self._key_id, CiphertextBlob=base64.b64decode(sealed), EncryptionContext=dict(context)
            )
        return bytes(answer["Plaintext"]).decode()
