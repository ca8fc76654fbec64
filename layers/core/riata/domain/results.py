"""What a completed request gives back: the same in the result and in the webhook event."""

from typing import Any

from riata.domain.media_token import MediaGrant, sign
from riata.domain.requests import Manifest, OutputObject, Request


def outputs_of(manifest: Manifest) -> dict[str, tuple[str, OutputObject]]:
    """Every object of a manifest: name → (key, the output it belongs to)."""
    found: dict[str, tuple[str, OutputObject]] = {}
    for name, output in (("target", manifest.target), ("residual", manifest.residual)):
        found[name] = (output.key, output)
        if output.video_key:
            found[f"{name}_video"] = (output.video_key, output)
    return found


def media_urls(request: Request, manifest: Manifest, key: bytes) -> dict[str, str]:
    """The URL of each output, by the names of `outputs_of`; valid until the request's ``delete_after``."""
    return {
        name: f"{request.base_url}/v1/media/{sign(MediaGrant(request.request_id, name, request.delete_after), key)}"
        for name in outputs_of(manifest)
    }


def output_data(manifest: Manifest, urls: dict[str, str]) -> dict[str, Any]:
    """The contract's ``data``: the two outputs, duration in seconds, sample rate in Hz."""
    data: dict[str, Any] = dict(manifest.extra) | {
        "duration": manifest.duration, "sample_rate": manifest.sample_rate,
    }  # fmt: skip
    for name, output in (("target", manifest.target), ("residual", manifest.residual)):
        data[name] = {"url": urls[name], "content_type": output.content_type, "file_name": output.file_name}
        if output.video_key is not None:
            data[name]["video_url"] = urls[f"{name}_video"]
    return data


def usage(request: Request) -> dict[str, Any]:
    """The contract's ``usage``: audio seconds."""
    return {
        "feature": "audio_seconds",
        "quantity": request.billed or 0,
        "billing_status": "deducted" if request.metered else "not_metered",
    }
