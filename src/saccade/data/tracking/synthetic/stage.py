"""Puts a clip together: scenery, camera, the target, what looks like it and what hides it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, UInt8

from saccade.data.tracking.synthetic import motion, textures
from saccade.data.tracking.synthetic.bodies import BodyPlan, PartPlan, choose_kind
from saccade.data.tracking.synthetic.config import SyntheticConfig
from saccade.data.tracking.synthetic.effects import Look, make_look
from saccade.data.tracking.synthetic.items import Item, make_item
from saccade.data.tracking.synthetic.motion import Camera, Path, Pose
from saccade.data.tracking.synthetic.outlines import foliage, random_outline, superellipse
from saccade.data.tracking.synthetic.scenery import make_scenery
from saccade.data.tracking.synthetic.sprites import (
    Materials,
    Paint,
    make_body,
    make_parts,
    normalised,
)
from saccade.data.tracking.synthetic.textures import Colour

_LARGEST_WORLD = 2.5
_SMALLEST_OBJECT = 6.0


@dataclass(frozen=True)
class Stage:
    """Everything that the renderer needs.

    Attributes:
        scenery: Picture of the still world.
        scenery_maps: Maps from pixels of the scenery to the screen.
        drift: Speed of the world on the screen [px/frame].
        items: Items, from back to front.
        look: Look of the clip: light, lens, sensor.
    """

    scenery: UInt8[np.ndarray, "h w 3"]
    scenery_maps: Float[np.ndarray, "t 2 3"]
    drift: Float[np.ndarray, "t 2"]
    items: list[Item]
    look: Look


@dataclass(frozen=True)
class Actor:
    """A body with its clothes, its size on the screen [px] and how it is painted."""

    plan: BodyPlan
    materials: Materials
    size: float
    paint: Paint
    shadow: float = 0.0

    @property
    def half(self) -> Float[np.ndarray, "2"]:
        """Half the box at rest (x, y) [px]."""
        counted = [part for part in self.plan.parts if part.counted]
        corners = [np.abs(part.centre) + np.array(part.size) / 2 for part in counted]
        return np.max(corners, 0) * self.size


def make_stage(rng: np.random.Generator, config: SyntheticConfig) -> Stage:
    """Draws a clip. Each part of it has randomness of its own, so that settings act alone."""
    config = config.at_difficulty()
    scene_rng, camera_rng, target_rng, rest_rng, occluder_rng, look_rng = rng.spawn(6)
    camera = motion.make_camera(camera_rng, config)
    size = _world_size(camera, config)
    scenery = make_scenery(scene_rng, size, config)
    middle = (np.array(size[::-1]) - 1) / 2
    maps = camera.maps() @ motion.translation(-middle)
    target = _target(target_rng, config)
    pose, items = _enter_target(target_rng, target, scenery, camera, config)
    behind, front = _distractors(rest_rng, target, pose, items[-1], camera, config)
    hiding = _occluders(occluder_rng, target, pose, items[-1], camera, config)
    return Stage(
        scenery=scenery,
        scenery_maps=maps[:, :2],
        drift=_gradient(maps[:, :2, :2] @ middle + maps[:, :2, 2]),
        items=[*behind, *items, *front, *hiding],
        look=make_look(look_rng, maps, size, config),
    )


def _world_size(camera: Camera, config: SyntheticConfig) -> tuple[int, int]:
    reach = 2 * np.abs(camera.pan).max(0) / (config.width, config.height) + 1.1
    width, height = np.minimum(reach, _LARGEST_WORLD) * (config.width, config.height)
    return int(height), int(width)


def _target(rng: np.random.Generator, config: SyntheticConfig) -> Actor:
    plan, materials = make_body(rng, choose_kind(rng), config.split)
    low, high = np.log(config.object_size)
    size = config.height * np.exp(rng.uniform(low, high))
    hidden = rng.random() < config.low_contrast_probability
    share = rng.uniform(0.4, 0.85)
    paint = Paint(
        light=(rng.normal(0, 0.15), rng.normal(-0.1, 0.15)),
        roundness=rng.uniform(0, 0.6),
        share=share if hidden else 0.0,
    )
    dark = rng.uniform(0.2, 0.6)
    shadow = dark if rng.random() < config.shadow_probability else 0.0
    actor = Actor(plan, materials, 1.0, paint, shadow if plan.upright else 0.0)
    largest = 0.42 * np.array([config.width, config.height]) / actor.half
    return replace(actor, size=min(size, *largest.tolist()))


def _pose(
    rng: np.random.Generator, actor: Actor, centre: Path, camera: Camera, config: SyntheticConfig
) -> Pose:
    scale = actor.size * motion.scales(rng, config) * camera.zoom
    largest = 0.5 * np.array([config.width, config.height]) / (actor.half / actor.size)
    scale = np.clip(scale, min(_SMALLEST_OBJECT, actor.size), max(largest.min(), actor.size))
    plan = actor.plan
    pose = motion.make_pose(rng, centre, scale, plan.upright, plan.beat, config)
    return replace(pose, angle=pose.angle + camera.roll)


def _enter_target(
    rng: np.random.Generator, actor: Actor, scenery: UInt8[np.ndarray, "h w 3"],
    camera: Camera, config: SyntheticConfig,
) -> tuple[Pose, list[Item]]:  # fmt: skip
    """The target on its way, wholly inside the frame at first."""
    frame = np.array([config.width, config.height], float)
    room = np.maximum(frame / 2 - actor.half, 0)
    start = frame / 2 + rng.uniform(-1, 1, 2) * room
    path = start + motion.displacement(rng, actor.size, config)
    bound = np.minimum(0.7 * actor.half, 0.45 * frame)
    inner = np.minimum(bound, np.minimum(start, frame - start))
    path = motion.folded(path, inner, frame - inner)
    if rng.random() < config.leave_probability:
        path = motion.away_and_back(rng, path, float(actor.half[0]), config.width)
    pose = _pose(rng, actor, path + camera.shake, camera, config)
    paint = replace(actor.paint, toward=_colour_near(scenery, start - frame / 2, actor.half))
    parts = make_parts(rng, actor.plan, actor.materials, _resolution(pose), paint)
    items = make_item(parts, pose, 0, actor.shadow)
    box = items[-1].boxes[0]
    shrink = min(1.0, *((frame - 2) / box[2:]).tolist())
    if shrink < 1:
        pose = replace(pose, scale=pose.scale * shrink)
        items = make_item(parts, pose, 0, actor.shadow)
        box = items[-1].boxes[0]
    blurred = np.abs(items[-1].velocity[0]) * config.motion_blur / 2 + 1
    high = frame - box[2:]
    shift = np.clip(box[:2], np.minimum(blurred, high / 2), np.maximum(high - blurred, high / 2))
    shift -= box[:2]
    pose = replace(pose, centre=pose.centre + shift)
    return pose, make_item(parts, pose, 0, actor.shadow)


def _distractors(
    rng: np.random.Generator, target: Actor, pose: Pose, item: Item, camera: Camera,
    config: SyntheticConfig,
) -> tuple[list[Item], list[Item]]:  # fmt: skip
    """Other objects, behind the target and in front of it."""
    behind: list[Item] = []
    front: list[Item] = []
    for label, own in enumerate(rng.spawn(config.distractors), 1):
        if own.random() >= config.distractor_probability:
            continue
        actor = _similar(own, target, config)
        path = _other_path(own, actor, pose, camera, config)
        other = _pose(own, actor, path, camera, config)
        parts = make_parts(own, actor.plan, actor.materials, _resolution(other), actor.paint)
        items = make_item(parts, other, label, actor.shadow)
        hides = any(_overlaps(one, item)[0] for one in items)
        (front if own.random() < 0.5 and not hides else behind).extend(items)
    return behind, front


def _similar(rng: np.random.Generator, target: Actor, config: SyntheticConfig) -> Actor:
    """An object like the target: mostly of its class, sometimes its twin, sometimes anything."""
    size = max(_SMALLEST_OBJECT, target.size * np.exp(rng.normal(0, 0.25)))
    if rng.random() < config.twin_probability:
        return replace(target, size=size)
    kind = target.plan.kind if rng.random() < 0.75 else choose_kind(rng)
    plan, materials = make_body(rng, kind, config.split)
    actor = Actor(plan, materials, 1.0, replace(target.paint, toward=None), target.shadow)
    largest = 0.45 * np.array([config.width, config.height]) / actor.half
    return replace(actor, size=min(size, *largest.tolist()))


def _other_path(
    rng: np.random.Generator, actor: Actor, pose: Pose, camera: Camera, config: SyntheticConfig
) -> Path:
    """A path anywhere, or across the target's way; on the screen or in the world."""
    frame = np.array([config.width, config.height], float)
    steps = motion.displacement(rng, actor.size, config)
    path = rng.uniform(-0.1, 1.1, 2) * frame + steps
    if rng.random() < 0.5:
        when = int(rng.integers(config.frames))
        path += pose.centre[when] + rng.normal(0, 0.5, 2) * actor.size - path[when]
    if rng.random() < 0.5:
        return path - camera.pan + camera.shake
    return motion.folded(path, -0.2 * frame, 1.2 * frame) + camera.shake


