"""The edge's own error answers, in the contract's ErrorResponse shape."""

import secrets

from starlette.responses import JSONResponse


def error_response(status: int, code: str, message: str, *, retry_after: int | None = None) -> JSONResponse:
    """An ErrorResponse with a request id of its own, also sent as ``x-request-id``."""
    request_id = secrets.token_hex(16)
    headers = {"x-request-id": request_id}
    if retry_after is not None:
        headers["retry-after"] = str(retry_after)
    body = {"error": {"code": code, "message": message, "request_id": request_id}}
    return JSONResponse(body, status_code=status, headers=headers)
