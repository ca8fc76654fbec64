"""A class network on torch: on the device, in the precision and with the threads of a :class:`~riata_separator.compute.Compute`."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ....arrays.tensors import placed_on
from ....compute import Compute
from .class_network import ClassNetwork
from .class_separator import ClassSeparator
from .loading import load_network


class TorchNetwork:
    """See :class:`~.base.PlacedNetwork`. Sums, norms and softmax stay float32 whatever the precision."""

    def __init__(self, module: ClassNetwork | ClassSeparator, compute: Compute) -> None:
        torch.set_num_threads(compute.threads)
        self.module, self.classes = module.to(compute.device).eval().requires_grad_(False), module.classes
        self._dtype: torch.dtype = getattr(torch, compute.precision)
        self._device = torch.device(compute.device)
        self._place = placed_on(self._device)
        self._encode, self._summed_shares = self.module.encode, self.module.summed_shares
        if compute.compiled:
            self._encode, self._summed_shares = torch.compile(self._encode), torch.compile(self._summed_shares)

    @classmethod
    def load(cls, path: Path, compute: Compute) -> tuple["TorchNetwork", dict[str, str]]:
        """See :func:`~.loading.load_network`."""
        module, metadata = load_network(path)
        return cls(module, compute), metadata

    def place(self, values: "np.ndarray[Any, Any]") -> torch.Tensor:
        """See :class:`~.base.PlacedNetwork`."""
        return self._place(values)

    def encode(self, spec: torch.Tensor) -> Any:
        """See :class:`~.base.Network`."""
        with self._precision():
            return self._encode(spec)

    def summed_shares(self, encoded: Any, hint: torch.Tensor, groups: torch.Tensor) -> torch.Tensor:
        """See :class:`~.base.Network`."""
        with self._precision():
            shares = self._summed_shares(encoded, hint, groups).float()
        if self._device.type == "cuda":
            torch.cuda.current_stream(self._device).synchronize()
        return shares

    def _precision(self) -> AbstractContextManager[Any]:
        return torch.autocast(self._device.type, self._dtype, enabled=self._dtype is not torch.float32)
