"""The rows of Figures 6 and 7: how each is trained here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from saccade.systems.arm.config import LOOK_AND_VOTE, Q_ATTENTION, ArmConfig, Method
from saccade.systems.arm.paper.budget import Budget
from saccade.verbs import rows as verb

TASKS = (
    "take_lid_off_saucepan",
    "put_rubbish_in_bin",
    "stack_wine",
    "phone_on_base",
    "take_umbrella_out_of_umbrella_stand",
    "pick_up_cup",
    "play_jenga",
    "take_usb_out_of_computer",
)
"""The paper's eight tasks (Figure 1)."""
BASELINE_TASKS = ("take_lid_off_saucepan", "put_rubbish_in_bin", "phone_on_base")
"""Tasks of the baselines besides behaviour cloning."""
ABLATION_TASKS = ("take_lid_off_saucepan", "put_rubbish_in_bin")
"""The easier and the harder task of Figure 7."""

EXPERT, RANDOM = "expert", "random"
Player = Literal["", "expert", "random"]
OURS = LOOK_AND_VOTE
BASE = Q_ATTENTION
"""Name of the row that the ablations are of."""
METHOD_LABELS: dict[Method, str] = {
    "look-and-vote": "look and vote (ours)",
    "q-attention": "Q-attention (the paper's)",
    "bc": "BC",
    "sac": "SAC",
    "sac-ae": "SAC with auto-encoder",
    "td3": "TD3",
    "dac": "DAC",
}
EVERYWHERE: tuple[Method, ...] = ("look-and-vote", "q-attention", "bc")
"""Methods that learn every task."""
DEMONSTRATIONS = (10, 25, 50, 200)
"""Numbers of demonstrations besides that of all rows (Figure 7b)."""
CROPS = (8, 32, 64)
"""Sides of the crop besides that of all rows (Figure 7c) [pixels]."""

Change = Callable[[ArmConfig], ArmConfig]


@dataclass(frozen=True)
class Row(verb.Row):
    """One training of a method on a task, or who plays it untrained.

    Attributes:
        task: Name of the task.
        variant: Name of the method, or of what is changed of it.
        player: Who plays where nothing is trained.
    """

    config: ArmConfig | None = None
    task: str = ""
    variant: str = ""
    player: Player = ""


def _pose(**changes: object) -> Change:
    return lambda c: replace(c, pose=replace(c.pose, **changes))


def _rows(**changes: object) -> Change:
    return lambda c: replace(c, rows=replace(c.rows, **changes))


PARTS: Mapping[str, tuple[str, Change]] = {
    "no-attention": ("without Q-attention", _pose(look="view", frame="world")),
    "soft-attention": ("soft attention instead", _pose(look="soft", frame="world")),
    "no-keyframes": ("without keyframes", _rows(keyframes=False)),
    "no-augmentation": ("without demo augmentation", _rows(every=None)),
    "no-confidence": ("without confidence", _pose(confidence=False)),
    "no-regularisation": (
        "without Q regularisation",
        lambda c: replace(c, attention=replace(c.attention, regularisation=0.0)),
    ),
    "to-the-letter": (
        "to the letter: no imitation, world's frame, targets not clipped",
        _pose(imitation=0.0, frame="world", clip_targets=False),
    ),
}
"""Labels and changes of Figure 7a's rows, and of one without what is not the paper's."""


def rows(budget: Budget) -> list[Row]:
    """All rows: the methods task by task, then the ablations."""
    made = [row for task in TASKS for row in _task_rows(task, budget)]
    ablations = [row for task in ABLATION_TASKS for row in _ablations(task, budget)]
    return [*made, *ablations]


def _task_rows(task: str, budget: Budget) -> list[Row]:
    """The methods of Figure 6 on a task, and who plays it untrained."""
    labels: dict[Method, str] = {
        method: label
        for method, label in METHOD_LABELS.items()
        if method in EVERYWHERE or task in BASELINE_TASKS
    }
    trained = [
        row
        for method, label in labels.items()
        for row in _trainings(task, method, label, _config(task, method, budget), budget)
    ]
    return [
        *trained,
        Row(f"{task}.{EXPERT}", "scripted expert", task=task, variant=EXPERT, player=EXPERT),
        Row(f"{task}.{RANDOM}", "random poses", task=task, variant=RANDOM, player=RANDOM),
    ]


def _ablations(task: str, budget: Budget) -> list[Row]:
    """Figure 7 on a task, without the row that all of it is compared with."""
    base = _config(task, BASE, budget)
    changes: dict[str, tuple[str, Change]] = {
        **PARTS,
        **{
            f"demonstrations-{n}": (f"{n} demonstrations", lambda c, n=n: replace(c, episodes=n))
            for n in DEMONSTRATIONS
        },
        **{f"crop-{n}": (f"crop of {n} pixels", _rows(crop=n)) for n in CROPS},
    }
    return [
        row
        for variant, (label, change) in changes.items()
        if change(base) != base
        for row in _trainings(task, variant, label, budget.spend(change(base)), budget)
    ]


def _trainings(
    task: str, variant: str, label: str, config: ArmConfig, budget: Budget
) -> list[Row]:  # fmt: skip
    """A row for each seed."""
    return [
        Row(
            f"{task}.{variant}" + (f".{repeat}" if repeat else ""), label, config,
            repeat=repeat, task=task, variant=variant,
        )
        for repeat in range(budget.seeds)
    ]  # fmt: skip


def _config(task: str, method: Method, budget: Budget) -> ArmConfig:
    """Settings of a method, at the preset `cpu`."""
    config = ArmConfig(task=task, method=method, episodes=budget.demonstrations)
    if method == LOOK_AND_VOTE:
        return budget.spend_on_ours(config)
    return budget.spend(config)
