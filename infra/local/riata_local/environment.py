"""The variables that the shared package reads its settings from, filled from the stack's outputs."""

import os
from collections.abc import Mapping

from riata_local.aws import LocalAws

# What a child keeps of the caller's environment: where programs, libraries and the user's caches are, and how a worker shall
# use the machine. Never anybody's AWS credentials or proxies.
_KEPT = ("PATH", "HOME", "USER", "LANG", "LC_ALL", "TMPDIR", "TZ", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "XDG_CACHE_HOME")
_KEPT_PREFIXES = ("OMP_", "MKL_", "CUDA_", "RIATA_MODELS", "RIATA_RUNTIME", "RIATA_TORCH", "RIATA_WORKER")
_OUTPUTS = {
    "RIATA_JOBS_TABLE": "JobsTableName",
    "RIATA_ACCOUNTS_TABLE": "AccountsTableName",
    "RIATA_BUCKET": "BucketName",
    "RIATA_SEPARATION_QUEUE_URL": "SeparationQueueUrl",
    "RIATA_LEASE_SECONDS": "LeaseSeconds",
    "RIATA_STATE_MACHINE_ARN": "StateMachineArn",
    "RIATA_APP_SECRET_ARN": "AppSecretArn",
}


def settings(outputs: Mapping[str, str], base_url: str, backend: str) -> dict[str, str]:
    """The ``RIATA_*`` variables of a deployment; an output that the template lacks is left out."""
    named = {variable: outputs[output] for variable, output in _OUTPUTS.items() if output in outputs}
    return {**named, "RIATA_PUBLIC_BASE_URL": base_url, "RIATA_BACKEND": backend}


def of_child(aws: LocalAws, profile: str, stack_settings: Mapping[str, str]) -> dict[str, str]:
    """The whole environment of a worker or of the edge, which act under ``profile``."""
    kept = {
        name: value for name, value in os.environ.items() if name in _KEPT or name.startswith(_KEPT_PREFIXES)
    }
    return {**kept, "PYTHONUNBUFFERED": "1", **aws.environment(profile), **stack_settings}
