"""`saccade export hart`: the tracker as two networks, of the first frame and of each after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from saccade.checks import check_least
from saccade.errors import UserInputError
from saccade.systems.hart.model import Hart
from saccade.systems.hart.parts import STATE, FirstFrame, NextFrame
from saccade.systems.hart.tracker import SMALLEST_SIDE
from saccade.systems.hart.weights import SYSTEM, load_network
from saccade.verbs.export import Export, ExportOptions, Part

EXAMPLE_SEED = 0
BOX = "float32 (4,): x, y, width, height of the object; x, y its upper left corner [pixels]"


@dataclass(frozen=True)
class HartExportOptions(ExportOptions):
    """Write the tracker as ONNX files: OUT for each frame, OUT-first for the first one.

    The search for an object that was lost is no part of them.

    Attributes:
        out: File to write, .onnx; the network of the first frame goes beside it.
        weights: Weights as for `saccade eval hart`; the shipped weights if not given.
        height: Height of the frames [pixels].
        width: Width of the frames [pixels].
    """

    height: int = 480
    width: int = 640


def parts(folder: Path, options: HartExportOptions) -> Sequence[Part]:
    """The two networks of a tracker.

    Raises:
        UserInputError: The frames have no size, or the weights are of RATM.
    """
    check_least(options, {"height": SMALLEST_SIDE, "width": SMALLEST_SIDE}, "--")
    network = load_network(folder)
    if not isinstance(network, Hart):
        raise UserInputError(f"{folder} holds a RATM; expected weights of the variants of HART")
    height, width = options.height, options.width
    channels = network.config.in_channels
    generator = torch.Generator().manual_seed(EXAMPLE_SEED)
    frames = torch.randint(
        256, (2, height, width, channels), dtype=torch.uint8, generator=generator
    )
    box = torch.tensor([width / 3, height / 3, width / 4, height / 4])
    first, following = FirstFrame(network).eval(), NextFrame(network).eval()
    with torch.no_grad():
        state = dict(zip(STATE, first(frames[0], box), strict=True))
    carried = {name: f"float32 {tuple(value.shape)}: state" for name, value in state.items()}
    taken = {name: f"{text}, from the frame before" for name, text in carried.items()}
    given = {f"next_{name}": f"{text}, for the next frame" for name, text in carried.items()}
    colours = "RGB" if channels == 3 else "grey"
    frame = f"uint8 ({height}, {width}, {channels}): {colours}"
    confidence = "float32 (): 0 to 1, the overlap that the box is expected to have; lost below 0.5"
    return [
        Part(
            "",
            following,
            "The tracker: where the object is in the next frame",
            {"frame": frames[1], **state},
            ("box", "confidence", *given),
            {"frame": frame, **taken, "box": BOX, "confidence": confidence, **given},
        ),
        Part(
            "-first",
            first,
            "The tracker's state after the first frame, in which the object is given",
            {"frame": frames[0], "box": box},
            tuple(state),
            {"frame": frame, "box": BOX, **carried},
        ),
    ]


EXPORT = Export(SYSTEM, HartExportOptions, parts)
COMMAND = EXPORT.command()
