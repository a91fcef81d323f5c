"""`saccade eval`, `show`, `train` and `bench` of smak on a user's folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from saccade.storage.json_files import write_json
from saccade.systems.smak import bench
from saccade.systems.smak.bench import one_core
from saccade.verbs.bench import Plan

SMALL = (
    "--preset", "smoke", "--side", 24, "--sequences", 0, "--batch.pairs", 8, "--fit.steps", 2,
    "--fit.held-out", 1, "--pretext.steps", 0,
)  # fmt: skip


def test_an_evaluation_of_a_folder(saccade, weights: Path, sequences: Path, tmp_path: Path) -> None:
    cut = sequences / "cut.tfrecord"
    cut.write_bytes((sequences / "moving_0.tfrecord").read_bytes()[:200])
    out = tmp_path / "out"
    options = ("--weights", weights, "--data", sequences, "--out", out, "--pictured", 2)
    done = saccade("eval", "smak", *options)
    assert done.code == 0, done.err
    assert "left out: cut.tfrecord" in done.out and f"3 sequences: {sequences}" in done.out
    document = json.loads((out / "results.json").read_text())
    for name in ("alignment_error", "alignment_error_symmetric", "classification_error"):
        low, high = document[name]["ci95"]
        assert 0 <= low <= document[name]["mean"] <= high <= 1
    assert set(document["classification_error_by_attribute"]) == {"moving"}
    assert -1 <= document["kendall_tau"]["mean"] <= 1
    assert [one["name"] for one in document["left_out"]] == ["cut.tfrecord"]
    assert (out / "report.html").read_text().count("<img") == 5
    shown = saccade("show", out)
    assert shown.code == 0 and "Kendall's tau" in shown.out


def test_mistakes_of_an_evaluation_cost_a_line(saccade, weights: Path, tmp_path: Path) -> None:
    words = ("eval", "smak", "--weights", weights, "--out", tmp_path / "out")
    saccade(*words, "--data", tmp_path / "nothing").mistake("nothing is not a folder")
    saccade(*words, "--sequences", 0).mistake("--sequences is 0; expected 1 or more")
    assert not (tmp_path / "out").exists()


def test_a_training_of_a_folder_says_what_it_leaves_out(
    saccade, sequences: Path, tmp_path: Path
) -> None:
    (sequences / "empty.tfrecord").write_bytes(b"")
    run = tmp_path / "run"
    done = saccade("train", "smak", "--data", sequences, "--out", run, *SMALL)
    assert done.code == 0, done.err
    assert "saccade: note: left out: empty.tfrecord" in done.err
    assert json.loads((run / "config.json").read_text())["config"]["data"] == str(sequences)
    assert not (run / "data").exists()
    wrong = ("train", "smak", "--data", tmp_path / "none", "--out", tmp_path / "other", *SMALL)
    saccade(*wrong).mistake("none is not a folder")
    assert not (tmp_path / "other").exists()


def test_a_dataset_is_shown(saccade, sequences: Path, tmp_path: Path) -> None:
    write_json(sequences / "dataset.json", {"world": "pouring"})
    done = saccade("show", sequences, "--out", tmp_path / "out")
    assert done.code == 0, done.err
    assert "3 sequences, 2 views" in done.out and "labels: moving, phase" in done.out
    assert len(list((tmp_path / "out").glob("*.png"))) == 3


def test_weights_are_shown_on_a_folder(
    saccade, weights: Path, sequences: Path, tmp_path: Path
) -> None:
    done = saccade("show", weights, "--data", sequences, "--out", tmp_path / "out")
    assert done.code == 0, done.err
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"attention_0.png", "neighbours.png", "trajectories.png"} <= names


def test_what_is_timed(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "FRAMES", 4)
    monkeypatch.setattr(bench, "record_sequence", lambda *_: range(30))
    measured = one_core(Plan(weights, repeats=1, seconds=0.0))
    assert [m.key for m in measured] == [
        "embed", "attend", "embed_tcn", "embed_tcc", "step", "step_tcn", "step_tcc", "record",
    ]  # fmt: skip
    assert all(value > 0 for m in measured for value in m.values)


def test_settings_that_do_not_fit_are_refused(saccade, tmp_path: Path) -> None:
    words = ("train", "smak", "--preset", "smoke", "--out", tmp_path / "run")
    saccade(*words, "--sequences", 2).mistake("sequences is 2 and fit.held-out 2")
    saccade(*words, "--batch.sequences", 3).mistake("batch.pairs is 16 and batch.sequences 3")
    saccade(*words, "--pretext.steps", 5, "--model.trunk.kind", "inception").mistake(
        "pretext.steps is 5 with the trunk inception"
    )
    assert not (tmp_path / "run").exists()
