"""Settings of the world with one object."""

from __future__ import annotations

from dataclasses import dataclass, field

from saccade.checks import check_choice, check_counts, check_sizes
from saccade.errors import UserInputError
from saccade.worlds.push_box.box import BoxPlacement
from saccade.worlds.push_box.scene import SceneConfig
from saccade.worlds.shapes import SHAPES

MOST_PIXELS = 1024
"""Most pixels of a picture's side."""


@dataclass(frozen=True)
class PushOneConfig:
    """What the world has, and how long an episode lasts.

    Attributes:
        shapes: Names of shapes, one of which is drawn for each episode.
        steps: Steps after which an episode is truncated.
        side: Rows and columns of a picture [pixels].
        box: Place of the box.
    """

    shapes: tuple[str, ...] = ("cube",)
    steps: int = 60
    side: int = 96
    box: BoxPlacement = field(default_factory=BoxPlacement)

    def __post_init__(self) -> None:
        check_counts(self, "steps")
        check_sizes(self, "side", most=MOST_PIXELS)
        if not self.shapes:
            raise UserInputError(f"shapes is empty; expected one or more of {', '.join(SHAPES)}")
        for shape in self.shapes:
            check_choice("shape", shape, SHAPES)

    @property
    def scene(self) -> SceneConfig:
        """The push world's table with this box."""
        return SceneConfig(box=self.box, arm=False)
