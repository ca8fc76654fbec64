"""Where the weights are that ship with the package."""

from pathlib import Path

WEIGHTS = Path(__file__).parents[1] / "weights" / "riata-small"
"""Of the embedded separator, and the readout of its ear."""
