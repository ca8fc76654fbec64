"""Recordings that train and are part of what is measured too, whatever they are called and whoever published them.

python -m training.overlap        lists the clips of the training split that a file of the benches contains, or is contained in

Sounds are compared by pairs of spectral peaks, which survive other rates, codecs and gains (Wang, "An industrial-strength audio
search algorithm", ISMIR 2003). Two files share a recording where many pairs agree in one time offset.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import soxr
from scipy.ndimage import maximum_filter
from scipy.signal import stft

from training import development_set
from training.audio_files import Wave, decode
from training.kept import digest
from training.scenes import RECORDED
from training.workspace import RATE, root

HEARD_RATE = 11_025
FRAME, HOP = 1024, 256
AROUND = (25, 15)
"""Bins and frames in which a peak is the highest."""

NEAREST, FARTHEST, PARTNERS = 3, 60, 6
"""Frames between the peaks of a pair, and how many later peaks each is paired with."""

FEWEST, SHARE = 20, 0.05
"""So many pairs, and this share of the shorter file's, agree where a recording is shared. Unrelated files share about ten."""

SECONDS = 240.0
Mark = tuple[tuple[int, int, int], int]
"""A pair (bin, bin, frames between) and the frame of its first peak."""


def marks(x: Wave) -> list[Mark]:
    """Pairs of peaks of samples (n,)."""
    x = soxr.resample(x, RATE, HEARD_RATE)
    if len(x) < 2 * FRAME:
        return []
    magnitude = np.abs(stft(x, HEARD_RATE, nperseg=FRAME, noverlap=FRAME - HOP)[2])
    level = np.log(magnitude + 1e-5 * magnitude.max() + 1e-9)
    bins, frames = np.nonzero((level == maximum_filter(level, AROUND)) & (level > np.median(level) + 1))
    order = np.argsort(frames, kind="stable")
    peaks = [(int(bins[k]), int(frames[k])) for k in order]
    found: list[Mark] = []
    for k, (low, start) in enumerate(peaks):
        later = ((high, at - start) for high, at in peaks[k + 1 : k + 200] if at - start >= NEAREST)
        for count, (high, apart) in enumerate(later):
            if apart > FARTHEST or count == PARTNERS:
                break
            found.append(((low, high, apart), start))
    return found


class Library:
    """The marks of many sounds, to look others up in."""

    def __init__(self, sounds: Iterable[tuple[str, Wave]]) -> None:
        self.places: dict[tuple[int, int, int], list[tuple[str, int]]] = defaultdict(list)
        self.sizes: dict[str, int] = {}
        for name, x in sounds:
            found = marks(x)
            self.sizes[name] = len(found)
            for pair, at in found:
                self.places[pair].append((name, at))

    def shared(self, x: Wave) -> tuple[str, int] | None:
        """The sound that shares a recording with samples (n,), and how many pairs agree; None where none does."""
        found = marks(x)
        agree = Counter((name, at - here) for pair, here in found for name, at in self.places.get(pair, ()))
        if not agree:
            return None
        (name, offset), count = agree.most_common(1)[0]
        count += agree[name, offset - 1] + agree[name, offset + 1]
        enough = max(FEWEST, SHARE * min(len(found), self.sizes[name]))
        return (name, count) if count >= enough else None


def _decoded(paths: Iterable[Path]) -> Iterator[tuple[str, Wave]]:
    for path in paths:
        try:
            yield str(path.relative_to(root())), decode(path, SECONDS)
        except OSError:
            continue


def measured() -> list[Path]:
    """Files of real recordings that the held-out bench and the development set are made of, each content once."""
    sounds = (
        *development_set.AMBIENCE, *development_set.ANIMALS, *development_set.SINGERS, *development_set.PLAYERS,
        *development_set.SCORES,
    )  # fmt: skip
    files = {path for sound in sounds for path in (root() / "sources").glob(sound.files)}
    files |= set((root() / "clips" / "held").glob(f"*__{RECORDED}*"))
    return sorted({digest(path.read_bytes()): path for path in sorted(files, reverse=True)}.values())


def main() -> None:
    """Print what is shared; leave with 1 when anything is."""
    library, found = Library(_decoded(measured())), 0
    for name, x in _decoded(sorted((root() / "clips" / "train").glob(f"*__{RECORDED}*"))):
        shared = library.shared(x)
        if shared:
            found += 1
            print(f"{name} shares a recording with {shared[0]} ({shared[1]} pairs)", flush=True)
    raise SystemExit(min(found, 1))


if __name__ == "__main__":
    main()
