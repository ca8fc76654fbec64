"""GET /v1/account: the caller's key, its balance and its limits."""

from riata.api.http import HttpRequest, HttpResponse
from riata.bootstrap import App
from riata.domain.accounts import Principal
from riata.domain.media import MAX_DURATION_SECONDS, MAX_FILE_BYTES


def read(app: App, principal: Principal, _request: HttpRequest) -> HttpResponse:
    """What the key may do, and what is left of its credits."""
    key = app.accounts.get_key(principal.key_id)
    limit = app.settings.rate_limit
    return HttpResponse(
        200,
        {
            "object": "account",
            "tenant": principal.tenant,
            "key_id": principal.key_id,
            "scopes": sorted(principal.scopes),
            "billing_status": "deducted" if principal.metered else "not_metered",
            "balance": key.balance if key is not None and principal.metered else None,
            "limits": {
                "max_file_bytes": MAX_FILE_BYTES,
                "max_duration_seconds": MAX_DURATION_SECONDS,
                "requests_per_second": limit.per_second,
                "burst": limit.burst,
            },
        },
    )
