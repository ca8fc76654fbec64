"""From logits of classes to shares of groups of classes: a softmax of which only sums are wanted.

Sums are taken before the division, so that nothing of the size of all classes is divided or put in another order.
"""

import torch
from torch import Tensor


def summed_by_rows(logits: Tensor, groups: Tensor) -> Tensor:
    """Shares (…, B, N, G) of groups (B, G, C), 0 or 1 each, of logits (…, B, N, C), in float32."""
    with torch.autocast(logits.device.type, enabled=False):
        weights = (logits.float() - logits.float().amax(-1, keepdim=True)).exp()
        return (weights @ groups.transpose(1, 2)) / weights.sum(-1, keepdim=True)


def for_each(hint: Tensor, groups: Tensor, rows: int) -> tuple[Tensor, Tensor]:
    """Hint and groups of each of ``rows``: those of all (C,) and (G, C), or those of windows of several rows each."""
    if hint.dim() == 1:
        return hint.expand(rows, -1), groups.expand(rows, -1, -1)
    alone = rows // len(hint)
    return hint.repeat_interleave(alone, 0), groups.repeat_interleave(alone, 0)
