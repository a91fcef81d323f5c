"""Drawn scenarios: everything rests on the table, and a seed says all."""

from __future__ import annotations

from pathlib import Path

import mujoco
import numpy as np
import pytest

from saccade.errors import UserInputError
from saccade.worlds.push_box import PushWorld, WorldConfig
from saccade.worlds.push_box import drop as drop_module
from saccade.worlds.push_box.drop import DROP_SPREAD, draw_scenario, scenario_seed, scenario_set
from saccade.worlds.push_box.outcome import ON_TABLE
from saccade.worlds.scenarios import load_scenario, save_scenario
from saccade.worlds.shapes import SHAPES
from saccade.worlds.workspace import Push


@pytest.fixture(scope="module", name="drawn")
def drawn_fixture():
    return scenario_set(1, 8, 10)


def test_every_object_rests_on_the_table(drawn) -> None:
    world = PushWorld(WorldConfig(use_gl=False))
    for scenario in drawn:
        world.reset(scenario)
        assert world.status == [ON_TABLE] * 10
        before = world.object_poses()[:, :3]
        assert (before[:, 2] > 0.70 + 0.008).all()  # no origin is nearer to its lowest face
        for _ in range(125):
            mujoco.mj_step(world.scene.model, world.data)
        assert np.abs(world.object_poses()[:, :3] - before).max() < 1e-3


def test_objects_lie_about_where_they_fell(drawn) -> None:
    x, y = np.array([b.position[:2] for s in drawn for b in s.objects]).T
    inside = (np.abs(x + 0.5) < DROP_SPREAD + 0.03) & (np.abs(y) < DROP_SPREAD + 0.03)
    assert inside.mean() > 0.8
    assert np.abs(np.mean(x) + 0.5) < 0.03 and np.abs(np.mean(y)) < 0.03
    assert np.std(x) > 0.04 and np.std(y) > 0.04
    assert np.abs(x + 0.5).max() < 0.26 and np.abs(y).max() < 0.26


def test_all_shapes_and_many_colours_are_drawn(drawn) -> None:
    blocks = [b for s in drawn for b in s.objects]
    assert {b.shape for b in blocks} == set(SHAPES)
    assert len({b.colour for b in blocks}) == 10


def test_a_seed_says_all_and_a_sets_members_do_not_depend_on_its_size(drawn) -> None:
    assert scenario_set(1, 3, 10) == drawn[:3]
    assert draw_scenario(scenario_seed(1, 2), 10) == drawn[2]
    assert scenario_set(2, 1, 10)[0] != drawn[0]
    assert len({s.seed for s in drawn}) == 8


def test_a_saved_scenario_replays_exactly(drawn, tmp_path: Path) -> None:
    save_scenario(drawn[0], tmp_path / "a.json")
    outcomes = []
    for scenario in (drawn[0], load_scenario(tmp_path / "a.json")):
        world = PushWorld(WorldConfig(use_gl=False))
        world.reset(scenario)
        outcome = world.execute(Push(112, 150, 8), world.observe())
        outcomes.append((outcome, world.object_poses().tobytes(), world.observe().tobytes()))
    assert outcomes[0] == outcomes[1]


def test_a_draw_that_loses_an_object_is_thrown_away_and_counted(monkeypatch) -> None:
    kept = drop_module._drop
    calls = []

    def lossy(*arguments):
        calls.append(1)
        return None if len(calls) <= 2 else kept(*arguments)

    monkeypatch.setattr(drop_module, "_drop", lossy)
    assert draw_scenario(3, 1).redraws == 2


@pytest.mark.parametrize("n", [1, 20])
def test_from_1_to_20_objects(n: int) -> None:
    assert len(draw_scenario(0, n).objects) == n


def test_other_numbers_of_objects_are_refused() -> None:
    with pytest.raises(UserInputError, match="number of objects is 21; expected 1 to 20"):
        draw_scenario(0, 21)
