"""The tasks: one file each. A new one is imported here, in `TASKS`."""

from __future__ import annotations

from saccade.checks import choice
from saccade.worlds.tabletop.task import Task
from saccade.worlds.tabletop.tasks import (
    take_lid_off_saucepan,
    take_umbrella_out_of_umbrella_stand,
    take_usb_out_of_computer,
)

_MODULES = (
    take_lid_off_saucepan,
    take_umbrella_out_of_umbrella_stand,
    take_usb_out_of_computer,
)
TASKS: dict[str, Task] = {module.TASK.name: module.TASK for module in _MODULES}
"""Every task by its name."""


def task_named(name: str) -> Task:
    """The task of a name.

    Raises:
        UserInputError: There is none; the message lists those that there are.
    """
    return TASKS[choice("task", name, TASKS)]
