from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from saccade.data.tracking.synthetic.clip import generate_clip
from saccade.data.tracking.synthetic.config import SyntheticConfig
from saccade.systems.hart.commands.export import HartExportOptions, parts
from saccade.systems.hart.parts import STATE
from saccade.systems.hart.tracker import VideoTracker
from saccade.systems.hart.weights import SYSTEM, load_network
from saccade.verbs.export import to_onnx
from saccade.verbs.lookup import weights_folder

HEIGHT, WIDTH, FRAMES = 96, 128, 10
Call = Callable[..., list[np.ndarray]]
"""Takes inputs by name."""


def shipped() -> Any:
    options = HartExportOptions(Path("hart.onnx"), height=HEIGHT, width=WIDTH)
    return parts(weights_folder("", SYSTEM), options)


def clip() -> tuple[np.ndarray, np.ndarray]:
    made = generate_clip(3, 0, SyntheticConfig(frames=FRAMES, height=HEIGHT, width=WIDTH))
    return made.frames, made.boxes[:, 0]


def embedded() -> list[tuple[float, ...]]:
    """What the tracker of programs says of the clip, without its search."""
    network = load_network(weights_folder("", SYSTEM))
    network.config = replace(network.config, search=replace(network.config.search, below=0.0))
    tracker, (frames, boxes) = VideoTracker(network), clip()
    tracker.init(frames[0], boxes[0].tolist())
    return [(*tracker.update(frame), tracker.confidence) for frame in frames[1:]]


def followed(first: Call, following: Call) -> list[tuple[float, ...]]:
    """What the exported networks say of it, in the ten lines that a program needs."""
    frames, boxes = clip()
    state = first(frame=frames[0], box=boxes[0])
    found = []
    for frame in frames[1:]:
        box, confidence, *state = following(frame=frame, **dict(zip(STATE, state, strict=True)))
        found.append((*box.tolist(), float(confidence)))
    return found


def test_the_parts_are_the_tracker():
    def call(network: torch.nn.Module) -> Call:
        @torch.no_grad()
        def run(**given: np.ndarray) -> list[np.ndarray]:
            return [x.numpy() for x in network(*(torch.from_numpy(v) for v in given.values()))]

        return run

    following, first = (call(part.network) for part in shipped())
    np.testing.assert_allclose(followed(first, following), embedded(), rtol=1e-4, atol=1e-4)


@pytest.mark.slow
def test_the_files_are_the_tracker():
    runtime: Any = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")

    def call(part: Any) -> Call:
        session = runtime.InferenceSession(to_onnx(part, {}))
        return lambda **given: session.run(None, given)

    following, first = (call(part) for part in shipped())
    np.testing.assert_allclose(followed(first, following), embedded(), rtol=1e-4, atol=1e-4)
