"""An object's cost to go, in pushes, and what a push gained of it.

The papers reward the decrease of the mean pixel distance. GlimpseQ learns the decrease of the *sum
over objects* of an estimated number of pushes: it does not depend on how many objects lie there,
and it says what evaluation counts. A goal is a parameter of it, so that one recorded push teaches
about any box: an object that left the table somewhere would have fallen into a box standing there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from saccade.data.push_episodes import BOXED
from saccade.worlds.push_box.box import BOX_HALF, WALL, BoxPlacement
from saccade.worlds.push_box.scene import SceneConfig
from saccade.worlds.workspace import Workspace

PUSH_REACH = 0.07
"""Distance that one push carries an object on average [m]."""
MOUTH_MARGIN = 0.025
"""Distance inside the box's two side walls at which objects should arrive [m]."""
EDGE_DISTANCE = 0.02
"""Distance to the mouth within which an object is one push from falling in [m]."""
EDGE_DANGER = 3.0
"""Cost of lying at a free edge of the table, in pushes: there is no room to push it back, and a
third of the objects within 3 cm of the edge beside the mouth were lost in the end."""
EDGE_REACH = 0.04
"""Distance from a free edge within which the danger falls to 1 / e [m]."""
MOUTH_SAFETY = 3.0
"""Factor on how fast the danger falls along the mouth: 3 cm inside it hardly any were lost."""
DISC_RADIUS = 0.08
"""Radius of the gathering task's disc at the table's centre [m]."""
SURE_MARGIN = 0.008
"""Distance inside an imagined box's walls at which an object must have fallen [m]."""
SHORTEST_SQUARED = 1e-12
"""Least squared length [m^2] that is divided by: the disc's segment is a point."""
NO_BOX = 1e3
"""Centre [m] of the box of a goal without one: far from everything."""


@dataclass(frozen=True)
class Goals:
    """B goals, each a line that objects shall reach.

    Attributes:
        start: Start of the segment to reach, world (x, y) [m]: the box's mouth, or twice the
            disc's centre.
        end: End of the segment, world (x, y) [m].
        base: Pushes that remain at the segment: 1 to tip over the edge, 0 in the disc.
        radius: Free distance around the segment [m].
        box: Centre of the box (x, y) [m].
    """

    start: Float[np.ndarray, "b 2"]
    end: Float[np.ndarray, "b 2"]
    base: Float[np.ndarray, " b"]
    radius: Float[np.ndarray, " b"]
    box: Float[np.ndarray, "b 2"]

    def __len__(self) -> int:
        return len(self.base)

    def __getitem__(self, index: Int[np.ndarray, " k"]) -> Goals:
        """Some of the goals."""
        fields = (self.start, self.end, self.base, self.radius, self.box)
        return Goals(*(f[index] for f in fields))


def box_goals(
    edge: Int[np.ndarray, " b"], offset: Float[np.ndarray, " b"], workspace: Workspace
) -> Goals:
    """Boxes at edges 0 left, 1 right, 2 top, 3 bottom, at offsets [m] from the edges' middles."""
    cx, cy = workspace.centre
    half = workspace.size / 2
    out = half + BOX_HALF - WALL
    side = np.where(edge % 2 == 0, -1.0, 1.0)
    across = edge < 2  # the box stands beyond x, its mouth runs along y
    box = np.where(
        across[:, None],
        np.stack([cx + side * out, cy + offset], axis=1),
        np.stack([cx + offset, cy + side * out], axis=1),
    )
    reach = BOX_HALF - MOUTH_MARGIN
    along = np.where(across[:, None], [[0.0, reach]], [[reach, 0.0]])
    middle = np.where(
        across[:, None],
        np.stack([cx + side * half, cy + offset], axis=1),
        np.stack([cx + offset, cy + side * half], axis=1),
    )
    b = len(edge)
    return Goals(middle - along, middle + along, np.ones(b), np.full(b, EDGE_DISTANCE), box)


EDGE_INDEX = {"left": 0, "right": 1, "top": 2, "bottom": 3}


def goal_of(box: BoxPlacement | None, workspace: Workspace) -> Goals:
    """The goal of a scene (B = 1): its box, or the disc at the table's centre."""
    if box is not None:
        return box_goals(np.array([EDGE_INDEX[box.edge]]), np.array([box.offset]), workspace)
    centre = np.array([workspace.centre])
    away = np.full((1, 2), NO_BOX)
    return Goals(centre, centre, np.zeros(1), np.full(1, DISC_RADIUS), away)


def repeat_goal(goal: Goals, n: int) -> Goals:
    """The same goal n times."""
    return goal[np.zeros(n, np.int64)]


def stack_goals(goals: list[Goals]) -> Goals:
    """Several goals as one."""
    names = ("start", "end", "base", "radius", "box")
    return Goals(*(np.concatenate([getattr(g, name) for g in goals]) for name in names))


