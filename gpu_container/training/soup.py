"""Average weights of a run, those that it began with among them: python -m training.soup OUT WEIGHTS…

A network that goes on learning from the same recordings knows these ever better and, from some step on, others worse. The mean
of its weights with earlier ones and with the weights that it began with keeps most of both (WiSE-FT and model soups: Wortsman
et al., 2022).
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from riata_separator.backends.riata_small.exponents import METADATA_KEY


def averaged(states: Sequence[dict[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    """The mean of weights of the same network, as float16. Raises ValueError when they are of different ones."""
    shapes = [{name: value.shape for name, value in state.items()} for state in states]
    if any(other != shapes[0] for other in shapes):
        raise ValueError("weights of different networks have no mean")
    return {name: torch.stack([state[name].float() for state in states]).mean(0).half() for name in states[0]}


def main() -> None:
    """Command line of `make soup`."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("out", type=Path)
    arguments.add_argument("weights", type=Path, nargs="+", help="of one run; what the last one says of itself is kept")
    chosen = arguments.parse_args()
    states = [load_file(path) for path in chosen.weights]
    with safe_open(chosen.weights[-1], "pt") as file:
        metadata = {key: value for key, value in (file.metadata() or {}).items() if key != METADATA_KEY}
    save_file(averaged(states), chosen.out, metadata)


if __name__ == "__main__":
    main()
