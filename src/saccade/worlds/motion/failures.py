"""Why a motion is refused: a pose out of reach, or no way there."""

from __future__ import annotations

from saccade.errors import SaccadeError


class Unreachable(SaccadeError):
    """A pose that the arm cannot take; the message says which and by how much.

    Args:
        message: One line.
        distance: How far the tip stays from it [m]; None if unknown.
        angle: By how much it stays turned away [rad]; None if unknown.
    """

    def __init__(
        self, message: str, distance: float | None = None, angle: float | None = None
    ) -> None:
        super().__init__(message)
        self.distance, self.angle = distance, angle


class PlanningFailed(SaccadeError):
    """No way to a pose was found within the planner's limits; the message says which."""
