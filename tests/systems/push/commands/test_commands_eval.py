from __future__ import annotations

import json
import re

import numpy as np
import pytest

from fast_world import FAST
from saccade.errors import SaccadeError, StorageError
from saccade.systems.push.commands import evaluate as command
from saccade.systems.push.pictures import replay
from saccade.worlds.scenarios import list_scenarios, load_scenario

SHORT = (*FAST, "--workers", 1, "--protocol.max-actions", 3)


def test_results_and_report_tell_what_was_played(saccade, weights, tmp_path):
    out = tmp_path / "eval"
    done = saccade(
        "eval", "push", "--weights", weights, "--objects", 2, "--episodes", 3, "--out", out, *SHORT
    )
    assert done.code == 0
    for word in ("in box", "on ground", "in box / action", "results.json", "report.html"):
        assert word in done.out

    results = json.loads((out / "results.json").read_text())
    rows = results["scenarios"]
    assert [row["scenario"] for row in rows] == [0, 1, 2]
    for row in rows:
        places = [row["objects_in_box"], row["objects_on_ground"], row["objects_on_table"]]
        assert sum(places) == row["objects"] == 2
        assert 1 <= row["actions"] <= 3
    for name in ("objects_in_box", "objects_on_ground", "objects_on_table", "actions"):
        values = np.array([row[name] for row in rows], float)
        assert results[name]["mean"] == pytest.approx(values.mean())
        assert results[name]["std"] == pytest.approx(values.std(ddof=1))
        low, high = results[name]["ci95"]
        assert values.min() <= low <= results[name]["mean"] <= high <= values.max()
    boxed, actions = (sum(row[n] for row in rows) for n in ("objects_in_box", "actions"))
    assert results["objects_per_action"] == pytest.approx(boxed / actions)
    assert results["system"] == "push"
    assert results["seed"] == 0
    assert results["machine"]["cores"] >= 1
    assert "--objects 2 --episodes 3" in results["command"]

    page = (out / "report.html").read_text()
    for row in rows:
        for step in range(1, row["actions"] + 1):
            for picture in ("depth, as heights", "mask", "Q", "chosen push", "outcome"):
                assert f'alt="scenario {row["scenario"]}, step {step}: {picture}"' in page
    assert not re.search(r'(src|href)="(?!data:)', page)


def test_gathering_is_a_task(saccade, tmp_path):
    out = tmp_path / "eval"
    rules = ("--policy", "scripted", "--objects", 2, "--episodes", 1, "--pictured", 0, *SHORT)
    done = saccade("eval", "push", "--task", "gather", "--out", out, *rules)
    assert done.code == 0
    assert "no box: the objects in the disc count" in done.out
    results = json.loads((out / "results.json").read_text())
    assert results["world"]["scene"]["box"] is None
    assert "--task gather" in results["command"]


@pytest.mark.parametrize("mask", ["none", "edge"])
def test_the_mask_is_chosen_at_test_time(saccade, weights, tmp_path, mask):
    rules = ("--objects", 1, "--episodes", 1, "--pictured", 0, "--out", tmp_path / mask, *SHORT)
    done = saccade("eval", "push", "--weights", weights, "--mask", mask, *rules)
    assert done.code == 0
    assert f"mask {mask}" in done.out


def test_a_mask_that_the_weights_lack_is_refused(saccade, weights, tmp_path):
    done = saccade("eval", "push", "--weights", weights, "--mask", "learned", "--out", tmp_path)
    assert done.code == 2
    assert "holds no PushMask; expected mask edge or none" in done.err


def test_a_mask_for_a_policy_without_weights_is_refused(saccade, tmp_path):
    done = saccade("eval", "push", "--policy", "random", "--mask", "none", "--out", tmp_path)
    assert done.code == 2
    assert "--mask is none for the policy 'random'; expected 'learned'" in done.err


