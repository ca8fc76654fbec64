"""The status page at ``/``."""

import html
from pathlib import Path

from starlette.responses import HTMLResponse

from riata_local.home import read_json

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Riata</title>
<style>
body{{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:4rem auto;padding:0 1rem}}
code{{background:#eee}}
</style>
<h1>Riata</h1>
<p>The local stack is <strong>{phase}</strong>. Workers: {workers}.</p>
<p>Base URL: <code>{base_url}</code>. The contract: <a href="/v1/openapi.json">/v1/openapi.json</a>.</p>
<p>Separate a file with <code>riata separate song.wav "isolate the lead vocal" -o out</code>.</p>
</html>
"""


def status_page(run_file: Path) -> HTMLResponse:
    """The stack's phase and its workers, as the supervisor last recorded them."""
    run = read_json(run_file) or {}
    workers = ", ".join(worker["state"] for worker in run.get("workers", [])) or "none"
    return HTMLResponse(
        _PAGE.format(
            phase=html.escape(run.get("phase", "starting")),
            workers=html.escape(workers),
            base_url=html.escape(run.get("base_url", "")),
        ),
        headers={"cache-control": "no-store"},
    )
