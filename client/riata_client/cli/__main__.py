"""``python -m riata_client.cli``: the ``riata`` command."""

from riata_client.cli import main

if __name__ == "__main__":
    main()
