"""Push-into-box: a table, a half-edge box, toy blocks, a UR5e and a depth camera."""

from saccade.worlds.push_box.env import PushBoxEnv
from saccade.worlds.push_box.scene import BoxPlacement, SceneConfig
from saccade.worlds.push_box.world import PushOutcome, PushWorld, WorldConfig

__all__ = ["BoxPlacement", "PushBoxEnv", "PushOutcome", "PushWorld", "SceneConfig", "WorldConfig"]
