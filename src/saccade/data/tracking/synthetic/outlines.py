"""Outlines of shapes: closed polygons (x, y), y down, that fill the box from -0.5 to 0.5."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

Outline = Float[np.ndarray, "_ 2"]


def fitted(points: Outline) -> Outline:
    """The same shape, moved and scaled to fill the unit box."""
    low, high = points.min(0), points.max(0)
    return (points - (low + high) / 2) / np.maximum(high - low, 1e-9)


def rounded(points: Outline, passes: int = 2) -> Outline:
    """Cuts the corners (Chaikin's scheme) and fits the result again."""
    for _ in range(passes):
        following = np.roll(points, -1, 0)
        cut = np.stack([0.75 * points + 0.25 * following, 0.25 * points + 0.75 * following], 1)
        points = cut.reshape(-1, 2)
    return fitted(points)


def superellipse(exponent: float = 2.0, points: int = 28) -> Outline:
    """A superellipse: from a diamond (1) over an ellipse (2) to a box (8)."""
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False) + np.pi / points
    circle = np.stack([np.cos(angle), np.sin(angle)], 1)
    return fitted(np.sign(circle) * np.abs(circle) ** (2 / exponent))


def blob(rng: np.random.Generator, roughness: float = 0.5, points: int = 40) -> Outline:
    """A smooth random outline: random harmonics around a circle."""
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
    radius = np.ones(points)
    for order in range(2, 7):
        size = roughness * rng.normal() / order
        radius += size * np.cos(order * angle + rng.uniform(0, 2 * np.pi))
    radius = np.maximum(radius, 0.25)
    return fitted(np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1))


def foliage(rng: np.random.Generator) -> Outline:
    """A ragged outline, as of a bush or a tree's crown."""
    angle = np.sort(rng.uniform(0, 2 * np.pi, 48))
    radius = rng.uniform(0.6, 1.0, 48)
    return fitted(np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1))


def polygon(rng: np.random.Generator) -> Outline:
    """Three to eight corners, sometimes rounded."""
    corners = int(rng.integers(3, 9))
    angle = (np.arange(corners) + rng.uniform(-0.3, 0.3, corners)) * 2 * np.pi / corners
    radius = rng.uniform(0.6, 1.0, corners)
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1)
    return rounded(points) if rng.random() < 0.5 else fitted(points)


def limb(taper: float = 0.7) -> Outline:
    """A rounded bar along y whose lower end has `taper` times the width of the upper."""
    points = np.array([(-1, -1), (1, -1), (taper, 1), (-taper, 1)], float)
    return rounded(points, 2)


def torso(rng: np.random.Generator) -> Outline:
    """Shoulders, waist, hips."""
    shoulder, waist, hip = rng.uniform(0.85, 1.1), rng.uniform(0.6, 0.95), rng.uniform(0.65, 1.1)
    right = [(0.35, -1.0), (shoulder, -0.85), (waist, 0.2), (hip, 1.0)]
    return _mirrored(right)


def shoulders(rng: np.random.Generator) -> Outline:
    """A neck that widens to the upper body."""
    neck = rng.uniform(0.2, 0.32)
    right = [(neck, -1.0), (neck + 0.05, -0.7), (rng.uniform(0.7, 0.95), -0.5), (1.0, 1.0)]
    return _mirrored(right)


def car_side(rng: np.random.Generator) -> Outline:
    """A car seen from the side: bonnet, windscreen, roof, boot."""
    bonnet, roof, boot = rng.uniform(-0.1, 0.15), rng.uniform(-0.2, 0.2), rng.uniform(-0.3, 0.15)
    points = [
        (-1, 0.9),
        (-1, bonnet + 0.1),
        (-0.5, bonnet),
        (roof - 0.4, -0.9),
        (roof + 0.3, -0.95),
    ]
    points += [(rng.uniform(0.55, 0.85), boot), (1, boot + 0.1), (1, 0.9)]
    return rounded(np.array(points, float), 2)


def trapezoid(rng: np.random.Generator) -> Outline:
    """A rounded trapezoid, upright or upside down."""
    top, bottom = rng.uniform(0.5, 1.0, 2)
    return rounded(np.array([(-top, -1), (top, -1), (bottom, 1), (-bottom, 1)], float), 2)


def random_outline(rng: np.random.Generator) -> Outline:
    """Any of the shapes that mean nothing in particular."""
    kind = rng.integers(4)
    if kind == 0:
        return blob(rng, rng.uniform(0.2, 0.9))
    if kind == 1:
        return polygon(rng)
    if kind == 2:
        return trapezoid(rng)
    return superellipse(rng.uniform(1.5, 7))


def _mirrored(right: list[tuple[float, float]]) -> Outline:
    left = [(-x, y) for x, y in reversed(right)]
    return rounded(np.array(right + left, float), 2)
