"""The tasks: one file each. A new one is named here, in `TASKS`."""

from __future__ import annotations

from saccade.checks import choice
from saccade.worlds.tabletop.task import Task
from saccade.worlds.tabletop.tasks.open_drawer import TASK as OPEN_DRAWER
from saccade.worlds.tabletop.tasks.phone_on_base import TASK as PHONE_ON_BASE
from saccade.worlds.tabletop.tasks.pick_and_lift import TASK as PICK_AND_LIFT
from saccade.worlds.tabletop.tasks.pick_up_cup import TASK as PICK_UP_CUP
from saccade.worlds.tabletop.tasks.play_jenga import TASK as PLAY_JENGA
from saccade.worlds.tabletop.tasks.push_button import TASK as PUSH_BUTTON
from saccade.worlds.tabletop.tasks.put_rubbish_in_bin import TASK as PUT_RUBBISH_IN_BIN
from saccade.worlds.tabletop.tasks.reach_target import TASK as REACH_TARGET
from saccade.worlds.tabletop.tasks.stack_wine import TASK as STACK_WINE
from saccade.worlds.tabletop.tasks.take_lid_off_saucepan import TASK as TAKE_LID_OFF_SAUCEPAN
from saccade.worlds.tabletop.tasks.take_umbrella_out_of_umbrella_stand import (
    TASK as TAKE_UMBRELLA_OUT_OF_UMBRELLA_STAND,
)
from saccade.worlds.tabletop.tasks.take_usb_out_of_computer import TASK as TAKE_USB_OUT_OF_COMPUTER

TASKS: dict[str, Task] = {
    task.name: task
    for task in (
        TAKE_LID_OFF_SAUCEPAN,
        PUT_RUBBISH_IN_BIN,
        STACK_WINE,
        PHONE_ON_BASE,
        PICK_UP_CUP,
        TAKE_UMBRELLA_OUT_OF_UMBRELLA_STAND,
        PLAY_JENGA,
        TAKE_USB_OUT_OF_COMPUTER,
        REACH_TARGET,
        PICK_AND_LIFT,
        PUSH_BUTTON,
        OPEN_DRAWER,
    )
}
"""Every task by its name: the paper's eight, then those to learn with."""


def task_named(name: str) -> Task:
    """The task of a name.

    Raises:
        UserInputError: There is none; the message lists those that there are.
    """
    return TASKS[choice("task", name, TASKS)]
