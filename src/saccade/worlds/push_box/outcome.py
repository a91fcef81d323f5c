"""Judging a push: which objects are on the table, in the box or on the ground."""

from __future__ import annotations

from dataclasses import dataclass

from saccade.worlds.push_box.box import BoxPlacement
from saccade.worlds.workspace import Workspace

ON_TABLE, IN_BOX, ON_GROUND = "table", "box", "ground"


@dataclass(frozen=True)
class Exit:
    """Where an object left the table.

    Attributes:
        object: Its index in the scenario.
        x: World x of its origin when it was first seen below the table top [m].
        y: World y [m].
        status: Where it ended: "box" or "ground".
    """

    object: int
    x: float
    y: float
    status: str


@dataclass(frozen=True)
class PushOutcome:
    """What a push did.

    Attributes:
        refusal: Why the push was not executed; empty when it was.
        boxed: Objects newly in the box.
        grounded: Objects newly on the ground.
        exits: Where each of those left the table.
    """

    refusal: str = ""
    boxed: int = 0
    grounded: int = 0
    exits: tuple[Exit, ...] = ()

    @property
    def executed(self) -> bool:
        """Whether the arm could reach the push."""
        return not self.refusal


def judge(
    position: tuple[float, float, float], workspace: Workspace, box: BoxPlacement | None
) -> str:
    """Outcome test of an object's origin [m]: on the table, in the box's volume, or below."""
    if position[2] >= workspace.table_height:
        return ON_TABLE
    if box is not None and box.contains(position, workspace):
        return IN_BOX
    return ON_GROUND


def outcome_of(exits: tuple[Exit, ...]) -> PushOutcome:
    """The outcome of an executed push after which these objects are off the table."""
    boxed = sum(e.status == IN_BOX for e in exits)
    return PushOutcome("", boxed, len(exits) - boxed, exits)
