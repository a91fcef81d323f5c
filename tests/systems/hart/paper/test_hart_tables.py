"""The paper's table at its smallest: rows are trained, kept, resumed and compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from interruptions import stop_after
from saccade.data.tracking.sources import SequenceSource
from saccade.systems.hart.config import HartConfig, LossConfig
from saccade.systems.hart.paper import making as run_module
from saccade.systems.hart.paper.making import GENERATED, TrackerTable
from saccade.systems.hart.paper.report import order_of_variants, tables
from saccade.systems.hart.paper.rows import Budget, budget_of, rows
from saccade.training.interrupt import GracefulStop
from saccade.verbs.rows import sealed
from saccade.viewing.tables import to_text
from tracking_fixtures import write_otb

BUDGET = Budget(steps=2, finetune=1, batch=2, clips=2, sequences=2, frames=5)
SMALL = (
    "--preset", "smoke", "--workers", 1, "--budget.steps", 2, "--budget.finetune", 1,
    "--budget.clips", 2, "--budget.sequences", 2, "--budget.frames", 5,
)  # fmt: skip


@pytest.fixture
def no_opencv(monkeypatch: pytest.MonkeyPatch) -> None:
    """An OpenCV without trackers, whatever is installed here."""
    monkeypatch.setattr(
        "saccade.systems.hart.evaluation.baselines.cv2", type("Cv", (), {"__version__": "5"})
    )


def row_of(key: str) -> Any:
    return next(row for row in rows("smoke", BUDGET) if row.key == key)


@pytest.mark.usefixtures("no_opencv")
def test_rows_are_trained_evaluated_and_told(saccade, tmp_path):
    out, data = tmp_path / "table", write_otb(tmp_path / "data").folder
    real = ("--data", data, "--format", "otb", "--frames", 3)
    only = ("--only", "hart", "app-att", "still", "csrt")
    done = saccade("table", "hart", "--out", out, *only, *real, *SMALL)
    assert done.code == 0
    assert done.out.count("pip install opencv-contrib-python-headless") == 2
    for words in ("HART", "App Att", "0.810", "0.771", "not all of them are here", "3 frames of"):
        assert words in done.out
    for name in ("table.md", "results.json", "fig5.png", "fig6a.png", "fig6b.png", "report.html"):
        assert (out / name).exists()

    result = json.loads((out / "rows/hart/result.json").read_text())
    assert set(result["measured"]) == {"generated", "seen in training", "real"}
    assert [row["name"] for row in result["measured"]["generated"]["sequences"]] == [
        "test-2021-0000", "test-2021-0001",
    ]  # fmt: skip
    assert result["learnt_from"] == {"steps": 2 + 1, "batch": 2, "clips": 2}

    before = {path: path.read_bytes() for path in out.glob("rows/*/result.json")}
    assert len(before) == 3
    plan = TrackerTable(out, "smoke", BUDGET, real=SequenceSource("otb", data, frames=3))
    with GracefulStop() as stop:
        assert plan.making().make([row_of(key) for key in only[1:]], 1, stop)
    # Frames a second would differ if anything had been done again.
    assert before == {path: path.read_bytes() for path in out.glob("rows/*/result.json")}

    given = TrackerTable(tmp_path / "given", "smoke", BUDGET, runs=out)
    with GracefulStop() as stop:
        assert given.making().make([row_of("hart")], 1, stop)
    other = given.making().result(row_of("hart"))
    assert not (tmp_path / "given/rows/hart/run").exists()
    auc = result["measured"]["generated"]["mean"]["auc"]
    assert other["measured"]["generated"]["mean"]["auc"] == pytest.approx(auc)
    assert "no run in" in given.missing(row_of("ratm"))
    saccade("table", "hart", "--out", out, *only, *SMALL, "--seed", 3).mistake("other settings")


def test_a_stopped_training_goes_on_to_the_same_end(saccade, tmp_path, monkeypatch):
    rules = ("--only", "spatial-att", *SMALL)
    saccade("table", "hart", "--out", tmp_path / "whole", *rules)
    real = run_module.train

    def stopped(run, config, workers, device):
        monkeypatch.setattr("saccade.training.fit.GracefulStop", stop_after(1))
        try:
            return real(run, config, workers, device=device)
        finally:
            monkeypatch.undo()

    monkeypatch.setattr(run_module, "train", stopped)
    done = saccade("table", "hart", "--out", tmp_path / "parts", *rules)
    assert done.code == 130
    assert "Go on with: saccade table hart" in done.out
    assert not (tmp_path / "parts/rows/spatial-att/result.json").exists()
    assert saccade("table", "hart", "--out", tmp_path / "parts", *rules).code == 0
    names = [tmp_path / name / "rows/spatial-att/run/weights" for name in ("whole", "parts")]
    one, two = ((folder / "model.safetensors").read_bytes() for folder in names)
    assert one == two


def test_a_table_that_is_stopped_at_once_keeps_nothing(saccade, tmp_path, monkeypatch):
    monkeypatch.setattr("saccade.verbs.table.GracefulStop", stop_after(0))
    done = saccade("table", "hart", "--out", tmp_path, "--only", "still", *SMALL)
    assert done.code == 130
    assert not list(tmp_path.glob("rows/*/result.json"))


def kept(plan: TrackerTable, key: str, ious: list[float]) -> None:
    """A result as a finished row has it; IoU of 1 in the first of 4 frames."""
    row = row_of(key)
    folder = plan.making().folder(row)
    folder.mkdir(parents=True)
    each = [
        {
            "name": str(i),
            "iou_60": {"without_first": iou, "with_first": (1 + 3 * iou) / 4},
        }
        for i, iou in enumerate(ious)
    ]
    mean = float(np.mean(ious))
    point = {"iou_60": {"without_first": mean, "with_first": mean}, "auc": mean}
    document = {
        "n": len(ious),
        "mean": point | {"precision_20": mean, "fps": 100.0},
        "ci95": {
            "iou_60": {"without_first": [0, 1], "with_first": [0, 1]},
            "auc": [0, 1],
            "precision_20": [0, 1],
        },
        "sequences": each,
    }
    made_of = plan.making().made_of(row, GENERATED)
    content = {"measured": {GENERATED: {"made_of": made_of, **document}}}
    (folder / "result.json").write_text(json.dumps(sealed(content)))


def test_differences_are_paired_and_the_order_is_judged(tmp_path: Path) -> None:
    """Spatial Att is 0.3 better in every sequence than RATM; HART and App Att are a tie."""
    plan = TrackerTable(tmp_path, "smoke", BUDGET)
    kept(plan, "ratm", [0.1, 0.3])
    kept(plan, "spatial-att", [0.4, 0.6])
    kept(plan, "app-att", [0.2, 0.9])
    kept(plan, "hart", [0.2, 0.9])
    variants = [row_of(key) for key in ("ratm", "spatial-att", "app-att", "hart")]
    (table,) = tables(plan, variants)
    text = to_text(table)
    assert "0.300 [0.300, 0.300]" in text
    assert "0.050 [-0.200, 0.300]" in text
    assert "0.000 [0.000, 0.000]" in text
    judged = order_of_variants(plan, variants)
    assert ": as published; intervals above 0: Spatial Att over RATM (Kahou et al.)" in judged


def test_an_order_that_differs_is_said(tmp_path: Path) -> None:
    plan = TrackerTable(tmp_path, "smoke", BUDGET)
    for key, iou in {"ratm": 0.5, "spatial-att": 0.5, "app-att": 0.6, "hart": 0.7}.items():
        kept(plan, key, [iou, iou])
    variants = [row_of(key) for key in ("ratm", "spatial-att", "app-att", "hart")]
    assert "not as published" in order_of_variants(plan, variants)  # a tie with RATM is no order


def test_all_arms_get_the_same_and_the_ablation_one_loss_less() -> None:
    trained = {row.key: row.config for row in rows("cpu", budget_of("cpu")) if row.config}
    assert list(trained) == ["ratm", "spatial-att", "app-att", "hart", "no-spatial-loss"]
    assert len({(c.fit, c.data) for c in trained.values()}) == 1
    assert trained["hart"].loss == LossConfig()
    assert trained["no-spatial-loss"].spatial_weight == 0
    assert trained["no-spatial-loss"].appearance_weight == trained["hart"].appearance_weight == 1
    assert trained["app-att"].appearance_weight == 0 and trained["app-att"].spatial_weight == 1
    whole = HartConfig().fit
    half = rows("cpu", Budget(steps=whole.steps // 2))[0].config
    assert half is not None and 2 * half.fit.steps == whole.steps
    assert 2 * half.fit.forced_steps == whole.forced_steps
    assert 2 * half.fit.stage_epochs == whole.stage_epochs


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--only", "hrt"], ["unknown row 'hrt'", "did you mean hart"]),
        (["--budget.steps", 0], ["--budget.steps is 0", "1 or more"]),
        (["--budget.frames", 1], ["--budget.frames is 1", "2 or more"]),
        (["--seed", -1], ["--seed is -1"]),
        (["--data", "here"], ["--data here", "--format"]),
        (["--format", "otb"], ["--data is missing"]),
        (["--format", "otb", "--data", "no/such"], ["no/such"]),
        (["--preset", "paper"], ["unknown preset 'paper'", "smoke"]),
    ],
)
def test_a_mistake_costs_one_line(saccade, tmp_path, argv, words):
    saccade("table", "hart", "--out", tmp_path / "table", *argv).mistake(*words)
    assert not (tmp_path / "table").exists()
