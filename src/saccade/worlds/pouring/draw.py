"""Drawing what happens in a sequence."""

from __future__ import annotations

import numpy as np

from saccade.worlds.pouring.config import PouringConfig
from saccade.worlds.pouring.cups import CupShape
from saccade.worlds.pouring.liquid import capacity
from saccade.worlds.pouring.script import Plan, draw_lengths


def draw_plan(rng: np.random.Generator, config: PouringConfig) -> Plan:
    """Draw a plan that can be carried out."""
    side = int(rng.choice([-1, 1]))
    target = _draw_cup(rng)
    source = _draw_cup(rng)
    holds_source, holds_target = (float(capacity(c, np.zeros(1))[0]) for c in (source, target))
    filled = min(rng.uniform(0.55, 0.9) * holds_source, 0.9 * holds_target)
    target_at = np.array([rng.uniform(-0.03, 0.03), rng.uniform(0.0, 0.05), 0.0])
    bearing = (np.pi if side > 0 else 0.0) + rng.uniform(-0.4, 0.4)
    start = target_at + [side * rng.uniform(0.13, 0.18), rng.uniform(-0.06, 0.06), 0.0]
    end = target_at + [
        side * rng.uniform(0.15, 0.2),
        rng.choice([-1, 1]) * rng.uniform(0.07, 0.1),
        0.0,
    ]
    return Plan(
        source=source,
        target=target,
        lengths=draw_lengths(rng, int(rng.integers(config.frames[0], config.frames[1] + 1))),
        side=side,
        source_at=start,
        target_at=target_at,
        put_at=end,
        hand_at=np.array(
            [side * rng.uniform(0.15, 0.25), rng.uniform(-0.28, -0.2), rng.uniform(0.03, 0.1)]
        ),
        hand_to=np.array(
            [side * rng.uniform(0.15, 0.3), rng.uniform(-0.28, -0.2), rng.uniform(0.03, 0.1)]
        ),
        bearing=bearing,
        grip=side * np.radians(rng.uniform(100, 140)),
        hold=0.5 * source.height,
        lift=rng.uniform(0.05, 0.1),
        gap=rng.uniform(0.03, 0.06),
        filled=filled,
        left=rng.choice([0.0, rng.uniform(0, 0.1)]) * filled,
        extra=rng.uniform(0, 0.25),
    )


def _draw_cup(rng: np.random.Generator) -> CupShape:
    radius, height = rng.uniform(0.03, 0.04), rng.uniform(0.08, 0.12)
    return CupShape(
        (0.0, height), (radius * rng.uniform(0.7, 1.0), radius), handle=bool(rng.random() < 0.3)
    )
