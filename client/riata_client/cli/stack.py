"""``riata up``, ``riata down`` and ``riata status``."""

import json
import sys

import click

_PRIVATE_URLS = (
    "WARNING: --allow-private-urls lets whoever holds an API key make this machine send requests to any address,\n"
    "also inside your network. Never use it where strangers may call."
)


@click.command()
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Port of the service; 0 takes a free one. Default: the last one, else 8787."
)
@click.option("--workers", type=click.IntRange(1, 16), default=1, show_default=True, help="Number of worker processes.")
@click.option("--backend", default="riata-small", show_default=True, help="The separator that the workers load.")
@click.option(
    "--allow-private-urls", is_flag=True, help="Visit callers' URLs at any address, by HTTP, on any port: for tests and demos."
)
@click.option("--parameter", "parameters", multiple=True, metavar="NAME=VALUE", help="One of template.yaml's; may be repeated.")
@click.option("--detach", is_flag=True, help="Return when all is healthy; stop with `riata down`.")
@click.option("--json", "as_json", is_flag=True, help="With --detach: print one JSON object.")
def up(
    port: int | None, workers: int, backend: str, allow_private_urls: bool, parameters: tuple[str, ...], detach: bool, as_json: bool
) -> None:
    """Start the local stack: the deployed template, its workers and the edge, on loopback only.

    State lives in RIATA_HOME (default ~/.riata) and survives `riata down`.
    """
    from riata_local import launch, record
    from riata_local.home import Home

    if as_json and not detach:
        raise click.UsageError("--json needs --detach.")
    home = Home.from_environment()
    options = launch.Options(port, workers, backend, _template_parameters(parameters, allow_private_urls))
    if allow_private_urls:
        click.secho(_PRIVATE_URLS, err=True, fg="red", bold=True)
    already = record.running(home)
    if already and (already.phase == record.HEALTHY or detach):
        click.echo(f"A stack already runs in {home.root}.", err=True)
        if port and not already.base_url.endswith(f":{port}"):
            click.echo(f"It keeps its address {already.base_url}: `riata down` first to change it.", err=True)
    if detach:
        run = launch.up_detached(home, options)
        if as_json:
            click.echo(json.dumps(launch.connection(home, run)))
        else:
            _greet(launch.connection(home, run), run.workers)
            click.echo("Stop it with `riata down`.")
    elif already:
        _greet(launch.connection(home, already), already.workers)
    else:
        launch.up(
            home,
            options,
            report=lambda line: click.echo(f"{line} …" if line.startswith(("Start", "Deploy")) else line, err=True),
            on_healthy=lambda run: _greet(launch.connection(home, run), run.workers, "Stop with Ctrl-C."),
        )


def _template_parameters(given: tuple[str, ...], allow_private_urls: bool) -> dict[str, str]:
    named = [parameter.partition("=") for parameter in given]
    if any(not name or not sign for name, sign, _ in named):
        raise click.UsageError("--parameter takes NAME=VALUE.")
    private = {"AllowPrivateUrls": "true"} if allow_private_urls else {}
    return {name: value for name, _, value in named} | private


def _greet(connection: dict[str, str | int], workers: list[dict[str, object]], *more: str) -> None:
    states = ", ".join(f"worker {worker['index']} {worker['state']}" for worker in workers)
    click.echo(f"\n  Base URL  {connection['base_url']}\n  API key   {connection['api_key']}\n  Workers   {states}\n")
    for line in more:
        click.echo(line)
    sys.stdout.flush()


@click.command()
def down() -> None:
    """Stop the local stack in order: workers give their messages back, then the state is written."""
    from riata_local import launch
    from riata_local.home import Home

    home = Home.from_environment()
    stopped = launch.down(home)
    click.echo("Stopped." if stopped else f"Nothing runs in {home.root}.")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def status(as_json: bool) -> None:
    """Say what runs and where. Exit status 0 when the stack is healthy, 3 when not."""
    from riata_local import record
    from riata_local.home import Home

    home = Home.from_environment()
    run = record.running(home)
    phase = run.phase if run else "stopped"
    if as_json:
        known = {"base_url": run.base_url, "pid": run.pid, "workers": run.workers} if run else {}
        click.echo(json.dumps({"phase": phase, "state_dir": str(home.root), **known}))
    else:
        click.echo(f"{phase} ({home.root})")
        if run:
            click.echo(f"  Base URL  {run.base_url}\n  pid       {run.pid}\n  Logs      {home.logs}")
            for worker in run.workers:
                restarts = f", restarted {worker['restarts']} times" if worker["restarts"] else ""
                click.echo(f"  Worker {worker['index']}  {worker['state']}{restarts}")
    if phase != record.HEALTHY:
        sys.exit(3)
