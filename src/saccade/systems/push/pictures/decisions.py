"""Pictures of one push: what was seen, where attention looked, what was chosen, what came of it."""

from __future__ import annotations

import math
from typing import Literal

import cv2
import numpy as np
from jaxtyping import Float, UInt8

from saccade.systems.push.decision import Decision
from saccade.systems.push.rollout import Step
from saccade.viewing.arrows import picture_point
from saccade.viewing.overlays import (
    Side,
    draw_box_edge,
    draw_candidates,
    draw_heightmap,
    draw_mask_all,
    draw_push,
    draw_q,
)
from saccade.worlds.push_box.box import BOX_HALF
from saccade.worlds.push_box.outcome import IN_BOX
from saccade.worlds.push_box.scene import SceneConfig
from saccade.worlds.workspace import Push

Rgb = UInt8[np.ndarray, "_ _ 3"]
Map = Float[np.ndarray, "rows cols"]

BOXED_COLOUR, LOST_COLOUR, WHITE = (30, 140, 60), (200, 30, 30), (255, 255, 255)
DENSE_ABOVE = 4096
"""Number of values above which a Q map is drawn as heat, not as the candidates it holds."""
SIDES: dict[str, Side] = {"left": "left", "right": "right", "top": "top", "bottom": "bottom"}


def draw_heights(heightmap: Map, scene: SceneConfig, scale: int = 2) -> Rgb:
    """Heights in colour, with the mouth of the box."""
    return _with_box(draw_heightmap(heightmap, scale), scene, scale)


def draw_attention(
    heightmap: Map, decision: Decision, scene: SceneConfig, scale: int = 2
) -> Rgb | None:
    """The start pixels that attention allows, coloured by direction; None without attention."""
    if decision.mask is None:
        return None
    return _with_box(draw_mask_all(heightmap, decision.mask, scale), scene, scale)


def draw_values(
    heightmap: Map, decision: Decision, scene: SceneConfig, scale: int = 2
) -> Rgb | None:
    """Q: a heat map, or the candidates that were valued as arrows; None without Q."""
    q = decision.q
    if q is None:
        return None
    valued = q != 0
    if valued.sum() > DENSE_ABOVE:
        picture = draw_q(heightmap, q, valued, n_best=1, scale=scale)
    else:
        k, rows, cols = np.nonzero(valued)
        picture = draw_candidates(heightmap, rows, cols, k, q[valued], scale=scale)
    return _with_box(picture, scene, scale)


def draw_choice(heightmap: Map, push: Push, scene: SceneConfig, scale: int = 2) -> Rgb:
    """The chosen push, from its start to its end."""
    return _arrow(draw_heights(heightmap, scene, scale), push, scale)


def draw_outcome(step: Step, scene: SceneConfig, scale: int = 2) -> Rgb:
    """The scene after the push; a ring where an object left the table, green into the box."""
    picture = draw_heights(step.after, scene, scale)
    rows, cols = scene.workspace.shape
    for gone in step.outcome.exits:
        row, col = scene.workspace.to_pixel(gone.x, gone.y)
        point = picture_point(min(max(row, 8), rows - 9), min(max(col, 8), cols - 9), scale)
        colour = BOXED_COLOUR if gone.status == IN_BOX else LOST_COLOUR
        _ring(picture, point, colour, scale)
    return picture


def decision_pictures(
    heightmap: Map, decision: Decision, scene: SceneConfig, scale: int = 2
) -> dict[str, Rgb]:
    """From the observation to the chosen push, in the order in which they come about."""
    drawn = {
        "depth, as heights": draw_heights(heightmap, scene, scale),
        "mask": draw_attention(heightmap, decision, scene, scale),
        "Q": draw_values(heightmap, decision, scene, scale),
        "chosen push": draw_choice(heightmap, decision.push, scene, scale),
    }
    return {name: picture for name, picture in drawn.items() if picture is not None}


def step_pictures(step: Step, scene: SceneConfig, scale: int = 2) -> dict[str, Rgb]:
    """A decision and what came of it."""
    decided = decision_pictures(step.before, step.decision, scene, scale)
    return {**decided, "outcome": draw_outcome(step, scene, scale)}


def describe_push(push: Push) -> str:
    """Where a push starts and goes, in the world's frame."""
    x, y = push.start
    valued = "" if push.value is None else f", value {push.value:.2f}"
    return (
        f"from ({x:.3f}, {y:.3f}) m towards {math.degrees(push.angle):.1f}\N{DEGREE SIGN}{valued}"
    )


def describe_outcome(step: Step) -> str:
    """What came of a push."""
    outcome = step.outcome
    if not outcome.executed:
        return f"refused: {outcome.refusal}"
    parts = []
    if outcome.boxed:
        parts.append(f"{outcome.boxed} into the box")
    if outcome.grounded:
        parts.append(f"{outcome.grounded} to the ground")
    return ", ".join(parts) or ("objects moved" if step.changed else "nothing changed")


def mark_of(step: Step) -> Literal["good", "bad", "neutral"]:
    """How the timeline of a report colours a push."""
    if step.outcome.grounded or not step.outcome.executed:
        return "bad"
    return "good" if step.outcome.boxed else "neutral"


def _with_box(picture: Rgb, scene: SceneConfig, scale: int) -> Rgb:
    if scene.box is None:
        return picture
    ws = scene.workspace
    middle, half = (ws.size / 2 + scene.box.offset) / ws.pixel, BOX_HALF / ws.pixel
    first, last = round(middle - half), round(middle + half)
    return draw_box_edge(picture, SIDES[scene.box.edge], first, last, scale)


def _arrow(picture: Rgb, push: Push, scale: int) -> Rgb:
    """The arrow ends where the push does, which the table's edge may turn aside."""
    (x0, y0), (x1, y1) = push.start, push.end
    length = math.dist(push.start, push.end) / push.workspace.pixel
    angle = math.atan2(y1 - y0, x1 - x0) if length else push.angle
    return draw_push(picture, (push.row, push.col), angle, length, scale)


def _ring(
    picture: Rgb, point: tuple[float, float], colour: tuple[int, int, int], scale: int
) -> None:
    centre = (round(point[0]), round(point[1]))
    cv2.circle(picture, centre, 7 * scale, WHITE, 3 * scale, cv2.LINE_AA)
    cv2.circle(picture, centre, 7 * scale, colour, round(1.7 * scale), cv2.LINE_AA)
