"""The model card of a trained tracker: README.md beside model.safetensors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from saccade.systems.hart.config import HartConfig
from saccade.systems.hart.showing.results import result_table
from saccade.training.checkpoint import MODEL_FILE
from saccade.verbs.ship import CARD_FILE, training_section
from saccade.viewing.images import write_whole
from saccade.viewing.tables import to_markdown


@dataclass(frozen=True)
class CardFacts:
    """What a card says beyond what holds for all trackers.

    Attributes:
        train_command: The command that trained the weights.
        ship_command: The command that put them here.
        config: What was trained.
        parameters: Trained numbers.
        minutes: From the start of the run to its weights [min]; None where unknown.
        surroundings: Of the run: machine, versions, git (`describe_surroundings`).
        results: Documents of `saccade eval hart` (results.json).
    """

    train_command: str
    ship_command: str
    config: HartConfig
    parameters: int
    minutes: float | None
    surroundings: dict[str, Any]
    results: Sequence[dict[str, Any]] = ()


def write_model_card(folder: Path, facts: CardFacts) -> Path:
    """Write README.md into a folder of weights.

    Raises:
        StorageError: The disk refused.
    """
    path = folder / CARD_FILE
    size = (folder / MODEL_FILE).stat().st_size
    parts = [_what(facts, size), INPUTS, _training(facts), _evaluation(facts), LIMITS]
    write_whole(path, ("\n\n".join(part.strip() for part in parts) + "\n").encode())
    return path


def _what(facts: CardFacts, size: int) -> str:
    glimpse = facts.config.glimpse
    return f"""
# hart: follow one object through a video

The variant "{facts.config.variant}": {facts.parameters:,} parameters, float32, {size / 1e6:.2f} MB,
licence Apache-2.0.

It is told where an object is in the first frame. From then on it reads a glimpse of
{glimpse.height} x {glimpse.width} pixels a frame, from a window that follows the object; filters
that its memory computes pick the object out of it. Nothing here is pickled. How it works:
docs/hart.md.

**Intended use**: research and teaching. This folder was written by `{facts.ship_command}`.
"""


INPUTS = """
## Inputs and outputs

    tracker = saccade.load("hart")
    tracker.init(frame, (x, y, width, height))
    box = tracker.update(next_frame)

- in: frames, uint8, RGB (height, width, 3) or grey (height, width), all of one size; the object's
  box in the first, in pixels from the upper left corner.
- out: its box in each next frame; `tracker.confidence`, 0 to 1, and `tracker.lost`.
"""


def _training(facts: CardFacts) -> str:
    head = training_section(facts.train_command, facts.surroundings, facts.minutes)
    fit = facts.config.fit
    return f"""{head}
Data: {_data(facts.config)} {_steps(facts.config)} of {fit.batch} sequences of
{fit.length} to {fit.length_end} frames.
"""


def _steps(config: HartConfig) -> str:
    first, finetune = config.fit.steps, config.finetune.steps
    return f"{first:,} steps and {finetune:,} of a second stage" if finetune else f"{first:,} steps"


def _data(config: HartConfig) -> str:
    data, scene = config.data, config.scene
    if data.source != "synthetic":
        return f"{data.source.upper()}, as the paper trained on it."
    pools = -(-(config.fit.steps + config.finetune.steps) // data.pool_steps)
    return f"""{pools * data.clips:,} generated clips of {scene.frames} frames of {scene.width} x
{scene.height} pixels, made during this training from photographs and rendered shapes: cut-out
objects that move over photographs, with distractors, occluders, blur, noise and a moving camera.
No real video."""


def _evaluation(facts: CardFacts) -> str:
    if not facts.results:
        return "## Evaluation\n\nNot measured yet: `saccade eval hart`."
    parts = ["## Evaluation"]
    for document in facts.results:
        parts += [f"    {document['command']}", to_markdown(result_table(document)).strip()]
    return "\n\n".join(parts)


LIMITS = """
## Limits

- Long occlusions, objects that look alike and cross, and objects of a few pixels make it lose its
  object; then it often says so (`lost`), and looks for it up to three of its sizes around, where it
  may take something else for it.
- It follows what the first box shows, an object or not, and knows no classes and no identities.
- Tracking people can harm them. Do not use it for surveillance.
"""
