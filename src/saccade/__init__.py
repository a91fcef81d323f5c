"""Attention for robot learning: where to look, where to act.

    policy = saccade.load("push")  # the shipped weights, a folder, or a Hub repository
    push = policy.act(heightmap)  # float32 (224, 224), metres above the table
    env = gymnasium.make("saccade/PushBox-v0")  # registered by `import saccade`

Importing this package is cheap: PyTorch and MuJoCo are imported by what needs them.
"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import TYPE_CHECKING, Any

import gymnasium

from saccade.installation import VERSION as __version__

if TYPE_CHECKING:
    from pathlib import Path

TABLETOP_TASKS = (
    "take_lid_off_saucepan",
    "put_rubbish_in_bin",
    "stack_wine",
    "phone_on_base",
    "pick_up_cup",
    "take_umbrella_out_of_umbrella_stand",
    "play_jenga",
    "take_usb_out_of_computer",
    "reach_target",
    "pick_and_lift",
    "push_button",
    "open_drawer",
)
"""Names of the tasks of an arm at a table; each is a world, "saccade/TakeLidOffSaucepan-v0"."""

_TASK_OF = {
    f"saccade/{''.join(word.capitalize() for word in task.split('_'))}-v0": task
    for task in TABLETOP_TASKS
}
WORLDS = {
    "saccade/PushBox-v0": "saccade.worlds.push_box.env:PushBoxEnv",
    "saccade/PushOne-v0": "saccade.worlds.push_one.env:PushOneEnv",
    **dict.fromkeys(_TASK_OF, "saccade.worlds.tabletop.env:TabletopEnv"),
}
"""Gymnasium id of every registered world, and the class that makes it."""

_SUBPACKAGES = ("attention", "data", "networks", "systems", "training", "viewing", "worlds")

__all__ = ["WORLDS", "__version__", "load"]


def load(name_or_path: str | Path) -> Any:
    """Load a trained policy, tracker or embedder, whichever its system makes.

    Args:
        name_or_path: Name of shipped weights ("push"); a folder of weights or of a training
            run; a weights file in such a folder; or a Hugging Face Hub repository,
            "hf://user/name" or "hf://user/name@revision" (needs
            `pip install "saccade-robotics[hub]"`); its "hf://" may be left out where nothing on
            the disk can be meant.

    Raises:
        UserInputError: Nothing of that name exists; the message lists what does.
        DamagedFileError: The named thing exists and cannot be read.
        MissingExtraError: A Hub repository was named and huggingface_hub is not installed.
    """
    from saccade import systems

    return systems.load(name_or_path)


def __getattr__(name: str) -> ModuleType:
    """Import a subpackage on first use, so that `saccade.worlds.cameras` needs one import only."""
    if name in _SUBPACKAGES:
        return importlib.import_module(f"saccade.{name}")
    raise AttributeError(f"module 'saccade' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted({*globals(), *_SUBPACKAGES})


for _id, _entry_point in WORLDS.items():
    if _id not in gymnasium.registry:
        _kwargs = {"task": _TASK_OF[_id]} if _id in _TASK_OF else {}
        gymnasium.register(id=_id, entry_point=_entry_point, kwargs=_kwargs)
