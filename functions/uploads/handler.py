"""S3 ObjectCreated under uploads/: pending → uploaded, probed."""

from typing import Any
from urllib.parse import unquote_plus

from riata.bootstrap import App
from riata.log import log

app = App()


def handler(event: dict[str, Any], _context: object) -> None:
    """Accept each uploaded object; S3 delivers an event at least once, which does no harm."""
    for record in event["Records"]:
        key = unquote_plus(record["s3"]["object"]["key"])
        file = app.accept_upload(key)
        log("upload accepted" if file else "upload without a file removed", key=key)