def _occluders(
    rng: np.random.Generator, target: Actor, pose: Pose, item: Item, camera: Camera,
    config: SyntheticConfig,
) -> list[Item]:  # fmt: skip
    """Things in front that cover the target at some time, but not in frame 0."""
    found: list[Item] = []
    for own in rng.spawn(config.occluders):
        if own.random() >= config.occluder_probability:
            continue
        actor = _occluder(own, target, config)
        path = _crossing(own, pose, camera, actor, config)
        other = _pose(own, actor, path, camera, replace(config, deformation=0, scale_change=0))
        parts = make_parts(own, actor.plan, actor.materials, _resolution(other), actor.paint)
        items = make_item(parts, other)
        if not any(_overlaps(one, item)[0] for one in items):
            found += items
    return found


def _occluder(rng: np.random.Generator, target: Actor, config: SyntheticConfig) -> Actor:
    """A post, a bush, a wall or any shape, about as large as the target."""
    kind = rng.random()
    if kind < 0.35:
        width = rng.uniform(0.15, 0.7)
        outline, size = superellipse(8), (width, 3 * config.height / target.size)
    elif kind < 0.55:
        outline, size = foliage(rng), tuple(rng.uniform(0.6, 1.6, 2))
    else:
        outline, size = random_outline(rng), tuple(rng.uniform(0.4, 1.5, 2))
    part = PartPlan(outline, (0, 0), size, "top")
    plan = normalised(BodyPlan("occluder", [part]))
    materials = {"top": textures.any_material(rng, config.split)}
    return Actor(plan, materials, target.size * float(np.sqrt(np.prod(size))), target.paint)


