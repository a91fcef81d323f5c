"""`saccade record pouring`: whole, stopped and continued, refused; once with the world itself."""

from __future__ import annotations

import errno
import shlex
from dataclasses import replace

import numpy as np
import pytest

import interruptions
from moving_views import moving_sequence
from saccade.data.multi_view import tfrecord
from saccade.data.multi_view.dataset import open_multi_view
from saccade.systems.smak import record as recording
from saccade.systems.smak.commands import record as command
from saccade.worlds.pouring import ATTRIBUTES, PHASES

RECORD = ("record", "pouring", "--workers", 1)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Moving squares in place of the world, of which sequence i depends on the seed and i."""

    def moving(config, seed, index):
        made = moving_sequence(10 * seed + index, views=config.views)
        return replace(made, name="other")

    monkeypatch.setattr(recording, "pouring_sequence", moving)


def test_the_world_is_recorded_with_its_labels(saccade, tmp_path):
    small = ("--height", 32, "--width", 32, "--frames", 27, 27, "--views", 3, "--split", "test")
    done = saccade(*RECORD, "--out", tmp_path, "--episodes", 1, *small)
    assert done.code == 0
    (sequence,) = open_multi_view(tmp_path).sequences
    assert len(sequence) == 27
    assert [sequence.frames(view).shape for view in range(3)] == [(27, 32, 32, 3)] * 3
    assert set(sequence.phases) == set(range(len(PHASES)))
    assert sequence.attributes.keys() == ATTRIBUTES.keys()
    assert f"1 demonstration in {tmp_path} (1 recorded now, 27 frames of 3 views)" in done.out


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("layout", ["records", "labelled", "videos"])
def test_every_layout_is_read_again(saccade, tmp_path, layout):
    out = ("--out", tmp_path, "--episodes", 2, "--format", layout)
    assert saccade(*RECORD, *out).code == 0
    dataset = open_multi_view(tmp_path)
    assert [len(sequence) for sequence in dataset.sequences] == [20, 20]
    for index, sequence in enumerate(dataset.sequences):
        assert sequence.name == f"sequence_{index:06d}"
        expected = moving_sequence(index)
        assert (sequence.phases == expected.phases).all()
        difference = sequence.frames(0).astype(int) - expected.frames(0)
        assert np.abs(difference).mean() < 10


@pytest.mark.usefixtures("quick")
def test_stopped_and_continued_equals_uninterrupted(saccade, tmp_path, monkeypatch):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    seed = ("--episodes", 3, "--seed", 4)
    assert saccade(*RECORD, "--out", whole, *seed).code == 0
    with monkeypatch.context() as patch:
        patch.setattr(command, "GracefulStop", interruptions.stop_after(1))
        done = saccade(*RECORD, "--out", parts, *seed)
    assert done.code == 130
    assert len(open_multi_view(parts).sequences) == 1
    again = done.out.splitlines()[-1].partition("go on with: saccade ")[2]
    assert saccade(*shlex.split(again)).code == 0
    assert interruptions.tree(whole) == interruptions.tree(parts)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("other", "what"),
    [(("--seed", 9), "seed"), (("--views", 3), "config"), (("--format", "videos"), "layout")],
)
def test_going_on_with_other_settings_is_refused(saccade, tmp_path, other, what):
    assert saccade(*RECORD, "--out", tmp_path, "--episodes", 1).code == 0
    before = interruptions.tree(tmp_path)
    done = saccade(*RECORD, "--out", tmp_path, "--episodes", 2, *other)
    done.mistake(str(tmp_path), f"another {what}")
    assert interruptions.tree(tmp_path) == before


@pytest.mark.usefixtures("quick")
def test_a_folder_of_other_files_is_refused(saccade, tmp_path):
    (tmp_path / "holiday_view0.mp4").write_bytes(b"mine")
    done = saccade(*RECORD, "--out", tmp_path, "--episodes", 1)
    done.mistake(str(tmp_path), "holds holiday_view0.mp4 and no dataset.json", "an empty folder")
    assert interruptions.tree(tmp_path) == {"holiday_view0.mp4": b"mine"}


@pytest.mark.usefixtures("quick")
def test_a_full_disk_is_one_line_and_loses_nothing(saccade, tmp_path, monkeypatch):
    real, calls = tfrecord.masked_crc, []

    def filling(data):
        calls.append(data)
        if len(calls) > 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(data)

    with monkeypatch.context() as patch:
        patch.setattr(tfrecord, "masked_crc", filling)
        done = saccade(*RECORD, "--out", tmp_path, "--episodes", 2)
    done.mistake("No space left on device", "sequence_000001", "saccade record pouring")
    assert len(open_multi_view(tmp_path).sequences) == 1


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--episodes", 0], ["--episodes is 0"]),
        (["--seed", -1], ["--seed is -1", "0 or more"]),
        (["--views", 0], ["views is 0", "1 to 9"]),
        (["--frames", 5, 9], ["frames is (5, 9)", "27"]),
        (["--split", "both"], ["'both'", "train", "test"]),
        (["--format", "gif"], ["'gif'", "labelled"]),
    ],
)
def test_a_mistake_costs_one_line_and_writes_nothing(saccade, tmp_path, argv, words):
    out = tmp_path / "data"
    saccade(*RECORD, "--out", out, *argv).mistake(*words)
    assert not out.exists()
