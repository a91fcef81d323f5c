"""One object, one finger and the box: a world to learn in from rewards."""

from saccade.worlds.push_one.config import PushOneConfig
from saccade.worlds.push_one.env import PushOneEnv
from saccade.worlds.push_one.looks import PLAIN, Look, draw_look

__all__ = ["PLAIN", "Look", "PushOneConfig", "PushOneEnv", "draw_look"]
