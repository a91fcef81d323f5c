"""The box: half of one edge of the table, a little below the table's top."""

from __future__ import annotations

from dataclasses import dataclass

import mujoco

from saccade.checks import check_choice
from saccade.errors import UserInputError
from saccade.worlds.workspace import FARTHEST, Workspace

BOX_HALF = 0.108
"""From the box's centre to the inside of its walls [m]."""
BOX_DEPTH = 0.40
"""From the table's top down to the box's floor [m]."""
BOX_RIM_BELOW = 0.03
"""From the table's top down to the box's rim [m]."""
WALL = 0.004
FLOOR = 0.25
"""Thickness of the box's floor [m]: a block that fell 0.4 m moves 11 mm in a time step and sinks
5 cm into a MuJoCo contact before it stops; nearer to the lower face it would leave there."""
EDGES = ("left", "right", "top", "bottom")
BOX_CENTRE_ALONG = 0.112
"""The box takes half an edge: its centre is this far from the edge's middle [m]."""
GLASS = [0.40, 0.65, 0.90, 0.25]


@dataclass(frozen=True)
class BoxPlacement:
    """Place of the box: half of one edge of the table.

    Attributes:
        edge: Edge of the heightmap at which the box stands: "left" (column 0, the papers' box),
            "right" (last column), "top" (row 0) or "bottom" (last row).
        offset: Distance of the box's centre from the middle of that edge, along it [m].
    """

    edge: str = "left"
    offset: float = BOX_CENTRE_ALONG

    def __post_init__(self) -> None:
        check_choice("box edge", self.edge, EDGES)
        if not abs(self.offset) <= FARTHEST:
            raise UserInputError(f"box offset is {self.offset}; expected metres, within 10 km")

    def centre(self, workspace: Workspace) -> tuple[float, float]:
        """World (x, y) of the box's centre [m]; its inner wall starts 4 mm inside the edge."""
        cx, cy = workspace.centre
        out = workspace.size / 2 + BOX_HALF - WALL
        return {
            "left": (cx - out, cy + self.offset),
            "right": (cx + out, cy + self.offset),
            "top": (cx + self.offset, cy - out),
            "bottom": (cx + self.offset, cy + out),
        }[self.edge]

    def mouth(self, workspace: Workspace) -> tuple[float, float]:
        """(row, col) of p_box: the middle of the box's side at the table [pixels]."""
        rows, cols = workspace.shape
        along = workspace.size / 2 + self.offset
        middle = round(along / workspace.pixel)
        return {
            "left": (middle, 0),
            "right": (middle, cols - 1),
            "top": (0, middle),
            "bottom": (rows - 1, middle),
        }[self.edge]

    def contains(self, position: tuple[float, float, float], workspace: Workspace) -> bool:
        """Whether a world point [m] lies in the box's volume, up to the table's top."""
        x, y, z = position
        cx, cy = self.centre(workspace)
        floor = workspace.table_height - BOX_DEPTH - 0.01
        inside = abs(x - cx) <= BOX_HALF and abs(y - cy) <= BOX_HALF
        return inside and floor < z < workspace.table_height


def add_slab(world: mujoco.MjsBody, name: str, x, y, z, rgba, **geom) -> mujoco.MjsGeom:
    """Add an axis-aligned static box between (x0, x1), (y0, y1), (z0, z1) [m]."""
    return world.add_geom(
        name=name,
        type=mujoco.mjtGeom.mjGEOM_BOX,
        pos=[(x[0] + x[1]) / 2, (y[0] + y[1]) / 2, (z[0] + z[1]) / 2],
        size=[(x[1] - x[0]) / 2, (y[1] - y[0]) / 2, (z[1] - z[0]) / 2],
        rgba=rgba,
        **geom,
    )


def add_box(world: mujoco.MjsBody, box: BoxPlacement, workspace: Workspace, **solid) -> None:
    """Add the floor and the four walls; `solid` holds their contact settings."""
    cx, cy = box.centre(workspace)
    top = workspace.table_height
    z = (top - BOX_DEPTH - FLOOR, top - BOX_RIM_BELOW)
    x0, x1, y0, y1 = cx - BOX_HALF, cx + BOX_HALF, cy - BOX_HALF, cy + BOX_HALF
    floor = (top - BOX_DEPTH - FLOOR, top - BOX_DEPTH)
    add_slab(world, "box_floor", (x0, x1), (y0, y1), floor, GLASS, **solid)
    add_slab(world, "box_x0", (x0 - WALL, x0), (y0 - WALL, y1 + WALL), z, GLASS, **solid)
    add_slab(world, "box_x1", (x1, x1 + WALL), (y0 - WALL, y1 + WALL), z, GLASS, **solid)
    add_slab(world, "box_y0", (x0, x1), (y0 - WALL, y0), z, GLASS, **solid)
    add_slab(world, "box_y1", (x0, x1), (y1, y1 + WALL), z, GLASS, **solid)
