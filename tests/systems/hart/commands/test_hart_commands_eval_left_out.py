"""`saccade eval hart` on datasets in which something is wrong: the others count, all is named."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image

from tracking_fixtures import moving, save, save_frames, save_lines, write_got10k, write_kitti

STILL = ("--tracker", "still", "--workers", 1, "--pictured", 1)
N = 5


def write_sound(folder: Path) -> None:
    """An object of 6 x 4 that goes 2 right and 1 down a frame, twice."""
    for name in ("A", "Z"):
        write_otb(folder / name)


def write_otb(folder: Path, n_boxes: int = N) -> None:
    save_frames(folder / "img", [moving(N)])
    lines = [f"{b[0] + 1},{b[1] + 1},{b[2]},{b[3]}" for b in moving(n_boxes) if b]
    save_lines(folder / "groundtruth_rect.txt", lines)


def results(out: Path) -> dict:
    return json.loads((out / "results.json").read_text())


def test_what_is_left_out_is_listed_and_does_not_touch_the_means(saccade, tmp_path):
    data, alone = tmp_path / "data", tmp_path / "alone"
    write_sound(data)
    write_sound(alone)
    write_otb(data / "Count", 4)
    write_otb(data / "HeldBack", 1)
    write_otb(data / "Size")
    save(data / "Size" / "img" / "0003.png", np.zeros((50, 66, 3), np.uint8))
    write_otb(data / "Torn")
    (data / "Torn" / "img" / "0004.png").write_bytes(b"no picture")
    save_frames(data / "Untold" / "img", [moving(2)])
    for folder in (data, alone):
        rules = ("--format", "otb", "--data", folder, "--out", folder / "out", *STILL)
        done = saccade("eval", "hart", *rules)
        assert done.code == 0, done.err
        if folder == data:
            told = done.out
    found, expected = results(data / "out"), results(alone / "out")
    for name in ("auc", "precision_20", "iou_60"):
        assert found["mean"][name] == expected["mean"][name]
    assert (found["n"], found["n_asked"], expected["left_out"]) == (2, 7, [])
    reasons = {one["name"]: one["reason"] for one in found["left_out"]}
    words = {
        "Count": "4 boxes for 5 frames", "HeldBack": "one box for 5 frames", "Size": "66 x 50",
        "Torn": "0004.png is no picture", "Untold": "no annotation",
    }  # fmt: skip
    assert set(reasons) == set(words)
    assert all(word in reasons[name] for name, word in words.items())
    # The last lines, one each.
    lines = told.splitlines()[-len(words) :]
    assert sorted(lines) == sorted(f"left out: {name}: {reasons[name]}" for name in words)
    # Pictures are those of the sequences that were followed, whatever came between.
    page = (data / "out" / "report.html").read_text()
    assert "left out: 5 (" in page and 'alt="A, step 1: frame"' in page
    shown = saccade("show", data / "out")
    assert shown.code == 0 and "left out: 5 (" in shown.out


def test_truth_that_is_held_back_is_no_result(saccade, tmp_path):
    """One box for many frames: a box that never moves would have an AUC of 0.95."""
    fixture = write_got10k(tmp_path / "data")
    (fixture.annotation.parent / "absence.label").unlink()
    save_lines(fixture.annotation, ["5,7,6,4"])
    rules = ("--format", "got10k", "--data", fixture.folder, "--out", tmp_path / "out", *STILL)
    saccade("eval", "hart", *rules).mistake("GOT-10k_Val_000001", "one box for 4 frames")
    assert not (tmp_path / "out").exists()


def test_where_every_sequence_proves_to_be_of_no_use(saccade, tmp_path):
    write_sound(tmp_path)
    for name in ("A", "Z"):
        Image.new("RGB", (9, 9)).save(tmp_path / name / "img" / "0002.png")
    rules = ("--format", "otb", "--data", tmp_path, "--out", tmp_path / "out", *STILL)
    saccade("eval", "hart", *rules).mistake("none of 2 sequences is left", "A: ", "Z: ", "9 x 9")
    assert not (tmp_path / "out" / "results.json").exists()


def test_objects_of_one_frame_are_left_out(saccade, tmp_path):
    """Of KITTI's fixture two tracks of a car last for one frame."""
    data = write_kitti(tmp_path / "data").folder
    rules = ("--format", "kitti", "--data", data, "--out", tmp_path, *STILL)
    assert saccade("eval", "hart", *rules).code == 0
    found = results(tmp_path)
    assert [one["name"] for one in found["sequences"]] == ["0000/0", "0000/1"]
    assert [one["name"] for one in found["left_out"]] == ["0000/2", "0000/3"]
