"""A chunk as the network hears it, and the masks that separations of the same file make of it together."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from ...arrays import Array, Place, device, namespace
from ...separator import Chunk, Summary
from ...side_by_side import side_by_side
from .bands import BINS, HOP, RATE
from .estimates import Estimate, Estimator, masks
from .model import Model
from .panel import resampled
from .presence import Listener
from .windows import FRAMES, WindowGrid, taper

_CALLS_AHEAD = 4
"""So many calls of the network for each thread are made before their masks are added up: not more, for they wait in memory."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a separation hears a file: the grids of windows whose masks it averages, and whether a mixdown will do."""

    grids: tuple[WindowGrid, ...]
    mixdown: bool


@dataclass(frozen=True, slots=True)
class Heard:
    """A chunk at the network's rate.

    ``mixture`` (channels, samples) begins at sample ``first`` of the file; the first frame that lies in it is ``origin``.
    """

    mixture: Array
    first: int

    @classmethod
    def of(cls, chunk: Chunk, summary: Summary, place: Place) -> "Heard":
        """The chunk, resampled."""
        heard = np.ascontiguousarray(resampled(chunk.mixture, summary.sample_rate, RATE), np.float32)
        return cls(place(heard), round(chunk.start * RATE / summary.sample_rate))

    @property
    def origin(self) -> int:
        """The frame with which masks of this chunk begin."""
        return -(-self.first // HOP)

    @property
    def frames(self) -> int:
        """How many frames masks of this chunk have."""
        return self.mixture.shape[1] // HOP + 2


def chunk_masks(
    model: Model,
    asked: Sequence[tuple[Way, Estimator]],
    heard: Heard,
    experts: dict[str, Array],
    ear: Listener | None,
    checkpoint: Callable[[], None],
) -> list[Array]:
    """For each way and estimator the mask (channels, bins, frames) from frame ``heard.origin`` on.

    Those that hear the file in the same way share windows, STFTs, experts and the network's encoder.
    """
    sharing = defaultdict[Way, list[int]](list)
    for k, (way, _) in enumerate(asked):
        sharing[way].append(k)
    found: dict[int, Array] = {}
    for way, members in sharing.items():
        estimators = [asked[k][1] for k in members]
        per_grid = [_grid_masks(model, estimators, grid, way.mixdown, heard, experts, ear, checkpoint) for grid in way.grids]
        for k, of_grids in zip(members, zip(*per_grid, strict=True), strict=True):
            found[k] = sum(of_grids[1:], of_grids[0]) / len(of_grids)
    return [found[k] for k in range(len(asked))]


def _grid_masks(
    model: Model,
    estimators: Sequence[Estimator],
    grid: WindowGrid,
    mixdown: bool,
    heard: Heard,
    experts: dict[str, Array],
    ear: Listener | None,
    checkpoint: Callable[[], None],
) -> list[Array]:
    """The masks of each estimator over the windows of one grid, averaged where windows overlap."""
    mixture, first, frames = heard.mixture, heard.first, heard.frames
    xp, here = namespace(mixture), device(mixture)
    weights = xp.asarray(taper(), device=here)
    # In memory frame by frame, as spectrograms are.
    shape = len(mixture), frames + FRAMES, BINS
    sums = [xp.permute_dims(xp.zeros(shape, dtype=xp.float32, device=here), (0, 2, 1)) for _ in estimators]
    total = xp.zeros(frames + FRAMES, dtype=xp.float32, device=here)
    starts = list(grid.frames(first, first + mixture.shape[1]))
    size = model.windows_per_call(len(mixture))
    batches = [starts[i : i + size] for i in range(0, len(starts), size)]

    def said_of(batch: list[int]) -> list[list[Estimate]]:
        checkpoint()
        windows = xp.stack([grid.cut(mixture, first, frame) for frame in batch])
        said = {name: xp.stack([grid.cut(x, first, frame) for frame in batch]) for name, x in experts.items()}
        return list(masks(model, estimators, windows, said, ear, mixdown=mixdown))

    several = _CALLS_AHEAD * model.threads
    for some in (batches[i : i + several] for i in range(0, len(batches), several)):
        found = side_by_side(said_of, some, model.threads)
        for frame, estimates in zip(chain(*some), chain(*found), strict=True):
            at = slice(frame - heard.origin, frame - heard.origin + FRAMES)
            total[at] += weights
            for mask, estimator, estimate in zip(sums, estimators, estimates, strict=True):
                estimator.count(estimate)
                mask[:, :, at] += estimate.mask * weights
    total = xp.clip(total, min=1e-9)
    for mask in sums:
        mask /= total
    return [grid.unshifted(mask)[:, :, :frames] for mask in sums]
