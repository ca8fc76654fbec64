"""``riata doctor``."""

import importlib.util
import json
import sys
from dataclasses import asdict

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def doctor(as_json: bool) -> None:
    """Say what is wrong on this machine and how to mend it. Exit status 1 if something is."""
    if sys.version_info < (3, 11) or importlib.util.find_spec("psutil") is None:
        raise click.ClickException("The environment is incomplete or its Python is too old: run `make up` in the checkout.")

    from riata_local.doctor import Level, examine
    from riata_local.home import Home

    findings = examine(Home.from_environment())
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings]))
    else:
        for finding in findings:
            click.echo(f"{finding.level:<8} {finding.check}: {finding.message}")
            if finding.remedy:
                click.echo(f"         → {finding.remedy}")
    if any(finding.level is Level.PROBLEM for finding in findings):
        sys.exit(1)
