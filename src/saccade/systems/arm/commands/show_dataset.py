"""What `saccade show` says of demonstrations: how many, how long, and their keyframes (Fig. 5)."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np

from saccade.data.demonstrations import DemonstrationDataset
from saccade.errors import UserInputError
from saccade.systems.arm.pictures.keyframes import draw_keyframes
from saccade.viewing.images import save_png

SHOWN = 4
"""Demonstrations whose keyframes are drawn."""


def show_dataset(folder: Path, out: Path) -> list[Path]:
    """Print what a dataset holds, write the keyframes of its first demonstrations.

    Raises:
        UserInputError: It is empty.
    """
    dataset = DemonstrationDataset(folder)
    if len(dataset) == 0:
        raise UserInputError(f"{folder} holds no demonstration yet")
    everything = list(dataset)
    facts = dataset.facts
    print(f"demonstrations {folder}: {facts.get('world')}, by {facts.get('policy')}")
    lengths = [float(d.times[-1]) for d in everything]
    done = sum(d.success for d in everything)
    print(f"{len(everything)} episodes, {done} of them did the task")
    images = np.mean([len(d.image_frames) for d in everything])
    print(f"{np.mean(lengths):.1f} s and {images:.0f} images each")
    written = []
    for number, demonstration in enumerate(islice(everything, SHOWN)):
        path = out / f"keyframes_{number}.png"
        try:
            save_png(path, draw_keyframes(demonstration))
            written.append(path)
        except UserInputError as error:  # the others are shown all the same
            print(f"demonstration {demonstration.seed}: {error}")
    return written
