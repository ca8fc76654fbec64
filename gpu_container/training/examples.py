"""Separate the scenes of docs/examples by their prompts, through the engine: sounds, pictures and a table of what is reached.

python -m training.examples [--weights WEIGHTS]     by default those that the service ships
"""

import argparse
import io
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile as sf

from riata.domain.options import SeparationOptions
from riata_separator.backends.riata_small.backend import RiataSmall, placed_network
from riata_separator.backends.riata_small.bands import HOP, N_FFT, RATE
from riata_separator.backends.riata_small.exponents import Exponents
from riata_separator.compute import compute_here
from riata_separator.engine import separate_file
from riata_separator.experts.base import Expert, load_experts
from riata_separator.packaged import WEIGHTS
from training.example_scenes import EXAMPLES, SCENES, Scene
from training.scores import si_sdr
from training.separators import stft
from training.tables import table

FLOOR_DB, QUALITY = -70.0, 0.5
BLOCK, COLOURS = 8192, 48
BEGIN, END = "<!-- reached -->\n", "<!-- /reached -->"


@dataclass(frozen=True)
class Reached:
    """SI-SDR in dB of a scene's target and residual, of the mixture against both, and the experts that were asked."""

    scene: Scene
    before: tuple[float, float]
    after: tuple[float, float]
    experts: tuple[str, ...]


def separator(weights: Path | None, experts: Mapping[str, Expert] | None = None) -> RiataSmall:
    """The service's backend, with other weights or experts where they are given."""
    compute = compute_here()
    network, metadata = placed_network(weights or WEIGHTS / "separator.safetensors", compute)
    asked = load_experts(compute=compute)[0] if experts is None else experts
    return RiataSmall(network, compute, asked, Exponents.of(metadata))


def separated(backend: RiataSmall, scene: Scene) -> Reached:
    """Separate one scene and write its sounds and picture."""
    into = EXAMPLES / scene.name
    mixture, reference = (_read(into / f"{name}.flac") for name in ("mixture", "reference"))
    with tempfile.TemporaryDirectory() as scratch:
        result = separate_file(
            into / "mixture.flac", Path(scratch), SeparationOptions(scene.prompt), backend,
            progress=lambda _: None, log=lambda _: None, cancelled=lambda: False,
        )  # fmt: skip
        target, residual = _read(result.target.path), _read(result.residual.path)
    rate = sf.info(into / "mixture.flac").samplerate
    for name, x in (("target", target), ("residual", residual)):
        _write_ogg(into / f"{name}.ogg", x, rate)
    picture(into / "spectrograms.png", {"mixture": mixture, "target": target, "residual": residual, "reference": reference})
    rest = mixture - reference
    return Reached(
        scene, (si_sdr(mixture, reference), si_sdr(mixture, rest)), (si_sdr(target, reference), si_sdr(residual, rest)),
        tuple(result.extra["experts"]),
    )  # fmt: skip


def _read(path: Path) -> np.ndarray:
    x, _ = sf.read(path, dtype="float32", always_2d=True)
    return np.asarray(x.mean(1))


def _write_ogg(path: Path, x: np.ndarray, rate: int) -> None:
    """Vorbis in blocks: libsndfile's encoder keeps a whole write on its stack."""
    with sf.SoundFile(path, "w", rate, 1, format="OGG", subtype="VORBIS", compression_level=1 - QUALITY) as file:
        for at in range(0, len(x), BLOCK):
            file.write(x[at : at + BLOCK])


def picture(path: Path, sounds: dict[str, np.ndarray]) -> None:
    """Spectrograms under one another, in dB of the loudest bin of the first."""
    from matplotlib.figure import Figure
    from PIL import Image

    levels = {name: 20 * np.log10(np.abs(stft(x).numpy()) + 1e-6) for name, x in sounds.items()}
    top = max(float(level.max()) for level in list(levels.values())[:1])
    figure = Figure(figsize=(6, 6.5), layout="constrained")
    axes = figure.subplots(len(sounds), 1, sharex=True)
    for axis, (name, level) in zip(axes, levels.items(), strict=True):
        axis.imshow(
            level[:512] - top, aspect="auto", origin="lower", vmin=FLOOR_DB, vmax=0, cmap="magma",
            extent=(0, level.shape[1] * HOP / RATE, 0, 512 * RATE / N_FFT / 1000),
        )  # fmt: skip
        axis.set_ylabel(f"{name}\nkHz")
    axes[-1].set_xlabel("seconds")
    drawn = io.BytesIO()
    figure.savefig(drawn, dpi=72)
    Image.open(drawn).convert("RGB").quantize(COLOURS).save(path, optimize=True)


def markdown(reached: list[Reached]) -> str:
    """The table of all scenes."""
    rows = [
        [f"[{one.scene.name}]({one.scene.name})", one.scene.title, f"“{one.scene.prompt}”",
         *(f"{before:.1f} → **{after:.1f}**" for before, after in zip(one.before, one.after, strict=True)),
         ", ".join(one.experts) or "none"]
        for one in reached
    ]  # fmt: skip
    return table(["example", "scene", "prompt", "target", "residual", "experts"], rows)


def between(text: str, begin: str, end: str, new: str) -> str:
    """A text with what stands between two marks replaced. Raises ValueError where a mark is missing."""
    head, tail = text.index(begin) + len(begin), text.index(end)
    return text[:head] + new + text[tail:]


def main() -> None:
    """Command line of `make examples`."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--weights", type=Path)
    chosen = arguments.parse_args()
    backend = separator(chosen.weights)
    found = markdown([separated(backend, scene) for scene in SCENES])
    readme = EXAMPLES / "README.md"
    readme.write_text(between(readme.read_text(encoding="utf-8"), BEGIN, END, f"{found}\n"), encoding="utf-8")
    print(found)


if __name__ == "__main__":
    main()
