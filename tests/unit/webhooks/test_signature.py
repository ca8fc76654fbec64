"""A receiver with the public Standard Webhooks library accepts what we sign, and nothing else."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from riata.adapters.signing import sign
from riata.domain.webhook_secret import new_signing_secret, signing_key

BODY = b'{"type":"audio.separate.completed","metadata":{"name":"caf\\u00e9"}}'


def signed(secret: str, at: datetime | None = None) -> dict[str, str]:
    return dict(sign(signing_key(secret), "msg_1", at or datetime.now(UTC), BODY))


def test_a_generated_secret_verifies() -> None:
    secret = new_signing_secret()

    assert Webhook(secret).verify(BODY, signed(secret))["type"] == "audio.separate.completed"
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32


def test_two_generated_secrets_differ() -> None:
    assert new_signing_secret() != new_signing_secret()


@pytest.mark.parametrize("secret", ["a plain secret of the caller", "пароль из 16 знаков", "bm90IGEgYmFzZTY0IHNlY3JldA=="])
def test_a_secret_without_prefix_stands_for_its_utf8_bytes(secret: str) -> None:
    assert Webhook(secret.encode()).verify(BODY, signed(secret))


def test_a_prefixed_secret_is_base64_with_or_without_padding() -> None:
    padded = "whsec_" + base64.b64encode(b"twenty-five bytes of key!").decode()
    assert padded.endswith("==")

    for secret in (padded, padded.rstrip("=")):
        assert Webhook(padded).verify(BODY, signed(secret))


@pytest.mark.parametrize("secret", ["whsec_not/base64!?", "whsec_", "whsec_====", "whsec_abcd-efgh_ijkl"])
def test_a_prefixed_secret_that_is_not_base64_is_refused(secret: str) -> None:
    with pytest.raises(ValueError, match=r"base64|empty"):
        signing_key(secret)


def test_a_tampered_body_is_refused() -> None:
    secret = new_signing_secret()

    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(BODY.replace(b"completed", b"failed"), signed(secret))


def test_another_webhook_id_is_refused() -> None:
    secret = new_signing_secret()

    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(BODY, signed(secret) | {"webhook-id": "msg_2"})


def test_an_old_timestamp_is_refused() -> None:
    secret = new_signing_secret()

    with pytest.raises(WebhookVerificationError, match="too old"):
        Webhook(secret).verify(BODY, signed(secret, datetime.now(UTC) - timedelta(minutes=6)))
