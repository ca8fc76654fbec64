"""What the bench compares: our network, the prototype, harmonic-percussive separation and the oracle mask.

A separator is a function (mixture (n,), target class, reference (n,)) → estimate (n,) or None where it has no answer; only the
oracle looks at the reference.
"""

import importlib.util
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import torch
from safetensors import safe_open
from scipy.ndimage import median_filter

from training.class_network import CLASSES, ClassNetwork

Separate = Callable[[np.ndarray, str, np.ndarray], np.ndarray | None]

PROTOTYPE_CLASS = {
    "electric_guitar": "guitar", "acoustic_guitar": "guitar", "synthesizer": "synth", "weather": "noise",
    "vehicles": "vehicle", "other": None,
}  # fmt: skip
"""Our class → the prototype's, where the name differs; it has one class of guitars and none for the rest."""


def load_network(weights: Path) -> ClassNetwork:
    """The network in float32 from its float16 safetensors."""
    with safe_open(weights, "pt") as file:
        metadata = file.metadata()
        state = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118
    network = ClassNetwork(tuple(json.loads(metadata["widths"])), int(metadata["recurrent"]))
    network.load_state_dict(state)
    return network.eval()


def own(network: ClassNetwork, hinted: bool = True) -> Separate:
    """Our network; the hint names the target unless `hinted` is False."""

    def separate(mixture: np.ndarray, label: str, _: np.ndarray) -> np.ndarray:
        hint = torch.tensor([float(hinted and name == label) for name in CLASSES])
        x = torch.from_numpy(mixture)[None]
        mask = network.shares(x, hint)[CLASSES.index(label)]
        with torch.inference_mode():
            return np.asarray(network.istft(network.stft(x[0]) * mask, len(mixture)))

    return separate


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(f"{path}: not a Python module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def prototype(folder: Path) -> Separate:
    """The prototype in `folder` (classes.py, model.py, weights/separator.pt), with the hint its prompt would give."""
    classes, model = _module(folder / "classes.py"), _module(folder / "model.py")
    network = model.Separator()
    state = torch.load(folder / "weights" / "separator.pt", weights_only=True)
    network.load_state_dict({name: value.float() for name, value in state.items()})
    network.eval()

    def separate(mixture: np.ndarray, label: str, _: np.ndarray) -> np.ndarray | None:
        name = PROTOTYPE_CLASS.get(label, label)
        if name is None:
            return None
        wanted = torch.tensor([float(candidate == name) for candidate in classes.CLASSES])
        return np.asarray(model.separate(network, mixture, wanted, wanted))

    return separate


def oracle(network: ClassNetwork) -> Separate:
    """The best real mask of the network's own resolution, limited to 0–1: the ceiling of any answer it can give."""

    def separate(mixture: np.ndarray, _: str, reference: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            x, s = network.stft(torch.from_numpy(mixture)), network.stft(torch.from_numpy(reference))
            mask = ((x.conj() * s).real / (x.abs().square() + 1e-9)).clamp(0, 1)
            return np.asarray(network.istft(x * mask, len(mixture)))

    return separate


def percussive(network: ClassNetwork, width: int = 17) -> Separate:
    """Harmonic-percussive separation by median filtering (FitzGerald, 2010): an answer for drums only."""

    def separate(mixture: np.ndarray, label: str, _: np.ndarray) -> np.ndarray | None:
        if label != "drums":
            return None
        with torch.inference_mode():
            x = network.stft(torch.from_numpy(mixture))
            power = x.abs().square().numpy()
            along_time, along_frequency = median_filter(power, (1, width)), median_filter(power, (width, 1))
            mask = torch.from_numpy(along_frequency**2 / (along_time**2 + along_frequency**2 + 1e-12))
            return np.asarray(network.istft(x * mask, len(mixture)))

    return separate