def _crossing(
    rng: np.random.Generator, pose: Pose, camera: Camera, actor: Actor, config: SyntheticConfig
) -> Path:
    """A path that stands in the world or passes by, and meets the target after the first frame."""
    frames = config.frames
    when = int(rng.integers(frames // 4, frames))
    steps = -rng.uniform(1.0, 1.4) * camera.pan
    if rng.random() < 0.4 or not camera.pan.any():
        speed = actor.size * rng.uniform(0.05, 0.4) * rng.choice([-1, 1])
        steps = steps + np.arange(frames)[:, None] * np.array([speed, 0.1 * speed * rng.normal()])
    aim = pose.centre[when] + rng.normal(0, 0.25, 2) * pose.scale[when]
    return steps - steps[when] + aim + camera.shake - camera.shake[when]


def _overlaps(one: Item, other: Item) -> Bool[np.ndarray, " t"]:
    """Frames in which the two boxes, with a margin for blurred edges, have points in common."""
    a, b = one.corners, other.corners
    margin = 3 + (np.abs(one.velocity) + np.abs(other.velocity)) / 2
    apart = (a[:, :2] > b[:, 2:] + margin) | (b[:, :2] > a[:, 2:] + margin)
    return np.logical_not(apart.any(1, keepdims=True))[:, 0]


def _colour_near(
    scenery: UInt8[np.ndarray, "h w 3"],
    offset: Float[np.ndarray, "2"],
    half: Float[np.ndarray, "2"],
) -> Colour:
    """The mean colour behind the target in frame 0; `offset` is from the middle of the world."""
    middle = np.array(scenery.shape[1::-1]) / 2 + offset
    (x0, y0), (x1, y1) = np.maximum(middle - half, 0).astype(int), (middle + half).astype(int) + 1
    return scenery[y0:y1, x0:x1].mean((0, 1)).astype(np.float32)


def _resolution(pose: Pose) -> float:
    """Pixels of the sprites in a body unit: enough for the largest that the object becomes."""
    return float(pose.scale.max())


def _gradient(path: Path) -> Path:
    return np.gradient(path, axis=0) if len(path) > 1 else np.zeros_like(path)