def test_saved_scenarios_play_again_to_the_same_end(saccade, tmp_path):
    first, again = tmp_path / "first", tmp_path / "again"
    rules = ("--policy", "scripted", "--pictured", 0, *SHORT)
    saccade("eval", "push", "--objects", 1, "--episodes", 2, "--out", first, *rules)
    folder = first / "scenarios"
    assert [len(load_scenario(path).objects) for path in list_scenarios(folder)] == [1, 1]
    done = saccade("eval", "push", "--scenarios", folder, "--out", again, *rules)
    assert done.code == 0
    one, two = (json.loads((f / "results.json").read_text())["scenarios"] for f in (first, again))
    assert one == two
    assert not (again / "scenarios").exists()


def test_failures_come_first_and_the_rest_is_told_in_words(saccade, tmp_path):
    out = tmp_path / "eval"
    rules = ("--policy", "random", "--objects", 1, "--episodes", 2, "--pictured", 1, *SHORT)
    assert saccade("eval", "push", "--out", out, *rules).code == 0
    page = (out / "report.html").read_text()
    steps = len(re.findall(r'class="step"', page))
    pictured = len(re.findall(r': outcome"', page))
    assert 0 < pictured < steps


def test_a_failure_midway_loses_no_result(saccade, tmp_path, monkeypatch):
    real = replay.play_scenarios

    def breaking(make_policy, evaluation, indices, workers=1, pictured=False, stop=None):
        yield next(real(make_policy, evaluation, indices, workers, pictured, stop))
        raise StorageError("the disk is full")

    monkeypatch.setattr(command, "play_scenarios", breaking)
    out = tmp_path / "eval"
    rules = ("--policy", "random", "--objects", 1, "--episodes", 3, *SHORT)
    saccade("eval", "push", "--out", out, *rules).mistake("the disk is full")
    assert json.loads((out / "results.json").read_text())["episodes"] == 1


def test_a_replay_that_differs_is_reported(saccade, tmp_path, monkeypatch):
    real = replay.play_scenarios

    def forgetful(make_policy, evaluation, indices, workers=1, pictured=False, stop=None):
        for played in real(make_policy, evaluation, indices, workers, pictured, stop):
            if pictured:
                played = replay.Played(played.scenario, other, played.steps)
            yield played

    other = replay.EpisodeResult(0, 0, 9, 1, 0, 0)
    monkeypatch.setattr(command, "play_scenarios", forgetful)
    rules = ("--policy", "random", "--objects", 1, "--episodes", 1, *SHORT)
    done = saccade("eval", "push", "--out", tmp_path, *rules)
    assert done.code == SaccadeError.exit_code
    assert "scenario 0 gave" in done.err
    assert (tmp_path / "results.json").exists()


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--objects", 0], ["objects is 0", "1 to 20"]),
        (["--objects", 21], ["objects is 21", "1 to 20"]),
        (["--episodes", 0], ["--episodes is 0", "1 or more"]),
        (["--seed", -1], ["--seed is -1"]),
        (["--workers", -2], ["--workers is -2"]),
        (["--policy", "clever"], ["'clever'", "scripted"]),
        (["--weights", "no/such/run"], ["no weights 'no/such/run'", "shipped name"]),
        (["--scenarios", "no/such/folder"], ["no scenario in no/such/folder", "scenario_*.json"]),
        (["--epsiodes", 3], ["--epsiodes", "did you mean --episodes?"]),
    ],
)
def test_a_mistake_costs_one_line(saccade, weights, tmp_path, argv, words):
    base = ("eval", "push", "--weights", weights, "--out", tmp_path / "eval")
    saccade(*base, *argv).mistake(*words)
    assert not (tmp_path / "eval").exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", ["scenario_000.json", "not valid JSON"]),
        ("{}", ["scenario_000.json", "saccade-scenario-1"]),
        ('{"format": "saccade-scenario-1"}', ["scenario_000.json", "damaged"]),
        ('{"format": "saccade-scenario-1", "objects": []}', ["objects is 0", "1 to 20"]),
    ],
)
def test_damaged_scenarios_are_named(saccade, tmp_path, content, words):
    (tmp_path / "scenario_000.json").write_text(content)
    out = tmp_path / "eval"
    rules = ("--policy", "random", "--scenarios", tmp_path, "--out", out)
    saccade("eval", "push", *rules).mistake(*words)
