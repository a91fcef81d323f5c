from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from saccade.errors import MissingExtraError, SaccadeError, UserInputError
from saccade.verbs import export
from saccade.verbs.export import Export, ExportOptions, Part


def double(folder: Path, options: ExportOptions) -> list[Part]:
    network = nn.Linear(3, 3, bias=False)
    with torch.no_grad():
        network.weight.copy_(2 * torch.eye(3))
    meanings = {"x": "float32 (n, 3): numbers [m]", "y": "float32 (n, 3): twice as much [m]"}
    x = torch.arange(6.0).reshape(2, 3)
    return [Part("-twice", network, "Doubles", {"x": x}, ("y",), meanings, batched=True)]


@pytest.fixture
def doubling(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Export[ExportOptions]:
    monkeypatch.setattr(export, "weights_folder", lambda name, system: tmp_path)
    return Export("doubling", ExportOptions, double)


def test_the_extra_is_named_where_it_is_missing(doubling, tmp_path: Path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingExtraError, match=r"pip install .*\[export\]"):
        doubling.run(ExportOptions(tmp_path / "net.onnx"))


def test_another_ending_is_refused(doubling, tmp_path: Path):
    with pytest.raises(UserInputError, match=r"net\.pt; expected a name that ends in \.onnx"):
        doubling.run(ExportOptions(tmp_path / "net.pt"))


@pytest.fixture
def computed_by(doubling, tmp_path: Path, monkeypatch):
    """Export a file whose runtime multiplies by a factor."""

    def run(factor: float) -> int:
        def session(content: bytes) -> Any:
            return SimpleNamespace(run=lambda names, given: [np.float32(factor) * given["x"]])

        fake = SimpleNamespace(InferenceSession=session)
        monkeypatch.setattr(export, "_require", lambda name: fake)
        monkeypatch.setattr(export, "to_onnx", lambda part, facts: b"content")
        return doubling.run(ExportOptions(tmp_path / "new" / "net.onnx"))

    return run


def test_a_file_that_computes_the_same_is_written(computed_by, tmp_path: Path):
    assert computed_by(2.0001) == 0
    assert (tmp_path / "new" / "net-twice.onnx").read_bytes() == b"content"


@pytest.mark.parametrize("factor", [2.001, np.nan])
def test_a_file_that_computes_something_else_is_not_written(computed_by, tmp_path: Path, factor):
    with pytest.raises(SaccadeError, match=r"net-twice\.onnx was not written: it differs"):
        computed_by(factor)
    assert not (tmp_path / "new").exists()


@pytest.mark.slow
def test_a_file_runs_with_any_number_of_rows_and_says_what_it_is(doubling, tmp_path: Path):
    onnx: Any = pytest.importorskip("onnx")
    runtime: Any = pytest.importorskip("onnxruntime")
    assert doubling.run(ExportOptions(tmp_path / "net.onnx")) == 0
    file = tmp_path / "net-twice.onnx"
    described = {p.key: p.value for p in onnx.load(file).metadata_props}
    assert described["about"] == "Doubles"
    assert described["x"] == "float32 (n, 3): numbers [m]"
    assert described["system"] == "doubling"
    given = np.ones((5, 3), np.float32)
    (found,) = runtime.InferenceSession(file).run(["y"], {"x": given})
    np.testing.assert_array_equal(found, 2 * given)
