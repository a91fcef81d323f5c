from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from saccade.systems.arm.baselines.config import BaselineConfig
from saccade.systems.arm.next_best_pose.config import PoseConfig
from saccade.systems.arm.next_best_pose.pose_space import PoseSpace
from saccade.systems.arm.own_play import MethodConfig, TabletopPlayer, make_learner
from saccade.systems.arm.paper_config import PaperConfig
from saccade.systems.arm.q_attention.config import QAttentionConfig
from saccade.systems.arm.rows import RowConfig, columns
from saccade.training.checkpoint import save_weights
from saccade.worlds.tabletop.env import MAX_ACTIONS

ROWS = RowConfig(view=16, crop=8)
PAPER = PaperConfig(
    ROWS, QAttentionConfig(channels=4), PoseConfig(stem=2, actor=4, critic=4, frame="world")
)
BASELINE = BaselineConfig("td3", ROWS, stem=2, actor=4, critic=4)
REACHABLE = PoseSpace((0.4, -0.1, 0.2), (0.6, 0.1, 0.4))
FAR = PoseSpace((2.0, 2.0, 2.0), (3.0, 3.0, 3.0))
TASK = "reach_target"


@pytest.mark.parametrize("config", [PAPER, BASELINE])
def test_a_round_gives_rows_of_its_decisions_and_is_the_same_again(
    config: MethodConfig, tmp_path: Path
) -> None:
    learner = make_learner(config, REACHABLE, seed=1)
    save_weights(tmp_path / "w", learner.networks.state_dict(), {})
    own, again = (
        TabletopPlayer(TASK, config, REACHABLE).play(tmp_path / "w", 5, 2, 1) for _ in range(2)
    )
    wanted = columns(ROWS)
    assert own.rows.keys() == wanted.keys()
    for name, array in own.rows.items():
        assert array.shape[1:] == wanted[name].shape, name
        np.testing.assert_array_equal(array, again.rows[name], err_msg=name)
    assert own.successes + len(own.failures) == 1
    assert not own.rows["terminal"][:-1].any()
    assert own.rows["terminal"][-1] == float(len(own.rows["terminal"]) < MAX_ACTIONS)
    np.testing.assert_array_equal(own.rows["next_view_rgb"][:-1], own.rows["view_rgb"][1:])


def test_a_pose_out_of_reach_ends_the_episode_with_a_punishment(tmp_path: Path) -> None:
    learner = make_learner(PAPER, FAR, seed=1)
    save_weights(tmp_path / "w", learner.networks.state_dict(), {})
    own = TabletopPlayer(TASK, PAPER, FAR).play(tmp_path / "w", 0, 0, 2)
    assert own.successes == 0 and len(own.failures) == 2
    assert own.rows["reward"].tolist() == [-1, -1]
    assert own.rows["terminal"].tolist() == [1, 1]
