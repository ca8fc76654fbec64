"""Graphs are written without weights, and anew as they are."""

import json

import pytest

pytest.importorskip("onnxscript", reason="the exporter is only installed for training: riata[training]")

from training.export import export

from riata_separator.graphs import FOLDER, TABLE


@pytest.mark.slow
def test_the_graphs_that_are_shipped_are_those_that_would_be_written(tmp_path):
    written = export(tmp_path)
    assert {path.name for path in written} == {path.name for path in FOLDER.glob("*.onnx")}
    assert json.loads((tmp_path / TABLE).read_text()) == json.loads((FOLDER / TABLE).read_text())
    assert sum(path.stat().st_size for path in written) < 500_000
