"""POST /v1/files, GET and DELETE /v1/files/{file_id}."""

from riata.api.native import files
from riata.api.native.facade import native_handler
from riata.bootstrap import App

handler = native_handler(
    App(),
    {
        "POST /v1/files": files.create,
        "GET /v1/files/{file_id}": files.read,
        "DELETE /v1/files/{file_id}": files.delete,
    },
)
