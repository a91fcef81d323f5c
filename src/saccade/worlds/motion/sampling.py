"""Sampling-based planning in joint space with OMPL.

The budget is a number of collision checks, so that the same question has the same answer on every
machine; a limit of time stands behind it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
from jaxtyping import Float

from saccade.errors import MissingExtraError

PLANNERS = ("LBKPIECE1", "RRTConnect")
"""LBKPIECE1 grows two trees and checks for collisions late: of OMPL's planners that Python has, the
nearest to the paper's SBL. RRTConnect finds a way sooner, most often."""
RESOLUTION = 0.02
"""Distance in joint space at which motions are checked [rad]."""
SHORTCUT_STEP = 0.3
"""Distance between the places of a path that shortcuts may join [rad]: a third of the length that
LBKPIECE1 finds is left, for a fifth more checks."""


def require_ompl() -> Any:
    """OMPL's Python module.

    Raises:
        MissingExtraError: It is not installed; the message names the extra `arm`.
    """
    try:
        return import_module("ompl")
    except ImportError as error:
        raise MissingExtraError("ompl", "arm") from error


class Budget:
    """What a planner may spend.

    Args:
        checks: Collision checks.
        seconds: Time [s].
    """

    def __init__(self, checks: int, seconds: float) -> None:
        self._checks, self._left = checks, checks
        self._seconds, self._end = seconds, time.monotonic() + seconds

    def spend(self) -> bool:
        """Whether one more check may be made."""
        self._left -= 1
        return not self.spent()

    def spent(self) -> bool:
        """Whether nothing is left."""
        return self._left < 0 or time.monotonic() > self._end

    def __str__(self) -> str:
        if self._left < 0:
            return f"{self._checks:,} collision checks"
        return f"{self._seconds:g} s"


def sample_path(
    planner: str,
    bounds: tuple[Float[np.ndarray, " k"], Float[np.ndarray, " k"]],
    start: Float[np.ndarray, " k"],
    goals: list[Float[np.ndarray, " k"]],
    free: Callable[[Float[np.ndarray, " k"]], bool],
    budget: Budget,
    seed: int,
) -> Float[np.ndarray, "n k"] | None:
    """Corners of a way from a start to one of several goals, or None if the budget was too small.

    Args:
        planner: One of `PLANNERS`.
        bounds: Lowest and highest joint positions [rad].
        start: Joint positions [rad].
        goals: Joint positions, any of which will do [rad].
        free: Whether joint positions touch nothing.
        budget: What it may spend.
        seed: Seed of OMPL's chance.

    Raises:
        MissingExtraError: OMPL is not installed.
    """
    ompl = require_ompl()
    level = ompl.util.getLogLevel()
    ompl.util.setLogLevel(ompl.util.LogLevel.LOG_NONE)
    try:
        # OMPL's chance belongs to the process; the sampler and planner made below start from it.
        ompl.util.RNG.setSeed(seed + 1)
        return _sample_path(ompl, planner, bounds, start, goals, free, budget)
    finally:
        ompl.util.setLogLevel(level)


def _sample_path(
    ompl: Any,
    planner: str,
    bounds: tuple[Float[np.ndarray, " k"], Float[np.ndarray, " k"]],
    start: Float[np.ndarray, " k"],
    goals: list[Float[np.ndarray, " k"]],
    free: Callable[[Float[np.ndarray, " k"]], bool],
    budget: Budget,
) -> Float[np.ndarray, "n k"] | None:
    base, geometric = ompl.base, ompl.geometric
    axes = range(len(start))
    space = _space(base, bounds)

    def state(q: Float[np.ndarray, " k"]) -> Any:
        made = space.allocState()
        for i in axes:
            made[i] = float(q[i])
        return made

    def valid(given: Any) -> bool:
        # Once the budget is spent nothing is valid: the planner's inner loops end as well.
        return budget.spend() and free(np.array([given[i] for i in axes]))

    setup = geometric.SimpleSetup(space)
    information = setup.getSpaceInformation()
    information.setStateValidityChecker(valid)
    information.setStateValidityCheckingResolution(RESOLUTION / space.getMaximumExtent())
    setup.setStartState(state(start))
    ends = base.GoalStates(information)
    for goal in goals:
        ends.addState(state(goal))
    setup.setGoal(ends)
    setup.setPlanner(getattr(geometric, planner)(information))
    setup.setup()
    setup.solve(base.PlannerTerminationCondition(budget.spent))
    if not setup.haveExactSolutionPath():
        return None
    path, simplifier = setup.getSolutionPath(), setup.getPathSimplifier()
    simplifier.ropeShortcutPath(path, SHORTCUT_STEP)
    simplifier.reduceVertices(path)
    return np.array([[one[i] for i in axes] for one in path.getStates()])


def _space(base: Any, bounds: tuple[Float[np.ndarray, " k"], Float[np.ndarray, " k"]]) -> Any:
    """OMPL's space of joint positions."""
    low, high = bounds
    space, box = base.RealVectorStateSpace(len(low)), base.RealVectorBounds(len(low))
    for i in range(len(low)):
        box.setLow(i, float(low[i]))
        box.setHigh(i, float(high[i]))
    space.setBounds(box)
    return space
