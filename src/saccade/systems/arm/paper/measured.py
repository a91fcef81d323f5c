"""What was measured of rows: successes of all trainings of a variant, along them and in the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from saccade.statistics import Estimate, paired_difference, stratified_mean
from saccade.systems.arm.paper.making import END, ArmTable
from saccade.systems.arm.paper.rows import Row

Successes = Float[np.ndarray, " n"]


@dataclass(frozen=True)
class Point:
    """A moment of a variant's trainings.

    Attributes:
        actions: Own actions so far, the trainings' mean.
        minutes: Minutes of one core so far, the trainings' mean.
        success: Success, with its interval.
    """

    actions: float
    minutes: float
    success: Estimate


@dataclass(frozen=True)
class Variant:
    """The trainings of one variant on one task.

    Attributes:
        table: Table.
        rows: Its rows that were measured in the end, one a training.
    """

    table: ArmTable
    rows: tuple[Row, ...]

    @property
    def label(self) -> str:
        """Name of the variant."""
        return self.rows[0].label

    @property
    def documents(self) -> list[dict[str, Any]]:
        """What was measured in the end, of each training."""
        return [self._measured(row, END) for row in self.rows]

    @property
    def facts(self) -> list[dict[str, Any]]:
        """What each training cost."""
        return [self.table.making().result(row) for row in self.rows]

    def strata(self, name: str = END) -> list[Successes]:
        """Successes of each training's episodes."""
        return [_successes(self._measured(row, name)) for row in self.rows]

    def success(self) -> Estimate:
        """Success in the end; the interval is over placements, within these trainings."""
        return stratified_mean(self.strata(), np.random.default_rng(0))

    def over(self, other: Variant) -> Estimate | None:
        """Success over that of another variant, paired by placement; None if it has others."""
        pairs = [
            (_successes(mine), _successes(theirs))
            for mine, theirs in zip(self.documents, other.documents, strict=False)
        ]
        if any(len(mine) != len(theirs) for mine, theirs in pairs):
            return None
        ours, theirs = (np.concatenate(side) for side in zip(*pairs, strict=True))
        return paired_difference(ours, theirs, np.random.default_rng(0))

    def mean(self, name: str) -> float:
        """Mean of a figure of the end that has one, such as "actions"."""
        return float(np.mean([document[name]["mean"] for document in self.documents]))

    def failures(self, cause: str) -> int:
        """Failures with a cause, of all trainings."""
        return sum(document["failures"][cause] for document in self.documents)

    def points(self) -> list[Point]:
        """Moments that all trainings were measured at, in order."""
        names = [f"point {number}" for number in range(len(self.facts[0]["moments"]) - 1)]
        found = []
        for place, name in enumerate([*names, END]):
            making = self.table.making()
            if all(making.measured(row, name) for row in self.rows):
                success = stratified_mean(self.strata(name), np.random.default_rng(0))
                moments = [facts["moments"][place] for facts in self.facts]
                actions, minutes = (
                    float(np.mean([moment[key] for moment in moments]))
                    for key in ("actions", "minutes")
                )
                found.append(Point(actions, minutes, success))
        return found

    def _measured(self, row: Row, name: str) -> dict[str, Any]:
        found = self.table.making().measured(row, name)
        assert found is not None, "only rows that were measured are a variant's"
        return found


def variants(table: ArmTable, rows: Sequence[Row]) -> Mapping[tuple[str, str], Variant]:
    """Variants by task and name, in the order of their rows, of what was measured in the end."""
    grouped: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        if table.making().measured(row, END):
            grouped.setdefault((row.task, row.variant), []).append(row)
    return {key: Variant(table, tuple(group)) for key, group in grouped.items()}


def over_tasks(chosen: Sequence[Variant]) -> Estimate:
    """Mean success of a method over tasks, resampled within each task and training.

    Tasks have the same say: of each as many trainings count as there are of all.
    """
    trainings = min(len(variant.rows) for variant in chosen)
    strata = [each for variant in chosen for each in variant.strata()[:trainings]]
    return stratified_mean(strata, np.random.default_rng(0))


def _successes(document: Mapping[str, Any]) -> Successes:
    return np.array([float(episode["success"]) for episode in document["played"]])
