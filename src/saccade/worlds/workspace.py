"""The table's workspace and the push primitive: the frame that every map and action shares.

Row runs along world y, column along world x; pixel (0, 0) is centred on (x_min, y_min). Sources:
the report's section II (45 x 45 cm table, 224 x 224 pixels, 16 directions, 10 cm pushes) and the
authors' published scene for the origin.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from saccade.attention.directions import N_DIRECTIONS
from saccade.errors import UserInputError

PUSH_LENGTH = 0.10
"""Length of a push [m]."""
FARTHEST = 1e4
"""Largest coordinate of a workspace [m]: heights are float32, exact to a millimetre there."""
MOST_PIXELS = 4096
"""Most rows and columns of a workspace."""


@dataclass(frozen=True)
class Workspace:
    """A square of the table, seen as an image.

    Attributes:
        x_min: World x of column 0 [m].
        y_min: World y of row 0 [m].
        size: Side of the square [m].
        pixel: Side of one pixel [m].
        table_height: World z of the table top [m].

    Raises:
        UserInputError: A coordinate is not finite or beyond 10 km, or the sides give no map.
    """

    x_min: float = -0.724
    y_min: float = -0.224
    size: float = 0.448
    pixel: float = 0.002
    table_height: float = 0.70

    def __post_init__(self) -> None:
        if not all(abs(v) <= FARTHEST for v in (self.x_min, self.y_min, self.table_height)):
            raise UserInputError(f"{self}; expected coordinates in metres, within 10 km")
        if not (self.pixel > 0 and 0.5 < self.size / self.pixel < MOST_PIXELS):
            raise UserInputError(
                f"{self}; expected a size of 1 to {MOST_PIXELS} pixels, both in metres"
            )

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of every map."""
        n = round(self.size / self.pixel)
        return n, n

    @property
    def centre(self) -> tuple[float, float]:
        """World (x, y) of the table's centre [m]."""
        return self.x_min + self.size / 2, self.y_min + self.size / 2

    def to_world(self, row: float, col: float) -> tuple[float, float]:
        """World (x, y) [m] of a pixel."""
        return self.x_min + self.pixel * col, self.y_min + self.pixel * row

    def to_pixel(self, x: float, y: float) -> tuple[float, float]:
        """Real-valued (row, column) of a world point (x, y) [m]."""
        return (y - self.y_min) / self.pixel, (x - self.x_min) / self.pixel

    def contains(self, x: float, y: float) -> bool:
        """Whether world (x, y) [m] lies over the workspace."""
        return (
            self.x_min <= x <= self.x_min + self.size and self.y_min <= y <= self.y_min + self.size
        )


@dataclass(frozen=True)
class Push:
    """One action: a straight push that starts over pixel (row, col) in one of 16 directions.

    Attributes:
        row: Start row, 0 to 223.
        col: Start column, 0 to 223.
        direction: Number k of the direction, 0 to 15: the push moves along angle k x 22.5 degrees
            in the (column, row) plane.
        workspace: The frame that turns pixels into metres.
        value: The policy's estimate of the push, when it has one.
    """

    row: int
    col: int
    direction: int
    workspace: Workspace = Workspace()
    value: float | None = None

    def __post_init__(self) -> None:
        rows, cols = self.workspace.shape
        if not (0 <= self.row < rows and 0 <= self.col < cols):
            raise UserInputError(
                f"push starts at pixel (row {self.row}, col {self.col}); "
                f"expected row 0 to {rows - 1} and col 0 to {cols - 1}"
            )
        if not 0 <= self.direction < N_DIRECTIONS:
            raise UserInputError(
                f"push direction is {self.direction}; expected 0 to {N_DIRECTIONS - 1}"
            )

    @property
    def angle(self) -> float:
        """Direction in the world's (x, y) plane [rad]."""
        return 2 * math.pi * self.direction / N_DIRECTIONS

    @property
    def length(self) -> float:
        """Nominal length [m]; the end point is clamped to the workspace."""
        return PUSH_LENGTH

    @property
    def start(self) -> tuple[float, float]:
        """World (x, y) of the start [m]."""
        return self.workspace.to_world(self.row, self.col)

    @property
    def end(self) -> tuple[float, float]:
        """World (x, y) of the end [m], clamped to the workspace."""
        ws = self.workspace
        x, y = self.start
        x += self.length * math.cos(self.angle)
        y += self.length * math.sin(self.angle)
        return (
            min(max(x, ws.x_min), ws.x_min + ws.size),
            min(max(y, ws.y_min), ws.y_min + ws.size),
        )
