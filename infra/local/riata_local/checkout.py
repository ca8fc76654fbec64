"""Where the deployable sources lie: the template, the functions and the worker's package of one checkout."""

import os
from dataclasses import dataclass
from pathlib import Path

from riata.errors import CommandFailed

CHECKOUT_VARIABLE = "RIATA_CHECKOUT"


@dataclass(frozen=True)
class Checkout:
    """The repository's root."""

    root: Path

    @classmethod
    def find(cls) -> "Checkout":
        """The checkout this package runs from, or the one named by ``RIATA_CHECKOUT``.

        Raises:
            CommandFailed: There is no template.yaml.
        """
        named = os.environ.get(CHECKOUT_VARIABLE)
        root = Path(named).absolute() if named else Path(__file__).resolve().parents[3]
        if not (root / "template.yaml").is_file():
            raise CommandFailed(
                f"No template.yaml in {root}: run `riata` from a clone of the repository (make up), or set "
                f"{CHECKOUT_VARIABLE} to one."
            )
        return cls(root)

    @property
    def template(self) -> Path:
        return self.root / "template.yaml"

    @property
    def stream_app(self) -> Path:
        return self.root / "functions" / "stream" / "app.py"
