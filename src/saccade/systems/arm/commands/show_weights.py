"""What `saccade show` says of weights: an episode, and where they look in it (Fig. 3)."""

from __future__ import annotations

from pathlib import Path

from saccade.systems.arm.episodes import Step, play
from saccade.systems.arm.pictures.attention import attention_over_time
from saccade.systems.arm.pictures.decisions import describe
from saccade.systems.arm.record import episode_seed
from saccade.systems.arm.weights import load
from saccade.viewing.images import save_png
from saccade.worlds.tabletop.env import TabletopEnv
from saccade.worlds.tabletop.tasks import TASKS

ATTENTION_FILE = "attention.png"


def show_weights(folder: Path, out: Path, seed: int) -> list[Path]:
    """Play an episode and write where the weights look; nothing where their task has no world.

    Raises:
        DamagedFileError: The weights are damaged.
    """
    policy = load(folder)
    if policy.task not in TASKS:
        print(f"\nno episode: '{policy.task}' has no world here")
        return []
    steps: list[Step] = []
    env = TabletopEnv(policy.task)
    result = play(env, policy, episode_seed(seed, 0), on_step=steps.append)
    env.close()
    print(f"\n{policy.task}, seed {seed}: {result.ending}")
    for number, step in enumerate(steps):
        print(f"{number + 1:3d}  {describe(step.decision)}")
    save_png(out / ATTENTION_FILE, attention_over_time({policy.task.replace("_", " "): steps}))
    return [out / ATTENTION_FILE]
