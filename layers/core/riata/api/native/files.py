"""POST /v1/files, GET and DELETE /v1/files/{file_id}."""

from riata.api.http import HttpRequest, HttpResponse
from riata.api.native import views
from riata.bootstrap import App
from riata.domain.accounts import Principal


def create(app: App, principal: Principal, request: HttpRequest) -> HttpResponse:
    """A presigned upload URL."""
    from riata.api.native.schemas import CreateFileRequest, parse

    body = parse(CreateFileRequest, request.json_object())
    file, url = app.create_file(principal, body.file_name, body.content_type, body.file_size)
    return HttpResponse(201, views.created_file(file, url))


def read(app: App, principal: Principal, request: HttpRequest) -> HttpResponse:
    """The state of an upload."""
    file = app.read_file(principal, request.path_params["file_id"])
    return HttpResponse(200, views.file_view(file, file.status_at(app.clock())))


def delete(app: App, principal: Principal, request: HttpRequest) -> HttpResponse:
    """Delete an upload."""
    app.delete_file(principal, request.path_params["file_id"])
    return HttpResponse(204)
