"""Where to act: Gymnasium environments on MuJoCo and what they stand on."""

from saccade.worlds.rendering import choose_backend

choose_backend()
