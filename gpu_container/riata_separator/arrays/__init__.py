"""One signal path for NumPy arrays and torch tensors.

What both can do is written against the array API standard, whose namespace :func:`namespace` finds for an array. What the standard
lacks is in this package. Nothing here imports torch unless it is given a tensor.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from array_api_compat import array_namespace as namespace
from array_api_compat import device, is_numpy_array

__all__ = [
    "Array", "Place", "as_numpy", "device", "in_memory", "is_numpy_array", "mixed", "namespace", "padded", "power", "sigmoid",
]  # fmt: skip

Array = Any
"""A NumPy array or a torch tensor."""

Place = Callable[["np.ndarray[Any, Any]"], Array]
"""Puts an array where a model computes."""

_STEEPEST = 80.0


def in_memory(values: "np.ndarray[Any, Any]") -> Array:
    """The :data:`Place` of models that compute on NumPy arrays."""
    return np.ascontiguousarray(values)


def as_numpy(x: Array) -> "np.ndarray[Any, Any]":
    """The values, wherever they are."""
    values: np.ndarray[Any, Any] = x if is_numpy_array(x) else x.cpu().numpy()
    return values


def sigmoid(x: Array) -> Array:
    """The logistic function; beyond ±80 it is 0 or 1 in float32."""
    if is_numpy_array(x):
        return 1 / (1 + np.exp(-np.clip(x, -_STEEPEST, _STEEPEST)))
    return x.sigmoid()


def power(x: Array) -> Array:
    """Squared magnitudes of complex x."""
    xp = namespace(x)
    return xp.square(x.real) + xp.square(x.imag)


def mixed(a: Array, b: Array, weight: Array | float) -> Array:
    """Linear interpolation from a (weight 0) to b (weight 1)."""
    return a + (b - a) * weight


def padded(x: Array, before: int, after: int) -> Array:
    """X (…, n) with zeros before and after."""
    if not before and not after:
        return x
    xp = namespace(x)
    ends = [xp.zeros((*x.shape[:-1], n), dtype=x.dtype, device=device(x)) for n in (before, after)]
    return xp.concat([ends[0], x, ends[1]], axis=-1)
