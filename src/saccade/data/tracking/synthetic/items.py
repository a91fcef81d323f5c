"""Things on the stage: their parts' movements, their boxes, and their picture at one instant."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from jaxtyping import Float, Int

from saccade.data.tracking.synthetic.motion import Pose, linear, translation
from saccade.data.tracking.synthetic.sprites import Part

_MARGIN = 2
_LONGEST_BLUR = 24.0


@dataclass(frozen=True)
class Item:
    """One thing in every frame.

    Attributes:
        parts: Parts, from back to front.
        maps: Maps from pixels of each part's sprite to the screen.
        slides: Distance that each part's texture slides under its coverage [sprite px].
        velocity: Velocity on the screen [px/frame], for motion blur.
        label: Index of the object whose box this is; None for what is not annotated.
        shadow: Darkness of the shadow under it, 0 to 1.
    """

    parts: list[Part]
    maps: Float[np.ndarray, "t p 3 3"]
    slides: Float[np.ndarray, "t p"]
    velocity: Float[np.ndarray, "t 2"]
    label: int | None = None
    shadow: float = 0.0

    @cached_property
    def extents(self) -> Float[np.ndarray, "t p 4"]:
        """Left, top, right and bottom of every part's outline on the screen [px]."""
        longest = max(len(part.outline) for part in self.parts)
        hulls = np.stack([_repeated(part.outline, longest) for part in self.parts])
        linear_part, offset = self.maps[..., :2, :2], self.maps[..., :2, 2]
        points = np.einsum("tpij,pkj->tpki", linear_part, hulls) + offset[:, :, None]
        return np.concatenate([points.min(2), points.max(2)], -1)

    @cached_property
    def corners(self) -> Float[np.ndarray, "t 4"]:
        """Left, top, right and bottom of the whole thing on the screen [px]."""
        return np.concatenate([self.extents[..., :2].min(1), self.extents[..., 2:].max(1)], -1)

    @property
    def boxes(self) -> Float[np.ndarray, "t 4"]:
        """Boxes x, y, w, h [px], where a mask of columns a to b has x = a and w = b - a + 1."""
        low, high = self.corners[:, :2], self.corners[:, 2:]
        return np.concatenate([low + 0.5, high - low], 1)


@dataclass(frozen=True)
class Layer:
    """A thing's picture at one instant: premultiplied colour and coverage, and its position."""

    left: int
    top: int
    pixels: Float[np.ndarray, "h w 4"]

    def inside(
        self, size: tuple[int, int]
    ) -> tuple[tuple[slice, slice], Float[np.ndarray, "h w 4"]]:
        """Place of the layer in a frame (height, width), and the part of it that is inside."""
        h, w = self.pixels.shape[:2]
        x0, y0 = max(self.left, 0), max(self.top, 0)
        x1, y1 = max(x0, min(self.left + w, size[1])), max(y0, min(self.top + h, size[0]))
        rows = slice(y0 - self.top, y1 - self.top)
        columns = slice(x0 - self.left, x1 - self.left)
        return (slice(y0, y1), slice(x0, x1)), self.pixels[rows, columns]

    def put(self, frame: Float[np.ndarray, "h w 3"]) -> None:
        """Puts it onto the frame."""
        window, pixels = self.inside(frame.shape[:2])
        under = frame[window]
        under *= 1 - pixels[..., 3:]
        under += pixels[..., :3]


def make_item(
    parts: list[Part], pose: Pose, label: int | None = None, shadow: float = 0.0
) -> list[Item]:
    """The annotated thing, and behind it the thing that carries it where there is one."""
    maps, slides = part_maps(parts, pose), part_slides(parts, pose)
    velocity = (
        np.gradient(pose.centre, axis=0) if len(pose.centre) > 1 else np.zeros_like(pose.centre)
    )
    counted = np.array([part.plan.counted for part in parts])
    items: list[Item] = []
    for chosen, name in ((~counted, None), (counted, label)):
        some = [part for part, take in zip(parts, chosen, strict=True) if take]
        if some:
            items.append(Item(some, maps[:, chosen], slides[:, chosen], velocity, name, shadow))
            shadow = 0.0
    return items


def part_maps(parts: list[Part], pose: Pose) -> Float[np.ndarray, "t p 3 3"]:
    """Maps from pixels of the sprites to the screen: to the body, joints to the parent, pose."""
    body = linear(pose.angle, pose.scale * pose.aspect, pose.scale, pose.shear)
    body[:, :2, 2] = pose.centre
    carried: list[np.ndarray] = []
    maps = np.empty((len(pose.scale), len(parts), 3, 3))
    for index, part in enumerate(parts):
        parent = body if part.plan.parent < 0 else carried[part.plan.parent]
        carried.append(parent @ _joint(part, pose) if _moves(part) else parent)
        maps[:, index] = carried[index] @ part.to_body
    return maps


def part_slides(parts: list[Part], pose: Pose) -> Float[np.ndarray, "t p"]:
    """Distance that textures slide as the body turns out of the plane [sprite px]."""
    reach = np.array([part.plan.slide * part.sprite.shape[1] for part in parts])
    return pose.yaw[:, None] * reach


