"""From a file of weights to a network. The file's metadata says all that is needed to build it.

``network`` is a name of :data:`KINDS`, ``classes`` a JSON list of class names, ``fusion`` (optional) the JSON of the
:class:`~..fusion.Exponents` that were fitted with these weights; a class network adds its widths.
"""

import json
from pathlib import Path

from safetensors import SafetensorError, safe_open
from torch import nn

from riata.errors import BackendUnavailable

from .class_network import ClassNetwork
from .class_separator import ClassSeparator

KINDS = ("class-separator", "class-network")


def load_network(path: Path) -> tuple[ClassNetwork | ClassSeparator, dict[str, str]]:
    """The network of a safetensors file, in float32 and ready to listen, and the file's metadata.

    Raises:
        BackendUnavailable: the file is missing, or not of a network that is known here.
    """
    try:
        with safe_open(path, "pt") as file:
            metadata = dict(file.metadata() or {})
            state = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118
        network = _built(metadata)
        network.load_state_dict(state)
    except (OSError, SafetensorError, RuntimeError, KeyError, ValueError, TypeError) as error:
        raise BackendUnavailable(f"The weights of riata-small in {path} cannot be loaded: {error}") from error
    return network.eval().requires_grad_(False), metadata


def _built(metadata: dict[str, str]) -> ClassNetwork | ClassSeparator:
    kind, classes = metadata["network"], tuple(json.loads(metadata["classes"]))
    if kind == "class-network":
        return ClassNetwork(tuple(json.loads(metadata["widths"])), int(metadata["recurrent"]), classes=classes)
    if kind == "class-separator":
        return ClassSeparator(classes)
    raise ValueError(f"unknown network {kind!r}, not one of {', '.join(KINDS)}")


def described(network: nn.Module) -> dict[str, str]:
    """The metadata from which :func:`load_network` builds a network like this one."""
    if isinstance(network, ClassNetwork):
        widths = {"widths": json.dumps(network.channels), "recurrent": str(network.recurrent)}
        return {"network": "class-network", "classes": json.dumps(network.classes), **widths}
    if isinstance(network, ClassSeparator):
        return {"network": "class-separator", "classes": json.dumps(network.classes)}
    raise TypeError(f"{type(network).__name__} is no class network")
