"""Plans of bodies: which parts an object of a class has, where they sit and how they move.

Plans are in units of their own, y down; `assembly` scales them so that sqrt(w h) of the box is 1.
Parts come back to front, parents before their children.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from saccade.data.tracking.synthetic import outlines
from saccade.data.tracking.synthetic.outlines import Outline


@dataclass(frozen=True)
class PartPlan:
    """Plan of one rigid part.

    Attributes:
        outline: Shape of the part, filling the unit box.
        centre: Centre of the part's box (x, y).
        size: Size of the part's box (width, height).
        material: Name of the object's texture that the part wears.
        pivot: Joint (x, y) about which it swings.
        swing: Amplitude of swinging [rad].
        phase: Phase of swinging [rad].
        stretch: Amplitude of breathing in x and y.
        spin: Number of turns a beat (wheels).
        parent: Index of the part that carries it; -1 is the object itself.
        counted: Whether the box encloses it; what is not counted lies behind what is.
        slide: Distance that its texture may slide, as a share of its width.
    """

    outline: Outline
    centre: tuple[float, float]
    size: tuple[float, float]
    material: str
    pivot: tuple[float, float] = (0.0, 0.0)
    swing: float = 0.0
    phase: float = 0.0
    stretch: tuple[float, float] = (0.0, 0.0)
    spin: float = 0.0
    parent: int = -1
    counted: bool = True
    slide: float = 0.0


@dataclass(frozen=True)
class BodyPlan:
    """All parts of an object.

    Attributes:
        kind: Class of the object.
        parts: Parts, from back to front.
        upright: Whether it only sways instead of turning freely.
        beat: Angular speed of gait [rad/frame].
    """

    kind: str
    parts: list[PartPlan]
    upright: bool = True
    beat: float = field(default=0.4)


def _limbs(
    rng: np.random.Generator, joint: tuple[float, float], size: tuple[float, float],
    material: str, lower: str, swing: float, phase: float, first: int,
) -> list[PartPlan]:  # fmt: skip
    """An upper limb that swings about its joint and a lower one that follows it."""
    (x, y), (width, length) = joint, size
    half = length * 0.52
    upper = PartPlan(
        outlines.limb(0.8), (x, y + half * 0.48), (width, half * 1.1), material,
        pivot=joint, swing=swing, phase=phase,
    )  # fmt: skip
    bend = PartPlan(
        outlines.limb(rng.uniform(0.5, 0.9)), (x, y + half * 1.45), (width * 0.85, half * 1.1),
        lower, pivot=(x, y + half * 0.95), swing=0.8 * swing, phase=phase - 1.3, parent=first,
    )  # fmt: skip
    return [upper, bend]


def person(rng: np.random.Generator) -> BodyPlan:
    """Head, torso, arms and legs that walk; about 1 high."""
    build, swing = rng.uniform(0.8, 1.35), rng.uniform(0.05, 0.65)
    hip, shoulder = -0.02, -0.32
    spread, reach = 0.06 * build, rng.uniform(0.15, 0.6) * swing + rng.uniform(0, 0.15)
    sleeve = str(rng.choice(["skin", "top"]))
    parts: list[PartPlan] = []
    arm, leg = (0.075 * build, 0.4), (0.1 * build, 0.5 * rng.uniform(0.85, 1.05))
    side = 0.13 * build
    parts += _limbs(rng, (-side, shoulder), arm, "top", sleeve, reach, np.pi, 0)
    parts += _limbs(rng, (-spread, hip), leg, "bottom", "bottom", swing, 0.0, len(parts))
    parts += _limbs(rng, (spread, hip), leg, "bottom", "bottom", swing, np.pi, len(parts))
    if rng.random() < 0.3:
        skirt = outlines.trapezoid(rng)
        parts.append(PartPlan(skirt, (0, 0.1), (0.3 * build, 0.32), "bottom", stretch=(0.1, 0)))
    trunk = (0.27 * build, 0.42)
    parts.append(PartPlan(outlines.torso(rng), (0, -0.17), trunk, "top", slide=0.2))
    if rng.random() < 0.35:
        bag = outlines.superellipse(rng.uniform(2.5, 6))
        centre = (rng.uniform(-0.1, 0.1), rng.uniform(-0.25, 0.05))
        size = (rng.uniform(0.1, 0.22), rng.uniform(0.1, 0.28))
        parts.append(PartPlan(bag, centre, size, "extra", swing=0.1, pivot=(0, -0.3)))
    parts += _limbs(rng, (side, shoulder), arm, "top", sleeve, reach, 0.0, len(parts))
    parts += _head(rng, (0.0, -0.45), 0.085, 0.13)
    return BodyPlan("person", parts, beat=rng.uniform(0.2, 0.6))


def _head(
    rng: np.random.Generator, centre: tuple[float, float], width: float, height: float
) -> list[PartPlan]:
    """Hair or hat and a face, nodding a little."""
    x, y = centre
    hair = PartPlan(
        outlines.blob(rng, 0.15), (x, y - 0.12 * height), (1.3 * width, 1.1 * height), "hair",
        pivot=(x, y + height / 2), swing=0.06,
    )  # fmt: skip
    front = PartPlan(
        outlines.superellipse(2.2), (x + 0.1 * width * rng.normal(), y), (width, height), "face",
        pivot=(x, y + height / 2), swing=0.06, slide=0.15,
    )  # fmt: skip
    return [hair] if rng.random() < 0.25 else [hair, front]


def face(rng: np.random.Generator) -> BodyPlan:
    """A face on a head on shoulders; the box is that of the face, or of the whole head."""
    width, whole = rng.uniform(0.7, 0.9), rng.random() < 0.35
    body = PartPlan(
        outlines.shoulders(rng), (0, 1.7), (rng.uniform(2, 3), 2.6), "top",
        counted=False, swing=0.03, pivot=(0, 2.5),
    )  # fmt: skip
    hair = PartPlan(
        outlines.blob(rng, 0.3), (0, -0.15), (1.3 * width, rng.uniform(1.1, 1.45)), "hair",
        counted=whole,
    )  # fmt: skip
    front = PartPlan(
        outlines.superellipse(rng.uniform(2, 3)), (0, 0), (width, 1.0), "face", slide=0.22
    )
    parts = [body, hair, front]
    if rng.random() < 0.3:
        arm = _limbs(rng, (rng.choice([-1.2, 1.2]), 0.9), (0.4, 1.8), "top", "skin", 0.8, 0.0, 0)
        shifted = replace(arm[1], parent=0)
        parts = [replace(arm[0], counted=False), replace(shifted, counted=False), *parts]
    return BodyPlan("face", parts, beat=rng.uniform(0.1, 0.4))


def vehicle(rng: np.random.Generator) -> BodyPlan:
    """A car from the side or from behind."""
    return _car_side(rng) if rng.random() < 0.55 else _car_rear(rng)


def _car_side(rng: np.random.Generator) -> BodyPlan:
    length = rng.uniform(1.9, 2.9)
    shell = PartPlan(outlines.car_side(rng), (0, -0.05), (length, 0.85), "paint")
    window = outlines.rounded(np.array([(-0.7, 1), (-0.3, -1), (0.5, -1), (0.8, 1)], float), 1)
    glass = PartPlan(window, (-0.05 * length, -0.25), (0.5 * length, 0.28), "glass", slide=0.2)
    wheel = outlines.superellipse()
    parts = [shell, glass]
    for x in (-0.31, 0.3):
        parts.append(PartPlan(wheel, (x * length, 0.32), (0.36, 0.36), "tyre"))
        parts.append(
            PartPlan(wheel, (x * length, 0.32), (0.22, 0.22), "chrome",
                     pivot=(x * length, 0.32), spin=1.0)
        )  # fmt: skip
    parts.append(PartPlan(outlines.superellipse(4), (-0.47 * length, 0.05), (0.09, 0.12), "lamp"))
    return BodyPlan("vehicle", parts, beat=rng.uniform(0.2, 0.8))


def _car_rear(rng: np.random.Generator) -> BodyPlan:
    high = rng.uniform(0.75, 1.3)
    box, lamp = outlines.superellipse(rng.uniform(3, 7)), outlines.superellipse(4)
    parts = [
        PartPlan(box, (-0.36, 0.46 * high), (0.2, 0.24), "tyre"),
        PartPlan(box, (0.36, 0.46 * high), (0.2, 0.24), "tyre"),
        PartPlan(outlines.trapezoid(rng), (0, -0.25 * high), (0.9, 0.55 * high), "paint"),
        PartPlan(
            outlines.trapezoid(rng), (0, -0.25 * high), (0.7, 0.36 * high), "glass", slide=0.2
        ),
        PartPlan(box, (0, 0.2 * high), (1.0, 0.6 * high), "paint"),
        PartPlan(lamp, (-0.4, 0.1 * high), (0.14, 0.14), "lamp"),
        PartPlan(lamp, (0.4, 0.1 * high), (0.14, 0.14), "lamp"),
        PartPlan(outlines.superellipse(8), (0, 0.25 * high), (0.26, 0.09), "extra"),
    ]
    return BodyPlan("vehicle", parts)


def animal(rng: np.random.Generator) -> BodyPlan:
    """Four legs, a trunk, a head and a tail, seen from the side."""
    length, leg, swing = rng.uniform(0.9, 1.5), rng.uniform(0.35, 0.8), rng.uniform(0.1, 0.7)
    parts: list[PartPlan] = []
    for x, phase in ((-0.36, 0.0), (0.36, 2.0), (-0.3, np.pi), (0.3, np.pi + 2.0)):
        joint = (x * length, 0.12)
        parts += _limbs(rng, joint, (0.14, leg), "top", "top", swing, phase, len(parts))
    tail = PartPlan(
        outlines.limb(0.3), (0.55 * length, 0.1), (0.08, 0.5), "top", pivot=(0.48 * length, -0.1),
        swing=0.5, phase=1.0,
    )  # fmt: skip
    trunk = PartPlan(
        outlines.superellipse(2.5), (0, 0), (length, 0.45), "top", stretch=(0.03, 0.05)
    )
    neck = PartPlan(
        outlines.limb(1.2), (-0.5 * length, -0.2), (0.25, 0.5), "top", pivot=(-0.4 * length, 0),
        swing=0.15,
    )  # fmt: skip
    head = PartPlan(
        outlines.blob(rng, 0.3), (-0.55 * length, -0.4), (0.42, 0.28), "hair",
        pivot=(-0.5 * length, -0.3), swing=0.2, parent=10,
    )  # fmt: skip
    return BodyPlan("animal", [*parts, tail, trunk, neck, head], beat=rng.uniform(0.2, 0.9))


def bag(rng: np.random.Generator) -> BodyPlan:
    """A few overlapping soft pieces of one material, with or without a handle."""
    pieces = int(rng.integers(1, 4))
    parts: list[PartPlan] = []
    if rng.random() < 0.4:
        handle = outlines.superellipse(2)
        parts.append(PartPlan(handle, (0, -0.5), (0.4, 0.5), "extra", swing=0.3, pivot=(0, -0.3)))
    for _ in range(pieces):
        centre = (rng.uniform(-0.25, 0.25), rng.uniform(-0.25, 0.25))
        size = (rng.uniform(0.5, 1), rng.uniform(0.5, 1))
        parts.append(
            PartPlan(outlines.blob(rng, 0.5), centre, size, "top", pivot=centre, swing=0.3,
                     phase=rng.uniform(0, 6), stretch=(0.15, 0.15), slide=0.2)
        )  # fmt: skip
    return BodyPlan("bag", parts, upright=bool(rng.random() < 0.5), beat=rng.uniform(0.1, 0.5))


def gadget(rng: np.random.Generator) -> BodyPlan:
    """A box, book, bottle or sign with labels on it."""
    shape = outlines.superellipse(rng.uniform(3, 9))
    width, height = np.exp(rng.uniform(-0.7, 0.7, 2))
    parts = [PartPlan(shape, (0, 0), (width, height), "top", slide=0.15)]
    for _ in range(int(rng.integers(0, 4))):
        size = (width * rng.uniform(0.15, 0.7), height * rng.uniform(0.1, 0.5))
        centre = rng.uniform(-0.5, 0.5, 2) * (width - size[0], height - size[1])
        material = str(rng.choice(["extra", "bottom", "glass"]))
        parts.append(PartPlan(outlines.random_outline(rng), tuple(centre), size, material))
    return BodyPlan("gadget", parts, upright=bool(rng.random() < 0.4))


def thing(rng: np.random.Generator) -> BodyPlan:
    """One to four random shapes of random materials, loosely joined."""
    parts = [PartPlan(outlines.random_outline(rng), (0, 0), (1, rng.uniform(0.5, 2)), "top",
                      stretch=(0.06, 0.06), slide=0.3)]  # fmt: skip
    for index in range(int(rng.integers(0, 4))):
        centre = tuple(rng.uniform(-0.55, 0.55, 2))
        size = tuple(rng.uniform(0.2, 0.8, 2))
        material = ("bottom", "extra", "hair")[index]
        parts.append(
            PartPlan(outlines.random_outline(rng), centre, size, material, pivot=(0, 0),
                     swing=rng.uniform(0, 0.4), phase=rng.uniform(0, 6))
        )  # fmt: skip
    return BodyPlan("thing", parts, upright=bool(rng.random() < 0.4), beat=rng.uniform(0.1, 0.6))


def patch(rng: np.random.Generator) -> BodyPlan:
    """A piece of a larger moving thing; the box is that of the piece."""
    whole = PartPlan(
        outlines.random_outline(rng), tuple(rng.uniform(-0.5, 0.5, 2)),
        tuple(rng.uniform(1.8, 3.5, 2)), "bottom", counted=False, stretch=(0.03, 0.03),
    )  # fmt: skip
    piece = PartPlan(outlines.random_outline(rng), (0, 0), (1, rng.uniform(0.5, 1.8)), "top")
    return BodyPlan("patch", [whole, piece], upright=bool(rng.random() < 0.6))


PLANS: dict[str, tuple[Callable[[np.random.Generator], BodyPlan], float]] = {
    "person": (person, 0.27),
    "face": (face, 0.16),
    "vehicle": (vehicle, 0.13),
    "animal": (animal, 0.06),
    "bag": (bag, 0.09),
    "gadget": (gadget, 0.07),
    "thing": (thing, 0.07),
    "patch": (patch, 0.05),
    "cutout": (thing, 0.1),  # its single part is cut from a photograph: see `assembly`
}
"""Plan and share of objects of each class."""


def choose_kind(rng: np.random.Generator) -> str:
    """A class, by the shares in `PLANS`."""
    shares = np.array([share for _, share in PLANS.values()])
    return str(rng.choice(list(PLANS), p=shares / shares.sum()))
