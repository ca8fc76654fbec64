"""The media child process: ``python -m riata_separator.codecs.child decode SOURCE`` or ``remux SOURCE SOUND DESTINATION``.

``decode`` writes to standard output one line of JSON (a :class:`~riata_separator.codecs.format.Format`), then blocks of
interleaved samples, each behind its length as four little-endian bytes, then a block of length 0 and one line of JSON with what
was damaged. A refusal is a line ``{"error": {"code", "message"}}`` instead, at whichever point a line may stand.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from riata.errors import MediaUnreadable, SeparationFailed

from .confine import confine

BLOCK_BYTES = 1 << 18
_REMUXED_BYTES = 8 << 30


def decode(source: Path, out: BinaryIO) -> None:
    """Write ``source``'s sound to ``out`` as described above."""
    from .container import ADTS_DELAY, Damage, decoded, open_media, sound_of

    confine(written_bytes=0)
    with open_media(source) as container:
        stream, sound = sound_of(container)
        _line(out, asdict(sound))
        damage, waiting, pending = Damage(), [], 0
        late = ADTS_DELAY * sound.frame_bytes if sound.container == "aac" else 0
        for piece in decoded(container, stream, sound, damage):
            dropped, late = min(late, len(piece)), max(0, late - len(piece))
            waiting.append(piece[dropped:])
            pending += len(piece) - dropped
            if pending >= BLOCK_BYTES:
                _block(out, b"".join(waiting))
                waiting, pending = [], 0
        if pending:
            _block(out, b"".join(waiting))
    out.write(bytes(4))
    _line(out, {"skipped": damage.skipped})


def _line(out: BinaryIO, value: dict[str, Any]) -> None:
    out.write(json.dumps(value).encode() + b"\n")
    out.flush()


def _block(out: BinaryIO, data: bytes) -> None:
    out.write(len(data).to_bytes(4, "little"))
    out.write(data)
    out.flush()


def main(arguments: list[str]) -> int:
    """Run one command; a refusal is written as a line of JSON and gives exit status 1."""
    out = sys.stdout.buffer
    command, *paths = arguments
    try:
        if command == "decode":
            decode(Path(paths[0]), out)
        else:
            from .remux import remux

            confine(written_bytes=_REMUXED_BYTES)
            _line(out, {"container": remux(*map(Path, paths))})
    except SeparationFailed as error:
        _line(out, {"error": {"code": error.code, "message": error.message}})
        return 1
    except MemoryError:
        refusal = MediaUnreadable("Decoding the file takes too much memory. Convert it to WAV, FLAC or MP3.")
        _line(out, {"error": {"code": refusal.code, "message": refusal.message}})
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
