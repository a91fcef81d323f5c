"""The trackers that a command can name: the learned one, and what it is compared with."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal

from saccade.errors import UserInputError
from saccade.systems.hart.evaluation.baselines import FrameTracker, make_baseline
from saccade.systems.hart.weights import SYSTEM, load
from saccade.verbs.lookup import weights_folder

TrackerName = Literal["hart", "still", "csrt", "kcf", "mil", "medianflow", "mosse"]


def tracker_maker(name: TrackerName, weights: str = "") -> Callable[[], FrameTracker]:
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
        make = partial(make_baseline, name)
    make()
    return make
