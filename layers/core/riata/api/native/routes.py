"""Every native route and the scope it needs: the one table that handlers, the 405 answers and the tests read."""

from riata.domain.accounts import Scope

ROUTES: dict[str, Scope | None] = {
    "GET /v1/openapi.json": None,
    "GET /v1/openapi.riata.json": None,
    "GET /v1/models": Scope.MODELS_READ,
    "POST /v1/files": Scope.FILES_WRITE,
    "GET /v1/files/{file_id}": Scope.FILES_READ,
    "DELETE /v1/files/{file_id}": Scope.FILES_WRITE,
    "POST /v1/queue/audio/separate": Scope.AUDIO_SEPARATE,
    "GET /v1/queue/requests": Scope.AUDIO_SEPARATE,
    "DELETE /v1/queue/requests/{request_id}": Scope.AUDIO_SEPARATE,
    "PUT /v1/queue/requests/{request_id}/cancel": Scope.AUDIO_SEPARATE,
    "GET /v1/queue/requests/{request_id}/status": Scope.AUDIO_SEPARATE,
    "GET /v1/queue/requests/{request_id}/status/stream": Scope.AUDIO_SEPARATE,
    "GET /v1/queue/requests/{request_id}/result": Scope.AUDIO_SEPARATE,
    "GET /v1/queue/requests/{request_id}/deliveries": Scope.AUDIO_SEPARATE,
    "POST /v1/queue/requests/{request_id}/deliveries/{delivery_id}/replay": Scope.AUDIO_SEPARATE,
    "GET /v1/account": Scope.AUDIO_SEPARATE,
    "GET /v1/media/{token}": None,
}


def verbs_of(path: str) -> list[str]:
    """The verbs that a concrete path has, for the ``Allow`` header; empty when there is no such path."""
    parts = path.rstrip("/").split("/")
    return sorted({route.split(" ")[0] for route in ROUTES if _matches(route.split(" ")[1].split("/"), parts)})


def _matches(template: list[str], parts: list[str]) -> bool:
    return len(template) == len(parts) and all(
        bool(part) if word.startswith("{") else word == part for word, part in zip(template, parts, strict=True)
    )
