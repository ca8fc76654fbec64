"""Every minute: what died between two steps goes on, overdue webhooks are sent, and media whose time has come goes."""

from dataclasses import asdict
from typing import Any

from riata.bootstrap import App
from riata.log import log

app = App()


def handler(event: dict[str, Any], _context: object) -> dict[str, int]:
    """Sweep the open requests that are due; ``{"everything": true}`` takes all of them, as after a restart."""
    done = asdict(app.reconcile(everything=bool(event.get("everything"))))
    done |= {"webhooks": app.sweep_deliveries(), "disposed": app.dispose()}
    log("reconciled", **done)
    return done
