"""The webhook that a submit names: checked, and its signing secret sealed."""

from dataclasses import dataclass

from riata.delivery_ports import SecretBox
from riata.domain.deliveries import Webhook
from riata.domain.requests import Request
from riata.domain.urls import WEBHOOK_URL
from riata.domain.webhook_secret import new_signing_secret, signing_key
from riata.errors import InvalidRequest
from riata.ports import UrlFetch


@dataclass(frozen=True)
class AcceptWebhook:
    """The caller's URL and secret → what is stored of them."""

    fetch: UrlFetch
    secrets: SecretBox

    def __call__(self, request_id: str, url: str, secret: str | None) -> Webhook:
        """The webhook of a new request, with a generated secret when the caller gives none.

        Raises:
            InvalidWebhookUrl: not a public HTTPS URL.
            InvalidRequest: a secret that begins with ``whsec_`` and is not base64.
        """
        self.fetch.check(url, WEBHOOK_URL)
        used = new_signing_secret() if secret is None else secret
        try:
            signing_key(used)
        except ValueError as error:
            raise InvalidRequest(f"`webhookSecret`: {error}.", param="webhookSecret") from error
        sealed = self.secrets.seal(used, secret_context(request_id))
        return Webhook(url, sealed, generated=secret is None)


@dataclass(frozen=True)
class RevealSecret:
    """The generated secret, for the answer to the submit that made it."""

    secrets: SecretBox

    def __call__(self, request: Request) -> str | None:
        """The secret if it is ours to tell, else None: the caller knows their own."""
        webhook = request.webhook
        if webhook is None or not webhook.generated:
            return None
        return self.secrets.open(webhook.sealed_secret, secret_context(request.request_id))


def secret_context(request_id: str) -> dict[str, str]:
    """Binds a sealed secret to its request, so that one row's cannot be used in another."""
    return {"request_id": request_id}
