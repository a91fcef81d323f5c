"""What a synthetic clip is made of, and how strongly each effect acts."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Annotated, Literal, get_args

from tyro.conf import Suppress

from saccade.checks import check_choice, check_most
from saccade.errors import UserInputError

Split = Literal["train", "test"]

PROBABILITIES = (
    "distractor_probability",
    "twin_probability",
    "occluder_probability",
    "fast_probability",
    "leave_probability",
    "low_contrast_probability",
    "camera_probability",
    "shadow_probability",
    "greyscale_probability",
    "jpeg_probability",
    "low_resolution_probability",
)
"""Settings that are shares of clips (or of objects) that have the effect, 0 to 1."""

STRENGTHS = (
    "motion",
    "deformation",
    "scale_change",
    "rotation",
    "turning",
    "camera_motion",
    "shake",
    "lighting",
    "motion_blur",
    "defocus",
    "noise",
    "box_jitter",
)
"""Settings that scale the size of an effect: 0 switches it off, 1 is what real video shows."""

_NEVER_SCALED = ("greyscale_probability", "box_jitter")
_SMALLEST_FRAME = 32
MOST_PIXELS, MOST_FRAMES, MOST_ITEMS = 4096, 100_000, 1000
"""Most pixels of a side of a frame, most frames of a clip, most things of a kind in it."""


@dataclass(frozen=True)
class SyntheticConfig:
    """Settings of the generator. Every effect is off at 0.

    Few of them are options of the command line; the others are `Suppress`ed.

    Attributes:
        height: Frame height [px].
        width: Frame width [px].
        frames: Number of frames T of a clip.
        split: Set of photographs and outlines to draw from; the two sets are disjoint.
        difficulty: Factor on every probability and strength below, for a curriculum (0 to 1).
        distractors: Largest number of other moving objects; `objects` is 1 + distractors.
        distractor_probability: Probability that each of them is there.
        twin_probability: Share of distractors that wear the target's own textures; the others are
            mostly of the target's class.
        occluders: Largest number of things that pass in front of the target.
        occluder_probability: Probability that each of them is there.
        clutter: Largest number of still things that are pasted into the background.
        object_size: Smallest and largest sqrt(w h) of the target in frame 0, as shares of the
            frame height; drawn log-uniformly.
        motion: Speed of objects over the frame.
        fast_probability: Share of objects that move by up to their own size a frame.
        deformation: Strength of gait, breathing, shear and change of aspect.
        scale_change: Strength of approaching and receding.
        rotation: Speed of rotation in the image plane.
        turning: Speed of rotation out of the image plane, imitated by sliding texture and
            narrowing.
        leave_probability: Share of clips whose target leaves the frame and returns.
        low_contrast_probability: Share of clips whose target has the background's colours.
        camera_probability: Share of clips whose camera pans, zooms or rolls.
        camera_motion: Speed of pan, zoom and roll.
        shake: Strength of hand-held shaking.
        lighting: Strength of drift and jumps of exposure, light and shade in the scene, colour
            cast.
        shadow_probability: Share of clips whose objects cast a shadow.
        greyscale_probability: Share of clips without colour (not scaled by `difficulty`).
        motion_blur: Longest exposure, as a share of the time between frames.
        defocus: Strength of the blur of the whole frame.
        noise: Strength of sensor noise.
        jpeg_probability: Share of clips with compression artefacts.
        low_resolution_probability: Share of clips enlarged from fewer pixels.
        box_jitter: Standard deviation of annotation error, as a share of the box's sides (not
            scaled by `difficulty`).

    Raises:
        UserInputError: A value is out of its range.
    """

    height: Annotated[int, Suppress] = 120
    width: Annotated[int, Suppress] = 160
    frames: Annotated[int, Suppress] = 20
    split: Annotated[Split, Suppress] = "train"
    difficulty: float = 1.0
    distractors: int = 2
    distractor_probability: Annotated[float, Suppress] = 0.6
    twin_probability: Annotated[float, Suppress] = 0.25
    occluders: int = 2
    occluder_probability: Annotated[float, Suppress] = 0.35
    clutter: Annotated[int, Suppress] = 12
    object_size: Annotated[tuple[float, float], Suppress] = (0.08, 0.5)
    motion: Annotated[float, Suppress] = 1.0
    fast_probability: Annotated[float, Suppress] = 0.12
    deformation: Annotated[float, Suppress] = 1.0
    scale_change: Annotated[float, Suppress] = 1.0
    rotation: Annotated[float, Suppress] = 1.0
    turning: Annotated[float, Suppress] = 1.0
    leave_probability: Annotated[float, Suppress] = 0.06
    low_contrast_probability: Annotated[float, Suppress] = 0.2
    camera_probability: Annotated[float, Suppress] = 0.65
    camera_motion: Annotated[float, Suppress] = 1.0
    shake: Annotated[float, Suppress] = 1.0
    lighting: Annotated[float, Suppress] = 1.0
    shadow_probability: Annotated[float, Suppress] = 0.4
    greyscale_probability: Annotated[float, Suppress] = 0.2
    motion_blur: Annotated[float, Suppress] = 0.7
    defocus: Annotated[float, Suppress] = 1.0
    noise: Annotated[float, Suppress] = 1.0
    jpeg_probability: Annotated[float, Suppress] = 0.5
    low_resolution_probability: Annotated[float, Suppress] = 0.2
    box_jitter: Annotated[float, Suppress] = 0.0

    def __post_init__(self) -> None:
        check_choice("split", self.split, get_args(Split))
        for name in ("height", "width"):
            _check_integer(self, name, _SMALLEST_FRAME)
        _check_integer(self, "frames", 1)
        for name in ("distractors", "occluders", "clutter"):
            _check_integer(self, name, 0)
        check_most(self, {"height": MOST_PIXELS, "width": MOST_PIXELS, "frames": MOST_FRAMES})
        check_most(self, dict.fromkeys(("distractors", "occluders", "clutter"), MOST_ITEMS))
        for name in (*PROBABILITIES, "difficulty"):
            _check_range(self, name, 1.0)
        for name in STRENGTHS:
            _check_range(self, name, math.inf)
        _check_object_size(self.object_size)

    @property
    def objects(self) -> int:
        """Largest number of objects: the target and the distractors."""
        return 1 + self.distractors

    @classmethod
    def still(cls, **settings: object) -> SyntheticConfig:
        """Settings with every effect off but those given: one object, still before a background."""
        off: dict[str, object] = dict.fromkeys((*PROBABILITIES, *STRENGTHS), 0.0)
        return cls(**(off | settings))  # pyright: ignore[reportArgumentType]

    def at_difficulty(self) -> SyntheticConfig:
        """The same settings with `difficulty` multiplied out."""
        names = [n for n in (*PROBABILITIES, *STRENGTHS) if n not in _NEVER_SCALED]
        scaled = {name: getattr(self, name) * self.difficulty for name in names}
        return replace(self, difficulty=1.0, **scaled)


def _check_integer(config: SyntheticConfig, name: str, least: int) -> None:
    value = getattr(config, name)
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise UserInputError(f"{name} = {value!r} was given; expected an integer >= {least}")


def _check_range(config: SyntheticConfig, name: str, most: float) -> None:
    value = getattr(config, name)
    number = isinstance(value, (int, float)) and math.isfinite(value)
    if not number or not 0 <= value <= most:
        limit = "a finite number >= 0" if most == math.inf else f"a number from 0 to {most:g}"
        raise UserInputError(f"{name} = {value!r} was given; expected {limit}")


def _check_object_size(size: tuple[float, float]) -> None:
    if len(size) != 2 or not 0.03 <= size[0] <= size[1] <= 0.8:
        raise UserInputError(
            f"object_size = {size!r} was given; expected (smallest, largest) with "
            "0.03 <= smallest <= largest <= 0.8, shares of the frame height"
        )
