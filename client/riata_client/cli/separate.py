"""``riata separate``: through the service, or in this process with ``--local``."""

from pathlib import Path
from typing import Any

import click

from riata_client.cli.stretch import STRETCH


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("prompt")
@click.option("-o", "--output", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder of the outputs.")
@click.option("--local", is_flag=True, help="Separate in this process, without any service.")
@click.option("--backend", default="riata-small", show_default=True, help="With --local: the separator.")
@click.option("--format", "output_format", type=click.Choice(["wav", "mp3"]), default="wav", show_default=True)
@click.option("--acceleration", type=click.Choice(["fast", "balanced", "quality"]), default="balanced", show_default=True)
@click.option("--candidates", type=click.IntRange(1, 8), default=1, show_default=True, help="Keep the best of N.")
@click.option("--predict-spans", is_flag=True, help="Let the model find where the sound is.")
@click.option("--span", "heard", type=STRETCH, multiple=True, help="The sound is heard here, e.g. 3.5-8 or 1:03-1:20; repeatable.")
@click.option("--no-span", "unheard", type=STRETCH, multiple=True, help="The sound is not heard here; repeatable.")
def separate(
    file: Path, prompt: str, output: Path, local: bool, backend: str, output_format: str, acceleration: str,
    candidates: int, predict_spans: bool, heard: tuple[tuple[float, float], ...], unheard: tuple[tuple[float, float], ...],
) -> None:  # fmt: skip
    """Pull the sound that PROMPT describes out of FILE (audio or video).

    Writes target and residual (the rest) into the output folder. A sound that the model knows no word for is pulled
    out if --span shows where it is heard. Uses the running local stack, or the service named by RIATA_BASE_URL and RIATA_API_KEY.
    """
    if not prompt.strip() or len(prompt) > 500:
        raise click.UsageError('A prompt has 1 to 500 characters, e.g. "isolate the lead vocal".')
    make_folder(output)
    wishes = {
        "output_format": output_format, "acceleration": acceleration, "reranking_candidates": candidates,
        "predict_spans": predict_spans,
        "spans": [_span(*stretch, True) for stretch in heard] + [_span(*stretch, False) for stretch in unheard],
    }  # fmt: skip
    done = _separate_here(file, prompt, output, backend, wishes) if local else _by_service(file, prompt, output, wishes)
    for path in done:
        click.echo(str(path))


def _span(start: float, end: float, include: bool) -> dict[str, Any]:
    return {"start": start, "end": end, "include": include}


def make_folder(folder: Path) -> None:
    """Make the output folder, or say why it cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.ClickException(f"{folder} cannot be made: {error.strerror}.") from error


def _separate_here(file: Path, prompt: str, output: Path, backend: str, wishes: dict[str, Any]) -> list[Path]:
    from riata.domain.options import Acceleration, OutputFormat, SeparationOptions, Span
    from riata_client.cli.progress import ProgressLine
    from riata_separator import backends
    from riata_separator.engine import separate_file

    options = SeparationOptions(
        prompt=prompt,
        spans=tuple(Span(**span) for span in wishes["spans"]),
        predict_spans=wishes["predict_spans"],
        reranking_candidates=wishes["reranking_candidates"],
        acceleration=Acceleration(wishes["acceleration"]),
        output_format=OutputFormat(wishes["output_format"]),
    )
    with ProgressLine() as line:
        line.show("loading the model")
        separator = backends.load(backend)
        result = separate_file(
            file, output, options, separator, progress=line.fraction, log=line.note, cancelled=lambda: False
        )
    outputs = (result.target, result.residual)
    return [path for media in outputs for path in (media.path, media.video_path) if path is not None]


def _by_service(file: Path, prompt: str, output: Path, wishes: dict[str, Any]) -> list[Path]:
    from riata_client.cli.progress import ProgressLine
    from riata_client.cli.service import connect
    from riata_client.follow import separate_through

    with connect() as client, ProgressLine() as line:
        outcome = separate_through(client, file, prompt, wishes, line.show, line.fraction)
        return outcome.download(client, output)
