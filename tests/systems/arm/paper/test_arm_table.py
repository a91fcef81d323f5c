"""Rows of `saccade table arm`, and what is told of figures that are written out by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from saccade.errors import UserInputError
from saccade.systems.arm.config import ArmConfig
from saccade.systems.arm.episodes import CAUSES, EpisodeResult
from saccade.systems.arm.evaluate import Evaluation, summarise
from saccade.systems.arm.paper.budget import Budget, update_seconds
from saccade.systems.arm.paper.figures import figures, learning_panels
from saccade.systems.arm.paper.making import ArmTable, _as_rows
from saccade.systems.arm.paper.measured import variants
from saccade.systems.arm.paper.players import play_untrained
from saccade.systems.arm.paper.report import tables
from saccade.systems.arm.paper.rows import ABLATION_TASKS, TASKS, Row, rows
from saccade.verbs.rows import RESULT_FILE, sealed
from saccade.viewing.tables import Table

LID, RUBBISH = ABLATION_TASKS
SMALL = Budget(episodes=4, points=1, point_episodes=2, seeds=2)


def named(key: str, budget: Budget = SMALL) -> Row:
    (row,) = [row for row in rows(budget) if row.key == key]
    return row


def write_result(table: ArmTable, key: str, successes: dict[str, list[int]]) -> Row:
    """Note down a row as if it had been trained and played."""
    row, making = named(key, table.budget), table.making()
    measured: dict[str, Any] = {}
    for name, done in successes.items():
        results = [
            EpisodeResult(bool(s), float(s), 3 if s else 10, "" if s else CAUSES[0]) for s in done
        ]
        played = summarise(results) | {"played": _as_rows(results, Evaluation(row.task))}
        measured[name] = {"made_of": making.made_of(row, name), **played}
    moments = [
        {"minutes": 2.0 + 8 * i, "actions": 100 * i, "episodes": 10 * i}
        for i in range(len(successes))
    ]
    facts = {"numbers": 1234, "training_minutes": 10.0, "moments": moments} if row.config else {}
    path = making.folder(row) / RESULT_FILE
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(sealed({"measured": measured, "label": row.label, **facts})))
    return row


@pytest.fixture
def made(tmp_path: Path) -> tuple[ArmTable, list[Row]]:
    """Two methods on two tasks, one of them trained twice, and an ablation."""
    table = ArmTable(tmp_path, SMALL)
    successes = {
        f"{LID}.look-and-vote": {"point 0": [1, 0], "end": [1, 1, 1, 1]},
        f"{LID}.look-and-vote.1": {"point 0": [0, 0], "end": [1, 1, 1, 0]},
        f"{LID}.q-attention": {"point 0": [0, 0], "end": [1, 0, 1, 0]},
        f"{LID}.expert": {"end": [1, 1, 1, 1]},
        f"{RUBBISH}.look-and-vote": {"point 0": [1, 1], "end": [1, 0, 0, 0]},
        f"{LID}.no-confidence": {"point 0": [0, 0], "end": [1, 0, 0, 0]},
        f"{LID}.demonstrations-10": {"point 0": [0, 0], "end": [0, 0, 0, 0]},
    }
    return table, [write_result(table, key, each) for key, each in successes.items()]


def cells(table: Table, section: str, first: str) -> dict[str, Any]:
    """The cells of a line below a heading, by column."""
    lines = list(table.rows)
    for line in lines[lines.index(section) + 1 :]:
        if not isinstance(line, str) and line[0] == first:
            return dict(zip(table.columns, line, strict=True))
    raise LookupError(first)


def test_rows_are_told_apart_and_all_eight_tasks_are_there() -> None:
    everything = rows(Budget())
    keys = [row.key for row in everything]
    assert len(set(keys)) == len(keys)
    for method in ("look-and-vote", "q-attention", "bc", "expert", "random"):
        assert [row.task for row in everything if row.variant == method] == list(TASKS)
    for method in ("sac", "sac-ae", "td3", "dac"):
        assert len([row for row in everything if row.variant == method]) == 3
    assert {row.config.task for row in everything if row.config} == set(TASKS)
    configs = [row.config for row in everything if row.config]
    assert all(one != other for i, one in enumerate(configs) for other in configs[:i])


def test_ablations_change_what_they_say_and_the_number_of_updates() -> None:
    base = named(f"{LID}.q-attention").config
    assert base is not None

    def of(variant: str) -> ArmConfig:
        config = named(f"{LID}.{variant}").config
        assert config is not None
        return replace(config, replay=base.replay)

    pose, attention, kept = base.pose, base.attention, base.rows
    assert of("no-attention") == replace(base, pose=replace(pose, look="view", frame="world"))
    assert of("soft-attention") == replace(base, pose=replace(pose, look="soft", frame="world"))
    assert of("no-keyframes") == replace(base, rows=replace(kept, keyframes=False))
    assert of("no-augmentation") == replace(base, rows=replace(kept, every=None))
    assert of("no-confidence") == replace(base, pose=replace(pose, confidence=False))
    assert of("no-regularisation") == replace(base, attention=replace(attention, regularisation=0))
    for n in (10, 25, 50, 200):
        assert of(f"demonstrations-{n}") == replace(base, episodes=n)
    for n in (8, 32, 64):
        assert of(f"crop-{n}") == replace(base, rows=replace(kept, crop=n))


def test_a_budget_buys_updates_by_what_they_cost() -> None:
    twice = replace(SMALL, minutes=2 * SMALL.minutes)
    for key in (f"{LID}.q-attention", f"{LID}.crop-64", f"{LID}.dac", f"{LID}.bc"):
        one, two = named(key).config, named(key, twice).config
        assert one is not None and two is not None
        assert two.replay.updates == pytest.approx(2 * one.replay.updates, abs=200)
        own = one.own_episodes * 1.0
        spent = one.replay.updates * update_seconds(one) + own
        assert 0.85 * 1200 < spent <= 1200
    ours, more = named(f"{LID}.look-and-vote").config, named(f"{LID}.look-and-vote", twice).config
    assert ours is not None and more is not None
    assert more.vote.steps == 2 * ours.vote.steps and more.own.rounds == ours.own.rounds


def test_a_budget_of_nothing_is_refused() -> None:
    for wrong in ({"minutes": 0}, {"seeds": 0}, {"episodes": 0}, {"points": -1}):
        with pytest.raises(UserInputError):
            Budget(**wrong)


def test_trainings_of_a_method_are_one_line_with_their_mean(made: Any) -> None:
    table, shown = made
    methods, _ = tables(table, shown)
    ours = cells(methods, "take lid off saucepan", "look and vote (ours)")
    assert ours["success"][0] == pytest.approx(7 / 8)
    assert ours["success"][1] < 7 / 8 < ours["success"][2]
    assert ours["attention off target"] == 1 and ours["actions"] == pytest.approx((7 * 3 + 10) / 8)
    assert (ours["own episodes"], ours["own actions"], ours["core-minutes"]) == (10, 100, 10.0)
    published = cells(methods, "take lid off saucepan", "CQN (RLBench, another simulator)")
    assert published["success"] == 0.88 and published["updates"] == ""
    # Only what was measured on both tasks has a mean over them: of 1 and 1/4, a training of each.
    mean = cells(methods, "mean of 2 tasks", "look and vote (ours)")
    assert mean["success"][0] == pytest.approx((1 + 0.25) / 2)
    with pytest.raises(LookupError):
        cells(methods, "mean of 2 tasks", "Q-attention (the paper's)")


def test_ablations_stand_beside_the_whole_method(made: Any) -> None:
    table, shown = made
    _, ablations = tables(table, shown)
    line = cells(ablations, "Fig. 7a: parts", "without confidence")
    assert line["take lid off saucepan: success"][0] == 0.25
    assert line["difference"][0] == pytest.approx(-0.25)
    assert "Fig. 7c: crop" not in ablations.rows


def test_curves_go_through_the_moments_of_the_trainings(made: Any) -> None:
    table, shown = made
    found = variants(table, shown)
    curve, other = learning_panels(found, "actions")["take lid off saucepan"]
    np.testing.assert_allclose(curve.steps, [0, 100])
    np.testing.assert_allclose(curve.values, [0.25, 7 / 8])
    assert (curve.low <= curve.values).all() and (curve.values <= curve.high).all()
    assert other.label == "Q-attention (the paper's)"
    np.testing.assert_allclose(
        learning_panels(found, "minutes")["take lid off saucepan"][0].steps, [2, 10]
    )
    drawn = figures(table, shown)
    assert list(drawn) == ["fig6_actions", "fig6_minutes", "fig7a", "fig7b"]
    assert all(picture.startswith(b"\x89PNG") for _, picture in drawn.values())


def test_nothing_measured_gives_no_table_and_no_figure(tmp_path: Path) -> None:
    table = ArmTable(tmp_path, SMALL)
    assert tables(table, rows(SMALL)) == [] and figures(table, rows(SMALL)) == {}


def test_the_expert_reaches_and_random_poses_are_the_same_each_time() -> None:
    evaluation = Evaluation("reach_target", 1, 5)
    assert [result.success for result in play_untrained("expert", evaluation)] == [True]
    once, again = (play_untrained("random", evaluation) for _ in range(2))
    assert once == again
