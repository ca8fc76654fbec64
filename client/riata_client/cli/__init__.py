"""The ``riata`` command."""

import sys

import click

from riata.errors import RiataError
from riata_client.cli.lazy import LazyGroup

# Name → module, attribute, help. The modules are imported when their command runs, so that help costs nothing.
_COMMANDS = {
    "up": ("riata_client.cli.stack", "up", "Start the local stack and keep it running."),
    "down": ("riata_client.cli.stack", "down", "Stop the local stack; nothing is lost."),
    "status": ("riata_client.cli.stack", "status", "Say what runs and where."),
    "doctor": ("riata_client.cli.doctor", "doctor", "Say what is wrong on this machine and how to mend it."),
    "keys": ("riata_client.cli.keys", "keys", "Create, list and revoke API keys."),
    "credits": ("riata_client.cli.credits", "credits", "Show and add the credits of a metered key."),
    "separate": ("riata_client.cli.separate", "separate", "Pull one described sound out of a file."),
    "demo": ("riata_client.cli.demo", "demo", "Separate the example through a whole local stack."),
    "models": ("riata_separator.models.cli", "models", "Fetch, list and check separation models."),
    "understand": ("riata.understanding.cli", "understand_command", "Show how a prompt is understood."),
}


@click.command(
    cls=LazyGroup, commands=_COMMANDS, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(package_name="riata", prog_name="riata")
def cli() -> None:
    """Riata pulls one described sound out of audio or video, on your own machine or in your own cloud."""


def main() -> None:
    """Run the command; errors are one message and exit status 1."""
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Exit as leave:
        sys.exit(leave.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except RiataError as error:
        click.echo(f"riata: {error}", err=True)
        sys.exit(1)
