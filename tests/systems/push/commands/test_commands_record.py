from __future__ import annotations

import errno
import shlex

import numpy as np
import pytest

import interruptions
from fast_world import FAST
from saccade.data.push_episodes import PushDataset
from saccade.systems.push.commands import record as command

TINY = (*FAST, "--workers", 1, "--max-objects", 1, "--pushes", 2)


def test_a_dataset_holds_what_was_asked_for(saccade, tmp_path):
    done = saccade("record", "push_box", "--out", tmp_path, "--episodes", 2, *TINY)
    assert done.code == 0
    episodes = list(PushDataset(tmp_path))
    assert len(episodes) == 2
    assert all(len(episode) <= 2 and len(episode.names) == 1 for episode in episodes)
    pushes = sum(map(len, episodes))
    assert f"2 episodes in {tmp_path} ({pushes} pushes recorded now)" in done.out


def test_stopped_and_continued_equals_uninterrupted(saccade, tmp_path, monkeypatch):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    saccade("record", "push_box", "--out", whole, "--episodes", 3, "--seed", 4, *TINY)
    with monkeypatch.context() as patch:
        patch.setattr(command, "GracefulStop", interruptions.stop_after(1))
        done = saccade("record", "push_box", "--out", parts, "--episodes", 3, "--seed", 4, *TINY)
    assert done.code == 130
    assert len(PushDataset(parts)) == 1
    again = done.out.splitlines()[-1].partition("go on with: saccade ")[2]
    assert saccade(*shlex.split(again)).code == 0
    assert interruptions.tree(whole).keys() == interruptions.tree(parts).keys()
    for one, two in zip(PushDataset(whole), PushDataset(parts), strict=True):
        assert one.heightmaps == two.heightmaps
        np.testing.assert_array_equal(one.poses, two.poses)


def test_recording_again_with_other_settings_is_refused(saccade, tmp_path):
    assert saccade("record", "push_box", "--out", tmp_path, "--episodes", 1, *TINY).code == 0
    before = interruptions.tree(tmp_path)
    other = ("--episodes", 2, "--seed", 9, *TINY)
    saccade("record", "push_box", "--out", tmp_path, *other).mistake(str(tmp_path), "settings")
    assert interruptions.tree(tmp_path) == before


def test_weights_make_all_pushes_or_what_the_mix_leaves(saccade, weights, tmp_path):
    by_policy, shared = tmp_path / "policy", tmp_path / "shared"
    rules = ("--episodes", 1, "--policy", weights, *TINY)
    assert saccade("record", "push_box", "--out", by_policy, *rules).code == 0
    sources = {source for episode in PushDataset(by_policy) for source in episode.source}
    assert sources == {"policy"}
    mix = ("--mix.uniform", 1, "--mix.near", 0, "--mix.edge", 0)
    assert saccade("record", "push_box", "--out", shared, *rules, *mix).code == 0
    sources = {source for episode in PushDataset(shared) for source in episode.source}
    assert sources == {"uniform"}


def test_a_full_disk_is_one_line_and_loses_nothing(saccade, tmp_path, monkeypatch):
    real, calls = np.savez, []

    def filling(file, **arrays):
        calls.append(file)
        if len(calls) > 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(file, **arrays)

    monkeypatch.setattr(np, "savez", filling)
    done = saccade("record", "push_box", "--out", tmp_path, "--episodes", 3, *TINY)
    done.mistake("No space left on device", "episode_000001", "saccade record push_box")
    assert len(list(PushDataset(tmp_path))) == 1


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--episodes", 0], ["--episodes is 0"]),
        (["--pushes", 0], ["--pushes is 0"]),
        (["--max-objects", 30], ["objects is 30", "1 to 20"]),
        (["--min-objects", 4, "--max-objects", 2], ["--min-objects 4", "maximum"]),
        (["--mix.edge", 2], ["2.0", "shares"]),
        (["--policy", "nobody"], ["no weights 'nobody'"]),
        (["--world.scene.box.edge", "middle"], ["'middle'", "left, right, top, bottom"]),
    ],
)
def test_a_mistake_costs_one_line_and_writes_nothing(saccade, tmp_path, argv, words):
    out = tmp_path / "data"
    saccade("record", "push_box", "--out", out, "--workers", 1, *argv).mistake(*words)
    assert not out.exists()
