"""What only training needs of a network's layers."""

from typing import Any

import torch
from torch import Tensor


class _GradientAsImage(torch.autograd.Function):
    @staticmethod
    def forward(_: Any, x: Tensor) -> Tensor:
        return x.view_as(x)

    @staticmethod
    def backward(_: Any, gradient: Tensor) -> Tensor:  # type: ignore[override]
        return gradient.contiguous(memory_format=torch.channels_last)


def gradient_as_image(x: Tensor) -> Tensor:
    """The same (B, channels, T, K), whose gradient will lie in memory channels last.

    What comes back from a head is transposed, and every layer below would go through it in strides.
    """
    if not x.requires_grad:
        return x
    applied: Tensor = _GradientAsImage.apply(x)
    return applied
