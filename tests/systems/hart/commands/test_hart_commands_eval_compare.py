"""`saccade eval hart` with several trackers, several folders, sequence by sequence."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest

from saccade.errors import UserInputError
from saccade.systems.hart.evaluation import baselines
from saccade.systems.hart.evaluation.named_trackers import tracker_makers
from tracking_fixtures import write_otb, write_vot

SMALL = ("--frames", 5, "--height", 48, "--width", 64, "--workers", 1, "--pictured", 0)


@pytest.fixture
def compared(saccade, weights, tmp_path):
    """Three clips, followed by hart and by a box that never moves."""
    out = tmp_path / "compared"
    done = saccade(
        "eval", "hart", "--tracker", "still", "hart", "--weights", weights, "--per-sequence",
        "--sequences", 3, "--out", out, *SMALL,
    )  # fmt: skip
    assert done.code == 0, done.err
    return done.out, out, json.loads((out / "results.json").read_text())


def test_each_tracker_has_what_it_has_alone(compared, saccade, weights, tmp_path):
    _, _, document = compared
    (other,) = document["others"]
    assert document["tracker"] == "still" and other["tracker"].startswith("hart, ")
    for tracker, found, more in (("still", document, ()), ("hart", other, ("--weights", weights))):
        alone = tmp_path / tracker
        rules = ("--tracker", tracker, *more, "--sequences", 3, "--out", alone, *SMALL)
        assert saccade("eval", "hart", *rules).code == 0
        expected = json.loads((alone / "results.json").read_text())
        assert "others" not in expected
        for each in (*expected["sequences"], *found["sequences"], expected["mean"], found["mean"]):
            each.pop("fps", None)
        for name in ("n", "mean", "ci95", "iou_by_frame", "lost", "sequences"):
            assert found[name] == expected[name]


def test_differences_are_paired(compared):
    _, _, document = compared
    (other,) = document["others"]
    ours, theirs = (
        np.array([one["iou_60"]["without_first"] for one in each["sequences"]])
        for each in (other, document)
    )
    value, low, high = other["difference"]["iou_60"]
    gain = ours - theirs
    assert value == pytest.approx(gain.mean()) and other["difference"]["n"] == 3
    assert gain.min() - 1e-9 <= low <= value <= high <= gain.max() + 1e-9


def test_the_table_has_a_row_each_and_the_sequences(compared, saccade):
    out, folder, document = compared
    lines = out.splitlines()
    for name in ("still", "hart, "):
        assert sum(line.startswith(name) for line in lines) == 1
        assert sum(line.startswith(f"sequence by sequence: {name}") for line in lines) == 1
    for one in document["sequences"]:
        rows = [line for line in lines if line.startswith(one["name"])]
        assert len(rows) == 2 and f"{one['auc']:.3f}" in rows[0]
    shown = saccade("show", folder)
    assert shown.code == 0 and "more IoU" in shown.out and "sequence by" not in shown.out
    page = (folder / "report.html").read_text()
    assert "more IoU" in page


def test_several_folders_of_several_formats(saccade, tmp_path):
    folders = write_otb(tmp_path / "otb").folder, write_vot(tmp_path / "vot").folder
    rules = ("--tracker", "still", "--workers", 1, "--out", tmp_path, "--pictured", 0)
    done = saccade("eval", "hart", *rules, "--data", *folders, "--format", "otb", "vot")
    assert done.code == 0, done.err
    found = json.loads((tmp_path / "results.json").read_text())
    assert [one["name"] for one in found["sequences"]] == ["Walker", "bag"]
    assert found["source"]["data"] == [str(folder) for folder in folders]
    assert f"otb, {folders[0]}; vot, {folders[1]}" in done.out
    assert f"--data {folders[0]} {folders[1]} --format otb vot" in found["command"]


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--tracker", "still", "still"], ["names still twice"]),
        (
            ["--tracker", "still", "--data", "a", "b", "--format", "otb", "vot", "tld"],
            ["2 folders"],
        ),
        (["--tracker", "still", "--data", "a", "a", "--format", "otb"], ["names a twice"]),
        (["--tracker", "nano"], ["names 0 files", "2 of nano"]),
        (["--tracker", "vit", "--models", "no/such.onnx"], ["no/such.onnx is not a file"]),
        (["--tracker", "still", "--models", "x.onnx"], ["expected none"]),
        (["--together", "--tracker", "hart", "csrt"], ["--tracker hart csrt", "expected hart"]),
    ],
)
def test_a_mistake_costs_one_line(saccade, tmp_path, argv, words):
    saccade("eval", "hart", "--out", tmp_path / "eval", *argv).mistake(*words)
    assert not (tmp_path / "eval").exists()


class Network:
    """OpenCV's tracker of a network: it remembers its files and goes right by 10 pixels."""

    def __init__(self, params: SimpleNamespace) -> None:
        self.files = vars(params)

    def init(self, frame: np.ndarray, box: tuple[int, ...]) -> None:
        self.box = box

    def update(self, frame: np.ndarray) -> tuple[bool, tuple[int, ...]]:
        x, *rest = self.box
        self.box = (x + 10, *rest)
        return True, self.box


@pytest.fixture
def networks(monkeypatch, tmp_path):
    """An OpenCV whose network trackers take any file."""
    made: list[Network] = []

    def create(params: SimpleNamespace) -> Network:
        made.append(Network(params))
        return made[-1]

    names = {f"Tracker{name}_create": create for name in ("Nano", "Vit")}
    names |= {f"Tracker{name}_Params": SimpleNamespace for name in ("Nano", "Vit")}
    for name, value in names.items():
        monkeypatch.setattr(baselines.cv2, name, value, raising=False)
    for name in ("back,bone", "head", "net"):
        (tmp_path / name).write_text("a network")
    return made


def test_networks_of_opencv_get_the_files_that_are_named(networks, tmp_path):
    back, head, net = (str(tmp_path / name) for name in ("back,bone", "head", "net"))
    nano, vit = tracker_makers(["nano", "vit"], models=[back, head, net])
    frame = np.zeros((60, 160, 3), np.uint8)
    for make, files in ((nano, {"backbone": back, "neckhead": head}), (vit, {"net": net})):
        tracker = make()
        tracker.init(frame, (10, 20, 30, 20))
        assert tracker.update(frame) == (20, 20, 30, 20)
        assert networks[-1].files == files
    (alone,) = tracker_makers(["nano"], models=[f"{head},{net}"])
    alone()
    assert networks[-1].files == {"backbone": head, "neckhead": net}


def test_networks_that_opencv_cannot_read_or_has_not(networks, tmp_path, monkeypatch):
    net = str(tmp_path / "net")

    def refuse(params: SimpleNamespace) -> Network:
        raise baselines.cv2.error("Failed to parse\n ONNX model")

    monkeypatch.setattr(baselines.cv2, "TrackerVit_create", refuse)
    with pytest.raises(UserInputError, match="vit cannot read .*net: Failed to parse ONNX model"):
        tracker_makers(["vit"], models=[net])
    monkeypatch.delattr(baselines.cv2, "TrackerVit_create")
    with pytest.raises(UserInputError, match="has no tracker vit; expected 4.9 or later"):
        tracker_makers(["vit"], models=[net])
