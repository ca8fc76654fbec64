"""``riata demo``: the example mixture through a whole local stack, from nothing to a separated sound."""

import contextlib
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import click

_EXAMPLE = Path("docs/examples/speech-over-music")
_MIXTURE, _STEM, _PROMPT = "mixture.flac", "speech.flac", "prompt.txt"


@click.command()
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), default=Path("demo-output"), show_default=True,
    help="Folder of the outputs.",
)  # fmt: skip
def demo(output: Path) -> None:
    """Separate the example through a whole local stack of its own, and measure the result.

    The stack has its own state folder and free ports, so it touches nothing of a stack that is already up.
    """
    from riata_client.cli.progress import ProgressLine
    from riata_client.cli.separate import make_folder
    from riata_client.client import Client
    from riata_client.follow import separate_through
    from riata_client.measure import si_sdr_improvement
    from riata_local.checkout import Checkout

    began = time.monotonic()
    make_folder(output)
    example = Checkout.find().root / _EXAMPLE
    prompt = (example / _PROMPT).read_text(encoding="utf-8").strip()
    with _own_stack() as connection, Client(connection["base_url"], connection["api_key"]) as client:
        click.echo(f"The stack is up at {connection['base_url']} after {time.monotonic() - began:.1f} s.")
        click.echo(f'Mixture: {example / _MIXTURE}\nPrompt:  "{prompt}"')
        submitted = time.monotonic()
        with ProgressLine() as line:
            outcome = separate_through(client, example / _MIXTURE, prompt, {}, line.show, line.fraction)
        separated = time.monotonic() - submitted
        target, residual = outcome.download(client, output)
    improvement = si_sdr_improvement(example / _MIXTURE, target, example / _STEM)
    click.echo(f"Target:   {target}\nResidual: {residual}")
    click.echo(f"SI-SDR improvement against the true stem: {improvement:+.1f} dB")
    click.echo(f"Upload to result: {separated:.1f} s. Everything: {time.monotonic() - began:.1f} s.")
    if improvement <= 0:
        raise click.ClickException("The separation is no better than the mixture.")


@contextlib.contextmanager
def _own_stack() -> Iterator[dict[str, str]]:
    from riata_local import launch
    from riata_local.home import Home

    home = Home(Path(tempfile.mkdtemp(prefix="riata-demo-")))
    try:
        click.echo("Starting a local stack of its own …")
        run = launch.up_detached(home, launch.Options(port=0))
        yield {name: str(value) for name, value in launch.connection(home, run).items()}
    except BaseException:
        launch.down(home)
        click.echo(f"The logs are kept in {home.logs}.", err=True)
        raise
    launch.down(home)
    shutil.rmtree(home.root)
    click.echo("The stack is stopped, its state removed.")
