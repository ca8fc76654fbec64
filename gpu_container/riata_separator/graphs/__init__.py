"""Networks as ONNX graphs without weights (written by ``make graphs``), and the sessions that run networks on the processor.

Our weights stay in their safetensors files, from which sessions are fed: new weights of the same network need no new graph.
``weights.json`` says which tensors of which shape each graph is fed.
"""

import json
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from riata.errors import BackendUnavailable

Array = np.ndarray[Any, Any]

FOLDER = Path(__file__).parent
TABLE = "weights.json"
_ONLY_ERRORS = 3

_importing = threading.Lock()
_arenas: list[Any] = []


class Session:
    """A network in an ONNX file, ready to run; several threads may call it at the same time.

    Args:
        path: of the file.
        threads: of one call.
        fed: tensors that the file leaves out, by name.

    Raises:
        BackendUnavailable: onnxruntime is missing, or the file is not a network that it can run.
    """

    def __init__(self, path: Path, threads: int, fed: Mapping[str, Array] | None = None) -> None:
        ort, self._errors = _onnxruntime()
        tensors = {
            key: ort.OrtValue.ortvalue_from_numpy(np.ascontiguousarray(value, np.float32))
            for key, value in (fed or {}).items()
        }
        options = ort.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.log_severity_level = _ONLY_ERRORS
        # Idle threads that spin take the processor from the decoder, the encoder and the experts.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.add_session_config_entry("session.use_env_allocators", "1")
        options.add_external_initializers(list(tensors), list(tensors.values()))
        try:
            self._session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        except self._errors as error:
            raise BackendUnavailable(f"The graph {path.stem!r} cannot be loaded: {error}") from error
        self._inputs = [value.name for value in self._session.get_inputs()]

    def __call__(self, *inputs: Array) -> Sequence[Array]:
        """The outputs for ``inputs``, in the order of the graph.

        Raises:
            MemoryError: there is not enough.
        """
        try:
            outputs: Sequence[Array] = self._session.run(None, dict(zip(self._inputs, inputs, strict=True)))
        except self._errors as error:
            if "allocate memory" in str(error):
                raise MemoryError(str(error)) from error
            raise
        return outputs


class Graph(Session):
    """One of our graphs with its weights.

    Args:
        name: of a graph in ``folder``.
        weights: the tensors of the network by name; others are passed over.
        threads: of one call.
        folder: of the graphs.

    Raises:
        BackendUnavailable: onnxruntime is missing, or the weights are not of this graph.
    """

    def __init__(self, name: str, weights: Mapping[str, Array], threads: int, folder: Path = FOLDER) -> None:
        super().__init__(folder / f"{name}.onnx", threads, _fitting(name, weights, folder))


def _onnxruntime() -> tuple[ModuleType, tuple[type[Exception], ...]]:
    """The library with one arena for all sessions, and what it raises. Most run one after the other: with arenas of their own,
    each would keep what only one of them needs at a time; with none, a third of the time would go to the system's page faults.
    """
    with _importing:
        try:
            import onnxruntime as ort
            from onnxruntime.capi import onnxruntime_pybind11_state as state
        except ImportError as error:
            raise BackendUnavailable(
                f"onnxruntime cannot be imported here: {error}. Install it, or torch and set RIATA_RUNTIME=torch."
            ) from error
        if not _arenas:
            memory = ort.OrtMemoryInfo("Cpu", ort.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, ort.OrtMemType.DEFAULT)
            ort.create_and_register_allocator(memory, None)
            _arenas.append(memory)
    raised = (state.Fail, state.InvalidArgument, state.InvalidGraph, state.InvalidProtobuf, state.NoSuchFile, state.NotImplemented)
    return ort, (*raised, state.RuntimeException)


def _fitting(name: str, weights: Mapping[str, Array], folder: Path) -> dict[str, Array]:
    """Those of ``weights`` that the graph is fed."""
    expected = json.loads((folder / TABLE).read_text())[name]
    found = {key: list(weights[key].shape) if key in weights else None for key in expected}
    wrong = next((key for key, shape in expected.items() if found[key] != shape), None)
    if wrong:
        raise BackendUnavailable(
            f"The weights are not of the network in the graph {name!r}: {wrong} is {found[wrong] or 'missing'} instead of "
            f"{expected[wrong]}. Set RIATA_RUNTIME=torch, or make graphs of this network: make graphs"
        )
    return {key: weights[key] for key in expected}
