"""``riata models list|pull|verify|path``."""

import json
from pathlib import Path

import click

from riata_separator.models.manifest import manifest
from riata_separator.models.safetensors_file import write_safetensors
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
             "on_request": model.on_request, "optional": model.optional,
             "artifacts": [{"source": a.source, "sha256": a.sha256, "size": a.size} for a in model.artifacts + model.parts]}
            for model in known
        ]  # fmt: skip
        click.echo(json.dumps(rows))
        return
    for model in known:
        here = "pulled" if store.has(model.name) else "–"
        size = (sum(part.size for part in model.parts) or model.artifacts[0].size) / 1e6
        click.echo(f"{model.name:<12}{here:<8}{size:8.1f} MB  {model.licence:<27}{model.title}")


@models.command("pull")
@click.argument("names", nargs=-1)
def pull(names: tuple[str, ...]) -> None:
    """Fetch NAMES, by default all models but those that have to be asked for; optional ones only where they can be had."""
    store = Store()
    for line in (f"{name}: {store.pull(name)}" for name in names) if names else store.pull_unasked():
        click.echo(line)


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


@models.command("convert")
@click.argument("checkpoint", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("destination", required=False, type=click.Path(dir_okay=False, path_type=Path))
def convert_checkpoint(checkpoint: Path, destination: Path | None) -> None:
    """Write the tensors of CHECKPOINT, a pickle, into a safetensors file beside it, without running anything of the pickle."""
    written = destination or checkpoint.with_suffix(".safetensors")
    write_safetensors(checkpoint, written)
    click.echo(written)
