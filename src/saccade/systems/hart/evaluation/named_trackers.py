"""The trackers that a command can name: the learned one, and what it is compared with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Literal

from saccade.errors import UserInputError
from saccade.systems.hart.evaluation.baselines import NETWORKS, FrameTracker, make_baseline
from saccade.systems.hart.weights import SYSTEM, load
from saccade.verbs.lookup import weights_folder
from saccade.wording import counted

TrackerName = Literal["hart", "still", "csrt", "kcf", "mil", "medianflow", "mosse", "nano", "vit"]


def tracker_makers(
    names: Sequence[TrackerName], weights: str = "", models: Sequence[str] = ()
) -> list[Callable[[], FrameTracker]]:
    """What builds each tracker in each worker.

    Args:
        names: Trackers, each once.
        weights: Weights of hart.
        models: Files of the networks of nano and vit, in the order in which these are named, with
            commas or as words of their own.

    Raises:
        UserInputError: A tracker is named twice, files are missing or too many; or as of
            `tracker_maker`.
        DamagedFileError: Weights or files cannot be read.
    """
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UserInputError(f"--tracker names {twice} twice; expected every tracker once")
    if weights and "hart" not in names:
        raise UserInputError(
            f"--weights {weights} was given for '{names[0]}'; expected tracker 'hart'"
        )
    files = [
        file
        for given in models
        for file in ([given] if Path(given).is_file() else given.split(","))
    ]
    needed: dict[TrackerName, int] = {
        name: len(NETWORKS[name][1]) if name in NETWORKS else 0 for name in names
    }
    if len(files) != sum(needed.values()):
        wanted = ", ".join(f"{count} of {name}" for name, count in needed.items() if count)
        raise UserInputError(
            f"--models names {counted(len(files), 'file')}; expected {wanted or 'none'}"
            f"{'' if wanted else ', for no tracker needs them'}"
        )
    makers = []
    for name, count in needed.items():
        own, files = files[:count], files[count:]
        makers.append(tracker_maker(name, weights if name == "hart" else "", own))
    return makers


def tracker_maker(
    name: TrackerName, weights: str = "", models: Sequence[str] = ()
) -> Callable[[], FrameTracker]:
    """What builds a tracker in each worker; it is built once here, to fail early.

    Raises:
        UserInputError: There are no such weights, they were given for a tracker that has none, or
            the installed OpenCV lacks the tracker.
        DamagedFileError: The weights cannot be read.
    """
    if name == "hart":
        make: Callable[[], FrameTracker] = partial(load, weights_folder(weights, SYSTEM))
    elif weights:
        raise UserInputError(f"--weights {weights} was given for '{name}'; expected tracker 'hart'")
    else:
        make = partial(make_baseline, name, tuple(models))
    make()
    return make
