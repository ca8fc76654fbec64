"""The last layer of the class networks: one logit per class for every frequency group, from the features of bands.

Shapes: B windows, F bins, T frames, K bands, G frequency groups, C classes, R groups of classes.

Groups are single bins up to about 2.5 kHz and then ever wider: an answer of its own for every bin above costs a third of a
network's time and is worth nothing that can be measured. A group is answered by the band that holds its centre.
"""

import numpy as np
import torch
from torch import Tensor, nn

from ..bands import BINS, Indices, band_edges
from .summing import summed_by_rows

GROUPS = 337


def group_edges() -> Indices:
    """Edges (G + 1,) of the groups in bins."""
    quotient = 60.0
    while True:
        edges = [0]
        while edges[-1] < BINS:
            edges.append(edges[-1] + max(1, int(edges[-1] / quotient)))
        if len(edges) - 1 >= GROUPS:
            break
        quotient += 0.1
    edges = edges[: GROUPS + 1]
    edges[-1] = BINS
    return np.array(edges)


def bands_of_groups(bands: int) -> Indices:
    """The band (G,) that answers for each group."""
    edges = group_edges()
    found: Indices = np.searchsorted(band_edges(bands), (edges[1:] + edges[:-1] - 1) / 2, side="right") - 1
    return found


def _slots(band_of_group: Indices, bands: int) -> tuple[Indices, Indices]:
    """Groups of every band (K, slots), padded with the first, and the flat slot (G,) that answers for each group."""
    mine = [np.flatnonzero(band_of_group == band) for band in range(bands)]
    slots = max(map(len, mine))
    padded = np.stack([np.pad(groups, (0, slots - len(groups))) for groups in mine])
    place = np.concatenate([band * slots + np.arange(len(groups)) for band, groups in enumerate(mine)])
    return padded, place


class GroupHead(nn.Module):
    """Features of every band (B, channels, T, K) → logits, or shares of sums of classes."""

    groups_of_band: Tensor
    slot_of_group: Tensor
    group_of_bin: Tensor

    def __init__(self, channels: int, classes: int, bands: int) -> None:
        super().__init__()
        self.classes, self.bands = classes, bands
        groups_of_band, slot_of_group = _slots(bands_of_groups(bands), bands)
        self.slots = int(groups_of_band.shape[1])
        self.register_buffer("groups_of_band", torch.from_numpy(groups_of_band), persistent=False)
        self.register_buffer("slot_of_group", torch.from_numpy(slot_of_group), persistent=False)
        group_of_bin = torch.from_numpy(np.repeat(np.arange(GROUPS), np.diff(group_edges())))
        self.register_buffer("group_of_bin", group_of_bin, persistent=False)
        self.weight = nn.Parameter(torch.randn(GROUPS, channels, classes) * 0.5 / channels**0.5)
        self.bias = nn.Parameter(torch.zeros(GROUPS, 1, classes))

    def _answers(self, x: Tensor) -> Tensor:
        """What the bands answer (K, B, T · slots, C)."""
        b, c, t, _ = x.shape
        rows, chosen = x.permute(3, 0, 2, 1).reshape(self.bands, b * t, c), self.groups_of_band.reshape(-1)
        matrix = self.weight.index_select(0, chosen).view(self.bands, self.slots, c, -1)
        bias = self.bias.index_select(0, chosen).view(self.bands, 1, -1)
        answers = torch.baddbmm(bias, rows, matrix.transpose(1, 2).reshape(self.bands, c, -1))
        return answers.view(self.bands, b, t * self.slots, self.classes)

    def _by_groups(self, answers: Tensor, frames: int) -> Tensor:
        """What the bands answer (K, B, T · slots, n) → (n, B, T, G)."""
        k, b, _, n = answers.shape
        apart = answers.view(k, b, frames, self.slots, n).permute(4, 1, 2, 0, 3)
        return apart.reshape(n, b, frames, k * self.slots).index_select(3, self.slot_of_group)

    def logits(self, x: Tensor) -> Tensor:
        """Logits (G, C, B, T): in this order a group is one stretch of memory."""
        b, c, t, _ = x.shape
        rows, chosen = x.permute(3, 1, 0, 2).reshape(self.bands, c, b * t), self.groups_of_band.reshape(-1)
        matrix = self.weight.index_select(0, chosen).view(self.bands, self.slots, c, -1)
        bias = self.bias.index_select(0, chosen).view(self.bands, -1, 1)
        answers = torch.baddbmm(bias, matrix.transpose(2, 3).reshape(self.bands, -1, c), rows)
        return answers.view(-1, self.classes, b, t).index_select(0, self.slot_of_group)

    def shares(self, x: Tensor, groups: Tensor, offset: Tensor | None = None) -> Tensor:
        """Shares (R, B, T, F) summed over groups of classes (B, R, C); ``offset`` (B, C) is added to all logits."""
        answers = self._answers(x)
        if offset is not None:
            answers = answers + offset[:, None]
        return self._by_groups(summed_by_rows(answers, groups), x.shape[2])[..., self.group_of_bin]
