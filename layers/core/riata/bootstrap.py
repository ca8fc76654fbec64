"""Wires the use cases to the adapters: the one place that knows both.

Everything is built when first asked for, once per process.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from riata.adapters import secrets
from riata.delivery_ports import Deliveries, DeliveryQueue, SecretBox
from riata.domain.clock import utc_now
from riata.domain.deliveries import Ticket, Webhook
from riata.domain.requests import Request
from riata.ports import (
    Accounts,
    Clock,
    Executions,
    Files,
    MediaProbe,
    ObjectStore,
    RateLimiter,
    Requests,
    UrlFetch,
    WorkQueue,
)
from riata.settings import Settings
from riata.usecases.authenticate import Authenticate
from riata.usecases.cancel import CancelRequest
from riata.usecases.deliver import SLOTS_PER_ENDPOINT, SendDelivery
from riata.usecases.deliveries import ReadDeliveries, ReplayDelivery, SweepDeliveries
from riata.usecases.dispose import DeleteFile, DeleteRequest, Dispose
from riata.usecases.files import AcceptUpload, CreateFile, ProbeFile, PromoteFile, ReadFile
from riata.usecases.finish import FinishRequest
from riata.usecases.keys import ManageKeys
from riata.usecases.progress import ListRequests, OpenMedia, ReadResult, ReadStatus
from riata.usecases.reconcile import Reconcile
from riata.usecases.remote import FetchSource, PrepareSource
from riata.usecases.sources import RemoteSource, UploadedSource
from riata.usecases.submit import PromptCheck, SubmitSeparation, any_prompt
from riata.usecases.webhooks import AcceptWebhook, RevealSecret
from riata.usecases.work import Claim


@dataclass
class App:
    """A Riata process. Tests replace ports by assigning fakes before they are first used."""

    settings: Settings = field(default_factory=Settings)
    clock: Clock = utc_now

    @cached_property
    def accounts(self) -> Accounts:
        """Keys and ledger."""
        from riata.adapters.dynamodb.accounts import DynamoAccounts

        return DynamoAccounts(self._table(self.settings.accounts_table))

    @cached_property
    def files(self) -> Files:
        """Uploads."""
        from riata.adapters.dynamodb.files import DynamoFiles

        return DynamoFiles(self._table(self.settings.jobs_table))

    @cached_property
    def requests(self) -> Requests:
        """Requests; only the processes that move money are given the Accounts table's name."""
        from riata.adapters.dynamodb.requests import DynamoRequests

        return DynamoRequests(self._table(self.settings.jobs_table), lambda: self._table(self.settings.accounts_table))

    @cached_property
    def objects(self) -> ObjectStore:
        """The bucket."""
        from riata.adapters.aws import s3_client
        from riata.adapters.s3 import S3Objects

        return S3Objects(s3_client(self.settings.endpoint_url), self.settings.bucket)

    @cached_property
    def executions(self) -> Executions:
        """The state machine."""
        from riata.adapters.aws import client
        from riata.adapters.stepfunctions import StepFunctions

        return StepFunctions(client("stepfunctions"), self.settings.state_machine_arn)

    @cached_property
    def work_queue(self) -> WorkQueue:
        """The separation queue, for a worker."""
        from riata.adapters.aws import client
        from riata.adapters.sqs import SqsWorkQueue

        return SqsWorkQueue(client("sqs"), client("stepfunctions"), self.settings.separation_queue_url)

    @cached_property
    def fetch(self) -> UrlFetch:
        """Visits callers' URLs."""
        from riata.adapters.http_fetch import HttpFetch
        from riata.domain.addresses import AddressPolicy

        return HttpFetch(AddressPolicy(self.settings.allow_private_urls))

    @cached_property
    def deliveries(self) -> Deliveries:
        """Webhook deliveries."""
        from riata.adapters.dynamodb.deliveries import DynamoDeliveries

        return DynamoDeliveries(self._table(self.settings.jobs_table))

    @cached_property
    def delivery_queue(self) -> DeliveryQueue:
        """The webhook queue."""
        from riata.adapters.aws import client
        from riata.adapters.delivery_queue import SqsDeliveryQueue

        return SqsDeliveryQueue(
            client("sqs"), self.settings.webhook_queue_url, lambda: self.settings.webhook_dead_letter_queue_url
        )

    @cached_property
    def secret_box(self) -> SecretBox:
        """Seals signing secrets."""
        from riata.adapters.aws import client
        from riata.adapters.kms import KmsSecretBox

        return KmsSecretBox(client("kms"), self.settings.webhook_key_id)

    @cached_property
    def media_probe(self) -> MediaProbe:
        """Looks into containers."""
        from riata.adapters.media_av import probe

        return probe

    @cached_property
    def secret(self) -> bytes:
        """The deployment's secret."""
        from riata.adapters.aws import client

        return secrets.fetch_secret(client("secretsmanager"), self.settings.app_secret_arn)

    @cached_property
    def pepper(self) -> bytes:
        """Key of the API keys' hashes."""
        return secrets.derive(self.secret, "api-key-pepper")

    @cached_property
    def media_key(self) -> bytes:
        """Key of the media tokens."""
        return secrets.derive(self.secret, "media-token")

    def _table(self, name: str) -> Any:
        from riata.adapters.aws import client
        from riata.adapters.dynamodb.table import Table

        return Table(client("dynamodb"), name)

    @cached_property
    def rate_limiter(self) -> RateLimiter:
        """Token buckets."""
        from riata.adapters.dynamodb.rate import DynamoRateLimiter

        return DynamoRateLimiter(self._table(self.settings.accounts_table), self.settings.rate_limit)

    @property
    def authenticate(self) -> Authenticate:
        """Key text → principal."""
        return Authenticate(self.accounts, self.pepper)

    @property
    def manage_keys(self) -> ManageKeys:
        """Create, list, revoke keys."""
        return ManageKeys(self.accounts, self.pepper, self.clock)

    @property
    def create_file(self) -> CreateFile:
        """POST /v1/files."""
        return CreateFile(self.files, self.objects, self.clock, self.settings.input_retention)

    @property
    def read_file(self) -> ReadFile:
        """GET /v1/files/{file_id}."""
        return ReadFile(self.files, self._promote_file)

    @property
    def accept_upload(self) -> AcceptUpload:
        """The S3 event."""
        return AcceptUpload(self.files, self.objects, self._promote_file, self._probe_file)

    @property
    def submit(self) -> SubmitSeparation:
        """POST /v1/queue/audio/separate."""
        return SubmitSeparation(
            self.requests,
            self.executions,
            UploadedSource(self.files, self._promote_file, self._probe_file, self.clock),
            RemoteSource(self.accounts, self.fetch),
            self.clock,
            self.settings.output_retention,
            self.accept_webhook,
            self.check_prompt,
        )

    def accept_webhook(self, request_id: str, url: str, secret: str | None) -> Webhook:
        """Only a submit that names a webhook needs KMS and an HTTP client."""
        return AcceptWebhook(self.fetch, self.secret_box)(request_id, url, secret)

    @property
    def reveal_secret(self) -> RevealSecret:
        """A generated signing secret, for the answer to the submit."""
        return RevealSecret(self.secret_box)

    @property
    def check_prompt(self) -> PromptCheck:
        """Only the embedded backend needs to understand a prompt before it is charged; the others take free text."""
        if self.settings.backend != "riata-small":
            return any_prompt
        from riata.understanding.admission import admit

        return admit

    @property
    def fetch_source(self) -> FetchSource:
        """The state machine's Fetch."""
        return FetchSource(self.requests, self.objects, self.fetch, self.finish, self.clock)

    @property
    def prepare_source(self) -> PrepareSource:
        """The state machine's Probe."""
        return PrepareSource(self.requests, self.objects, self.media_probe, self.finish, self.clock)

    @property
    def cancel(self) -> CancelRequest:
        """PUT …/cancel."""
        return CancelRequest(self.requests, self.executions, self.finish, self.hurry_delivery, self.clock)

    def hurry_delivery(self, request: Request) -> None:
        """A ticket for the event of a request that ended outside the state machine."""
        if request.webhook is not None:
            self.delivery_queue.send([Ticket(request.request_id)])

    @property
    def delete_file(self) -> DeleteFile:
        """DELETE /v1/files/{file_id}."""
        return DeleteFile(self.files, self.dispose, self.clock)

    @property
    def delete_request(self) -> DeleteRequest:
        """DELETE /v1/queue/requests/{request_id}."""
        return DeleteRequest(self.requests, self.cancel, self.dispose, self.clock)

    @property
    def dispose(self) -> Dispose:
        """Remove media whose time has come."""
        return Dispose(self.files, self.requests, self.objects, self.clock)

    @property
    def list_requests(self) -> ListRequests:
        """GET /v1/queue/requests."""
        return ListRequests(self.requests)

    @property
    def read_status(self) -> ReadStatus:
        """GET …/status."""
        return ReadStatus(self.requests, self.deliveries)

    @property
    def read_result(self) -> ReadResult:
        """GET …/result."""
        return ReadResult(self.requests, self.deliveries, self.clock, self.media_key)

    @property
    def open_media(self) -> OpenMedia:
        """GET /v1/media/{token}."""
        return OpenMedia(self.requests, self.objects, self.clock, self.media_key)

    @property
    def claim(self) -> Claim:
        """A worker takes a request."""
        return Claim(self.requests, self.clock, self.settings.lease)

    @property
    def finish(self) -> FinishRequest:
        """The terminal transaction."""
        return FinishRequest(self.requests, self.clock, self.settings.output_retention)

    @property
    def reconcile(self) -> Reconcile:
        """The sweep."""
        return Reconcile(self.requests, self.executions, self.finish, self.clock)

    @cached_property
    def send_delivery(self) -> SendDelivery:
        """One ticket of the webhook queue."""
        import random

        from riata.adapters.dynamodb.endpoint_slots import DynamoEndpointSlots
        from riata.adapters.signing import sign
        from riata.domain.webhook_schedule import Schedule

        return SendDelivery(
            self.requests,
            self.deliveries,
            DynamoEndpointSlots(self._table(self.settings.jobs_table), SLOTS_PER_ENDPOINT),
            self.delivery_queue,
            self.fetch,
            self.secret_box,
            sign,
            Schedule(self.settings.webhook_schedule_scale),
            self.clock,
            self.media_key,
            random.random,
        )

    @property
    def sweep_deliveries(self) -> SweepDeliveries:
        """Tickets for what is overdue."""
        return SweepDeliveries(self.deliveries, self.delivery_queue, self.clock)

    @property
    def read_deliveries(self) -> ReadDeliveries:
        """GET …/deliveries."""
        return ReadDeliveries(self.requests, self.deliveries)

    @property
    def replay_delivery(self) -> ReplayDelivery:
        """POST …/deliveries/{delivery_id}/replay."""
        return ReplayDelivery(self.requests, self.deliveries, self.delivery_queue, self.clock)

    @property
    def _promote_file(self) -> PromoteFile:
        return PromoteFile(self.files, self.objects, self.clock)

    @property
    def _probe_file(self) -> ProbeFile:
        return ProbeFile(self.files, self.objects, self.media_probe)


def admin() -> ManageKeys:
    """Key administration, with the caller's own AWS credentials."""
    return App().manage_keys
