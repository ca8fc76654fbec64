"""Where tensors of torch are put."""

from typing import Any

import numpy as np
import torch

from . import Place


def placed_on(device: torch.device) -> Place:
    """The :data:`~riata_separator.arrays.Place` of models on ``device``."""

    def place(values: "np.ndarray[Any, Any]") -> torch.Tensor:
        return torch.from_numpy(np.ascontiguousarray(values)).to(device)

    return place
