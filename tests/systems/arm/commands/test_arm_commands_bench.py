"""What `saccade bench arm` counts and reports; not how fast anything is."""

from __future__ import annotations

import json

from saccade.systems.arm import bench
from saccade.systems.arm.episodes import EpisodeResult
from saccade.systems.arm.record import episode_seed


def test_everything_is_timed_as_often_as_asked(saccade, weights, tmp_path, monkeypatch):
    played: list[int] = []

    def play(env, policy, seed, *rest):
        played.append(seed)
        assert (env.task.name, policy.task) == ("reach_target", "reach_target")
        return EpisodeResult(True, 1.0, 1, "")

    monkeypatch.setattr(bench, "on_cores", lambda n, work, *arguments: work(*arguments))
    monkeypatch.setattr(bench, "play", play)
    done = saccade(
        "bench", "arm", "--weights", weights, "--repeats", 2, "--seconds", 1e-6, "--out", tmp_path
    )
    assert done.code == 0
    measures = json.loads((tmp_path / "bench.json").read_text())["measures"]
    assert [m["key"] for m in measures] == [
        "decision", "look", "episode", "demonstration", "update_look", "update_vote",
    ]  # fmt: skip
    assert all(len(m["values"]) == 2 and min(m["values"]) > 0 for m in measures)
    assert played == [episode_seed(bench.SEED, number) for number in range(3)]  # one warms up
    for measure in measures:
        assert measure["what"] in done.out


def test_a_mistake_costs_one_line(saccade, tmp_path):
    saccade("bench", "arm", "--repeats", 0).mistake("--repeats 0", "at least 1")
    saccade("bench", "arm", "--task", "fly").mistake("unknown task 'fly'", "stack_wine")
    saccade("bench", "arm", "--weights", tmp_path / "nothing").mistake("no weights")