def cost_to_go(
    x: Float[np.ndarray, "b n"], y: Float[np.ndarray, "b n"], goals: Goals
) -> Float[np.ndarray, "b n"]:
    """Estimated pushes until an object at world (x, y) [m] is done."""
    sx, sy = goals.start[:, :1].astype(x.dtype), goals.start[:, 1:].astype(x.dtype)
    dx, dy = goals.end[:, :1] - goals.start[:, :1], goals.end[:, 1:] - goals.start[:, 1:]
    length = np.maximum(dx * dx + dy * dy, SHORTEST_SQUARED).astype(x.dtype)
    dx, dy = dx.astype(x.dtype), dy.astype(x.dtype)
    along = np.clip(((x - sx) * dx + (y - sy) * dy) / length, 0, 1)
    away = np.hypot(x - sx - along * dx, y - sy - along * dy)
    free = goals.radius[:, None].astype(x.dtype)
    return goals.base[:, None].astype(x.dtype) + np.maximum(away - free, 0) / x.dtype.type(
        PUSH_REACH
    )


def edge_danger(
    x: Float[np.ndarray, "b n"], y: Float[np.ndarray, "b n"], goals: Goals, workspace: Workspace
) -> Float[np.ndarray, "b n"]:
    """Cost of nearness to the table's free edges, in pushes; the box's mouth is not free."""
    cx, cy = workspace.centre
    half = workspace.size / 2
    out_x, out_y = x - cx, y - cy
    box_x, box_y = goals.box[:, :1] - cx, goals.box[:, 1:] - cy
    nearest = np.full(x.shape, np.inf)
    for out, box, along, box_along in (
        (out_x, box_x, out_y, box_y),
        (out_y, box_y, out_x, box_x),
    ):
        inside_mouth = MOUTH_SAFETY * np.maximum(BOX_HALF - np.abs(along - box_along), 0)
        for side in (-1.0, 1.0):
            faces_box = (side * box > half) & (np.abs(box) < NO_BOX / 2)
            gap = np.hypot(np.maximum(half - side * out, 0), np.where(faces_box, inside_mouth, 0))
            nearest = np.minimum(nearest, gap)
    return EDGE_DANGER * np.exp(-nearest / EDGE_REACH)


def inside_box(
    x: Float[np.ndarray, "b n"], y: Float[np.ndarray, "b n"], goals: Goals, margin: float = 0.0
) -> Bool[np.ndarray, "b n"]:
    """Whether world (x, y) [m] lies over the box, `margin` inside its walls."""
    reach = BOX_HALF - margin
    return (np.abs(x - goals.box[:, :1]) < reach) & (np.abs(y - goals.box[:, 1:]) < reach)


@dataclass(frozen=True)
class Effects:
    """Effects of B recorded pushes on up to n objects each; NaN positions where there is none.

    Attributes:
        before: World (x, y) [m] before; NaN once an object has left the table (B, n, 2).
        after: World (x, y) [m] after, likewise (B, n, 2).
        left: Codes of what became of them: 0 stayed, 1 fell into the recorded box, 2 fell to the
            ground (B, n).
        exits: World (x, y) [m] where they left the table (B, n, 2).
    """

    before: Float[np.ndarray, "b n 2"]
    after: Float[np.ndarray, "b n 2"]
    left: Int[np.ndarray, "b n"]
    exits: Float[np.ndarray, "b n 2"]

    def __getitem__(self, index: np.ndarray) -> Effects:
        """Some of the pushes."""
        return Effects(self.before[index], self.after[index], self.left[index], self.exits[index])


def gains_and_losses(
    effects: Effects, goals: Goals, recorded: Bool[np.ndarray, " b"], workspace: Workspace
) -> tuple[Float[np.ndarray, " b"], Float[np.ndarray, " b"]]:
    """Gain of each push under a goal, in pushes, and the number of objects it lost.

    Args:
        effects: Effects of the pushes.
        goals: Goal of each push.
        recorded: Whether that is the goal that the push was recorded under, so that "fell into the
            box" is the simulator's word; otherwise where it fell decides.
        workspace: The table.
    """
    before = _cost(effects.before, goals, workspace)
    after = _cost(effects.after, goals, workspace)
    by_place = inside_box(effects.exits[..., 0], effects.exits[..., 1], goals, margin=SURE_MARGIN)
    fell = effects.left > 0
    boxed = fell & np.where(recorded[:, None], effects.left == BOXED, by_place)
    lost = fell & ~boxed
    remaining = np.where(boxed, 0.0, np.where(lost, before, after))
    return np.nansum(before - remaining, axis=1), lost.sum(axis=1).astype(float)


def object_costs(position: Float[np.ndarray, "n 2"], scene: SceneConfig) -> Float[np.ndarray, " n"]:
    """Estimated pushes until each object at world (x, y) [m] is done, free edges counted."""
    return _cost(position[None], goal_of(scene.box, scene.workspace), scene.workspace)[0]


def _cost(
    position: Float[np.ndarray, "b n 2"], goals: Goals, workspace: Workspace
) -> Float[np.ndarray, "b n"]:
    x, y = position[..., 0], position[..., 1]
    return cost_to_go(x, y, goals) + edge_danger(x, y, goals, workspace)
