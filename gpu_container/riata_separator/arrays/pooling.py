"""Averages over neighbourhoods."""

from typing import Any

import numpy as np

from . import Array, is_numpy_array, namespace


def neighbourhood_mean(x: Array, bins: int, frames: int) -> Array:
    """Moving average over ``bins`` × ``frames`` neighbours, both odd, of (n, F, T); at the edges over those that there are."""
    if not is_numpy_array(x):
        from torch.nn.functional import avg_pool2d

        return avg_pool2d(x[None], (bins, frames), 1, (bins // 2, frames // 2), count_include_pad=False)[0]
    return _moving_mean(_moving_mean(x, bins, 1), frames, 2)


def moving_mean(x: Array, width: int) -> Array:
    """Moving average over ``width`` neighbours, odd, along the last axis; at the ends the last value goes on."""
    xp, around = namespace(x), width // 2
    long = xp.concat([*[x[..., :1]] * around, x, *[x[..., -1:]] * around], axis=-1)
    return sum((long[..., k : k + x.shape[-1]] for k in range(1, width)), long[..., : x.shape[-1]]) / width


def _moving_mean(x: "np.ndarray[Any, Any]", width: int, axis: int) -> "np.ndarray[Any, Any]":
    total, size = x.copy(), x.shape[axis]
    count = np.ones(size, x.dtype)
    for shift in range(1, min(width // 2, size - 1) + 1):
        earlier, later = _along(axis, slice(None, -shift)), _along(axis, slice(shift, None))
        total[earlier] += x[later]
        total[later] += x[earlier]
        count[:-shift] += 1
        count[shift:] += 1
    total /= count.reshape([-1 if k == axis else 1 for k in range(x.ndim)])
    return total


def _along(axis: int, part: slice) -> tuple[slice, ...]:
    return (*[slice(None)] * axis, part)
