"""Artifact → the files that are kept: tensors as safetensors, members of an archive as they are."""

import shutil
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

from safetensors.numpy import save_file

from riata.errors import ModelUnavailable
from riata_separator.models.manifest import Artifact, Model
from riata_separator.models.safetensors_file import write_safetensors
from riata_separator.models.unpickle import read_tensors

_PICKLES = {".pt", ".pth", ".bin", ".ckpt"}


def convert(model: Model, wanted: Artifact, artifact: Path, folder: Path) -> None:
    """Write what ``artifact``, the fetched file ``wanted``, holds of ``model`` into ``folder``.

    Raises:
        ModelUnavailable: The artifact lacks what the manifest names, or is not readable.
    """
    converter = _CONVERTERS.get(model.converter)
    if converter is None:
        raise ModelUnavailable(f"The model {model.name!r} names the unknown converter {model.converter!r}.")
    try:
        converter(model, wanted, artifact, folder)
    except (zipfile.BadZipFile, OSError) as error:
        raise ModelUnavailable(f"{artifact.name} cannot be converted: {error}") from error
    if not any(folder.iterdir()):
        raise ModelUnavailable(f"{artifact.name} holds none of the files of {model.name!r}.")


def _copy(model: Model, wanted: Artifact, artifact: Path, folder: Path) -> None:
    shutil.copyfile(artifact, folder / model.members.get(artifact.name, wanted.name))


def _members(model: Model, wanted: Artifact, artifact: Path, folder: Path) -> None:
    """Members of a zip archive; ``INSIDE!NAME`` is the member NAME of the tar archive INSIDE."""
    with zipfile.ZipFile(artifact) as archive:
        for inside, name in model.members.items():
            outer, _, inner = inside.partition("!")
            try:
                with archive.open(outer) as source, (folder / name).open("wb") as target:
                    _copy_out(source, inner, target)
            except (KeyError, tarfile.TarError) as error:
                raise ModelUnavailable(f"{artifact.name} has no {inside}: {error}") from error


def _copy_out(source: IO[bytes], inner: str, target: IO[bytes]) -> None:
    """What ``source`` holds, or of a tar archive its member ``inner``. Raises KeyError where there is no such file."""
    if not inner:
        shutil.copyfileobj(source, target)
        return
    with tarfile.open(fileobj=source, mode="r:*") as archive:
        member = archive.extractfile(inner)
        if member is None:
            raise KeyError(f"{inner} is no file")
        shutil.copyfileobj(member, target)


def _checkpoints(model: Model, wanted: Artifact, artifact: Path, folder: Path) -> None:
    with zipfile.ZipFile(artifact) as archive:
        for inside, name in model.members.items():
            if inside not in archive.namelist():
                raise ModelUnavailable(f"{artifact.name} has no {inside}.")
            save_file(read_tensors(archive.read(inside)), folder / name)


def _checkpoint(model: Model, wanted: Artifact, artifact: Path, folder: Path) -> None:
    write_safetensors(artifact, folder / f"{model.name}.safetensors")


def _folder(model: Model, wanted: Artifact, artifact: Path, folder: Path) -> None:
    """A folder as the model's own library reads it, its pickles become safetensors."""
    name = Path(wanted.name)
    if name.suffix in _PICKLES:
        write_safetensors(artifact, folder / name.with_suffix(".safetensors"))
    else:
        shutil.copyfile(artifact, folder / name)


_CONVERTERS: dict[str, Callable[[Model, Artifact, Path, Path], None]] = {
    "copy": _copy,
    "members": _members,
    "checkpoint": _checkpoint,
    "checkpoints": _checkpoints,
    "folder": _folder,
}
