"""What `saccade show` says of weights: what they see in a random scene."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from jaxtyping import Bool, Float

from saccade.systems.push.decision import Decision
from saccade.systems.push.pictures.decisions import decision_pictures
from saccade.systems.push.policy import PushPolicy
from saccade.systems.push.weights import load_policy
from saccade.viewing.images import save_png
from saccade.viewing.montage import side_by_side
from saccade.viewing.plots import figure_png, q_maps
from saccade.wording import counted
from saccade.worlds.push_box import PushWorld
from saccade.worlds.push_box.drop import draw_scenario
from saccade.worlds.scenarios import check_count
from saccade.worlds.workspace import N_DIRECTIONS

Q_FILE, DECISION_FILE = "q_maps.png", "decision.png"
DENSE_CANDIDATES = 6000
"""Glimpses that stand for a whole Q map, where a policy looks at pushes one by one."""
SPOT = 5
"""Side of the square that a single value is drawn as [pixels]."""


def show(folder: Path, out: Path, objects: int, seed: int) -> list[Path]:
    """Write Q maps (the paper's Fig. 6) and a decision on one scene.

    Raises:
        DamagedFileError: The weights are damaged.
    """
    check_count(objects)
    policy = load_policy(folder)
    heightmap = _scene(policy, objects, seed)
    decision = policy.decide(heightmap)
    pictures = decision_pictures(heightmap, decision, policy.config.world.scene)
    save_png(out / DECISION_FILE, side_by_side(list(pictures.values()), list(pictures)))
    written = [out / DECISION_FILE]
    q, valued = _dense_q(policy, heightmap, decision)
    if valued.any():
        title = f"Q of each direction, {counted(objects, 'object')}, seed {seed}"
        save_png(out / Q_FILE, figure_png(q_maps(q, heightmap, valued, title)))
        written.append(out / Q_FILE)
    return written


def _scene(policy: PushPolicy, objects: int, seed: int) -> np.ndarray:
    """What the camera sees of a random scenario."""
    config = policy.config.world
    world = PushWorld(config)
    world.reset(draw_scenario(seed, objects, config.scene), seed)
    policy.reset(seed, world)
    heightmap = world.observe()
    world.close()
    return heightmap


def _dense_q(
    policy: PushPolicy, heightmap: np.ndarray, decision: Decision
) -> tuple[Float[np.ndarray, "16 rows cols"], Bool[np.ndarray, "16 rows cols"]]:
    """Q of all directions and where it is known; glimpses are drawn as small squares."""
    if policy.config.network != "glimpse":
        shape = (N_DIRECTIONS, *heightmap.shape)
        q = decision.q if decision.q is not None else np.zeros(shape, np.float32)
        valid = decision.mask if decision.mask is not None else np.ones(shape, bool)
        return q, valid & (decision.q is not None)
    settings = replace(policy.config.policy, candidates=DENSE_CANDIDATES, refine=0)
    q = policy.with_settings(settings).decide(heightmap).q
    if q is None:
        shape = (N_DIRECTIONS, *heightmap.shape)
        return np.zeros(shape, np.float32), np.zeros(shape, bool)
    lowest = np.float32(np.finfo(np.float32).min)
    kernel = np.ones((SPOT, SPOT), np.uint8)
    grown = np.stack([cv2.dilate(np.where(one != 0, one, lowest), kernel) for one in q])
    return grown, grown > lowest
