"""``riata understand PROMPT``: what the embedded model would do with a prompt."""

import json

import click

from riata.errors import RequestError
from riata.understanding.classes import label
from riata.understanding.understanding import understand


@click.command("understand")
@click.argument("prompt")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def understand_command(prompt: str, *, as_json: bool) -> None:
    """Show what PROMPT asks for, or why it is refused (exit status 1)."""
    try:
        understanding = understand(prompt)
    except RequestError as error:
        refusal = {"error": {"code": error.code, "message": error.message, "param": error.param}}
        click.echo(json.dumps(refusal, ensure_ascii=False) if as_json else f"{error.code}: {error.message}")
        raise SystemExit(1) from None
    if as_json:
        click.echo(json.dumps(understanding.as_dict(), ensure_ascii=False))
        return
    for name in ("wanted", "removed", "context"):
        classes = getattr(understanding, name)
        click.echo(f"{name + ':':<12}{', '.join(map(label, classes)) or '–'}")
    click.echo(f"{'the rest:':<12}{understanding.rest}")
    click.echo(f"{'confidence:':<12}{understanding.confidence:.2f}")
    for note in understanding.notes:
        click.echo(f"{'note:':<12}{note}")
