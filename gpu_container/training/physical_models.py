"""Instruments as physical models: Csound's bowed, blown, plucked and struck opcodes, several of them from STK.

Cook and Scavone's Synthesis ToolKit models the instrument, not its sound, so each random setting is another player. A part is
rendered by one run of `csound`; without the program these instruments are left out.
"""

import random
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from training.audio_files import Wave, decode
from training.composition import Note
from training.workspace import RATE

MODELS: dict[str, tuple[str, ...]] = {
    "strings": ("wgbow kamp, kfreq, {pressure:.3f}, {position:.3f}, kvibf, kvamp, 1",),
    "woodwind": (
        "wgclar kamp, kfreq, {stiff:.3f}, 0.05, 0.06, {breath:.3f}, kvibf, kvamp * 0.3, 1",
        "wgflute kamp, kfreq, {jet:.3f}, 0.05, 0.06, {breath:.3f}, kvibf, kvamp * 0.3, 1",
    ),
    "brass": ("wgbrass 0.5 + kamp * 1.3, kfreq, {tension:.3f}, 0.05, kvibf, kvamp * 0.3, 1",),
    "acoustic_guitar": (
        "pluck kamp, kfreq, ifreq, 0, 1",
        "wgpluck2 {place:.3f}, iamp, ifreq, {pickup:.3f}, {damping:.3f}",
    ),
    "electric_guitar": ("wgpluck2 {place:.3f}, iamp, ifreq, {pickup:.3f}, {damping:.3f}",),
    "bass": ("wgpluck2 {place:.3f}, iamp, ifreq, {pickup:.3f}, {damping:.3f}", "pluck kamp, kfreq, ifreq, 0, 1"),
    "other": (
        "marimba iamp, ifreq, {stick:.3f}, 0.561, 2, 6.0, 0, 1, 0.1",
        "vibes iamp, ifreq, {stick:.3f}, 0.561, 2, 6.0, 0.05, 1, 0.1",
    ),
    "organ": ("fmb3 kamp, kfreq, {rotor:.2f}, {mix:.2f}, 0.02, 6, 1, 1, 1, 1, 1",),
}
"""Opcode lines by class. The frequency and amplitude tracks are `kfreq`, `kamp`; braces are random settings of one song."""

ORCHESTRA = """
sr = {rate}
ksmps = 32
nchnls = 1
0dbfs = 1
gif1 ftgen 1, 0, 4096, 10, 1
gif2 ftgen 2, 0, 256, -7, 1, 30, 0.2, 226, 0
gif3 ftgen 3, 0, 4096, 10, 1, 0.3, 0.1
instr 1
  ifreq = cpsmidinn(p4)
  iamp = p5 * 0.3
  kamp linsegr iamp * 0.7, {attack:.3f}, iamp, 0.06, 0
  kvibf = {vibrato:.2f}
  kvamp linseg 0, 0.25, {depth:.4f}, 1, {depth:.4f}
  kfreq = ifreq
  aout {opcode}
  kdeclick linsegr 0, 0.004, 1, 0.06, 0
  out aout * kdeclick
endin
"""


def available() -> bool:
    """Whether the `csound` program is installed."""
    return shutil.which("csound") is not None


def play(label: str, notes: list[Note], seconds: float, choose: random.Random) -> Wave | None:
    """A part as a stem of (seconds + 0.5) · RATE samples, or None when the model does not sound (or csound fails)."""
    settings = {
        "pressure": choose.uniform(2.0, 4.5), "position": choose.uniform(0.06, 0.24), "stiff": choose.uniform(-0.45, -0.2),
        "breath": choose.uniform(0.02, 0.2), "jet": choose.uniform(0.24, 0.38), "tension": choose.uniform(0.35, 0.55),
        "place": choose.uniform(0.1, 0.9), "pickup": choose.uniform(0.05, 0.95), "damping": choose.uniform(0.3, 0.8),
        "stick": choose.uniform(0.1, 0.9), "rotor": choose.uniform(1, 6), "mix": choose.uniform(0, 3),
    }  # fmt: skip
    opcode = choose.choice(MODELS[label]).format(**settings)
    orchestra = ORCHESTRA.format(
        rate=RATE, attack=choose.uniform(0.01, 0.12), vibrato=choose.uniform(4.5, 6.5), depth=choose.uniform(0, 0.02),
        opcode=opcode,
    )  # fmt: skip
    score = [f"i 1 {n.start:.4f} {max(0.08, n.length):.4f} {n.pitch} {(n.velocity / 127) ** 1.5:.4f}" for n in notes]
    with tempfile.TemporaryDirectory() as scratch:
        program, sheet, audio = (Path(scratch) / name for name in ("band.orc", "band.sco", "band.wav"))
        program.write_text(orchestra, encoding="utf-8")
        sheet.write_text("\n".join([*score, f"e {seconds + 0.5:.2f}"]) + "\n", encoding="utf-8")
        command = ["csound", "-d", "-W", "-s", "-m0", "-o", str(audio), str(program), str(sheet)]
        try:
            subprocess.run(command, capture_output=True, timeout=90, check=True)
            x = decode(audio)
        except (subprocess.SubprocessError, OSError):
            return None
    n = int((seconds + 0.5) * RATE)
    x = np.nan_to_num(np.pad(x[:n], (0, max(0, n - len(x)))))
    return x.astype(np.float32) if np.abs(x).max() > 1e-3 else None