def draw(
    item: Item, t: int, size: tuple[int, int], blur: tuple[float, float] = (0.0, 0.0)
) -> Layer | None:
    """The picture of a thing in frame t; None where it is wholly outside.

    What is annotated is drawn whole, also outside the frame; the rest only where it is seen.

    Args:
        item: The thing.
        t: Index of the frame.
        size: Height and width of the frame [px].
        blur: Distance that it moves while the shutter is open (x, y) [px].
    """
    length = float(np.hypot(*blur))
    reach = _MARGIN + (int(np.ceil(min(length, _LONGEST_BLUR) / 2)) if length > 1 else 0)
    left, top = (np.floor(item.corners[t, :2]).astype(int) - reach).tolist()
    right, bottom = (np.ceil(item.corners[t, 2:]).astype(int) + reach + 1).tolist()
    if right <= 0 or bottom <= 0 or left >= size[1] or top >= size[0]:
        return None
    if item.label is None:
        left, top = max(left, -reach), max(top, -reach)
        right, bottom = min(right, size[1] + reach), min(bottom, size[0] + reach)
    pixels = np.zeros((bottom - top, right - left, 4), np.float32)
    for index in range(len(item.parts)):
        _draw_part(pixels, item, index, t, (left, top))
    if length > 1:
        pixels = cv2.filter2D(pixels, -1, line_kernel(*blur), borderType=cv2.BORDER_CONSTANT)
    return Layer(left, top, pixels)


def line_kernel(dx: float, dy: float) -> Float[np.ndarray, "k l"]:
    """The blur of a point that moves by (dx, dy) [px], centred."""
    length = float(np.hypot(dx, dy))
    shrink = min(1.0, _LONGEST_BLUR / max(length, 1e-9))
    steps = np.linspace(-0.5, 0.5, 2 * int(np.ceil(length * shrink)) + 1) * shrink
    rx, ry = int(np.ceil(abs(dx * shrink) / 2)), int(np.ceil(abs(dy * shrink) / 2))
    kernel = np.zeros((2 * ry + 2, 2 * rx + 2), np.float32)
    x, y = steps * dx + rx, steps * dy + ry
    i, j = np.floor(y).astype(int), np.floor(x).astype(int)
    fy, fx = y - i, x - j
    for down, right, weight in (
        (0, 0, (1 - fy) * (1 - fx)), (0, 1, (1 - fy) * fx), (1, 0, fy * (1 - fx)), (1, 1, fy * fx)
    ):  # fmt: skip
        np.add.at(kernel, (i + down, j + right), weight)
    kernel = kernel[:-1, :-1]
    return kernel / kernel.sum()


def _draw_part(
    canvas: Float[np.ndarray, "h w 4"], item: Item, index: int, t: int, corner: tuple[int, int]
) -> None:
    """Puts one part over what is on the canvas, whose upper left pixel is `corner`."""
    extent: Float[np.ndarray, "4"] = item.extents[t, index]
    low: Int[np.ndarray, "2"] = np.maximum(np.floor(extent[:2]).astype(int) - 1, corner)
    shape = (corner[0] + canvas.shape[1], corner[1] + canvas.shape[0])
    high: Int[np.ndarray, "2"] = np.minimum(np.ceil(extent[2:]).astype(int) + 2, shape)
    width, height = (high - low).tolist()
    if width <= 0 or height <= 0:
        return
    matrix = item.maps[t, index, :2].copy()
    matrix[:, 2] -= low
    part, slide = item.parts[index], item.slides[t, index]
    pixels = cv2.warpAffine(part.sprite, matrix, (width, height), flags=cv2.INTER_LINEAR)
    if part.texture is not None and slide:
        matrix[:, 2] += matrix[:, 0] * slide
        colour = cv2.warpAffine(
            part.texture, matrix, (width, height), borderMode=cv2.BORDER_REFLECT_101
        )
        pixels[..., :3] = colour * pixels[..., 3:]
    x, y = low[0] - corner[0], low[1] - corner[1]
    under = canvas[y : y + height, x : x + width]
    under *= 1 - pixels[..., 3:]
    under += pixels


def _moves(part: Part) -> bool:
    plan = part.plan
    return bool(plan.swing or plan.spin or plan.stretch != (0.0, 0.0))


def _joint(part: Part, pose: Pose) -> Float[np.ndarray, "t 3 3"]:
    """Map of a joint: swinging about the pivot, breathing, spinning."""
    plan = part.plan
    wave = pose.sway * np.sin(pose.beat + plan.phase)
    angle = plan.swing * wave + plan.spin * pose.sway * pose.beat
    breath = pose.sway * np.sin(0.7 * pose.beat + plan.phase)
    turn = linear(angle, 1 + plan.stretch[0] * breath, 1 - plan.stretch[1] * breath)
    pivot = np.array(plan.pivot)
    return translation(pivot) @ turn @ translation(-pivot)


def _repeated(points: Float[np.ndarray, "k 2"], length: int) -> Float[np.ndarray, "l 2"]:
    return np.pad(points, ((0, length - len(points)), (0, 0)), mode="edge")
