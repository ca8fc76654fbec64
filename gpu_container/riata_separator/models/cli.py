"""``riata models list|pull|verify|path``."""

import json

import click

from riata_separator.models.manifest import manifest
from riata_separator.models.store import Store


@click.group("models")
def models() -> None:
    """Fetch, list and check separation models."""


@models.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_models(*, as_json: bool) -> None:
    """Show every model: whether it is here, its size, its licence and what it does."""
    store = Store()
    known = manifest().values()
    if as_json:
        rows = [
            {"name": model.name, "pulled": store.has(model.name), "licence": model.licence, "title": model.title,
             "artifacts": [{"source": a.source, "sha256": a.sha256, "size": a.size} for a in model.artifacts]}
            for model in known
        ]  # fmt: skip
        click.echo(json.dumps(rows))
        return
    for model in known:
        here = "pulled" if store.has(model.name) else "–"
        size = model.artifacts[0].size / 1e6
        click.echo(f"{model.name:<10}{here:<8}{size:6.1f} MB  {model.licence:<20}{model.title}")


@models.command("pull")
@click.argument("names", nargs=-1)
def pull(names: tuple[str, ...]) -> None:
    """Fetch NAMES, by default all models."""
    store = Store()
    for name in names or manifest():
        click.echo(f"{name}: {store.pull(name)}")


@models.command("verify")
@click.argument("names", nargs=-1)
def verify(names: tuple[str, ...]) -> None:
    """Check the files of NAMES, by default of all pulled models, against their hashes."""
    store = Store()
    for name in names or [name for name in manifest() if store.has(name)]:
        store.verify(name)
        click.echo(f"{name}: intact")


@models.command("path")
@click.argument("name")
def path(name: str) -> None:
    """Print the folder of a pulled model."""
    click.echo(Store().path(name))
