"""The tasks: one file each. A new one is imported here, in `TASKS`."""

from __future__ import annotations

from saccade.checks import choice
from saccade.worlds.tabletop.task import Task
from saccade.worlds.tabletop.tasks import phone_on_base, take_lid_off_saucepan

TASKS: dict[str, Task] = {
    module.TASK.name: module.TASK for module in (phone_on_base, take_lid_off_saucepan)
}
"""Every task by its name."""


def task_named(name: str) -> Task:
    """The task of a name.

    Raises:
        UserInputError: There is none; the message lists those that there are.
    """
    return TASKS[choice("task", name, TASKS)]
