"""Prioritised replay (Schaul et al. 2016) of rows of named arrays, for learning off-policy.

    replay = Replay({"rgb": Column("uint8", (128, 128, 3)), "depth": Column("float16", (128, 128)),
                     "action": Column("float32", (8,)), "reward": Column("float32", ())}, 100_000)
    print(f"{replay.full_bytes / 1e9:.1f} GB")      # 8.2 GB when full, 82 kB a row
    replay.add({"rgb": rgb, "depth": depth, "action": actions, "reward": rewards})  # (n, ...)
    sample = replay.sample(128, np.random.default_rng(0))
    loss = (sample.weights * losses(sample.rows)).mean()
    replay.set_priorities(sample.indices, errors)

Memory is taken as rows come. A cloud as float32 would be 25 GB of such images: keep the depth, and
compute points of what is sampled (`worlds.cameras.points_from_depth`), or keep crops alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from saccade.data.sum_tree import SumTree
from saccade.errors import DamagedFileError, UserInputError

LEAST_PRIORITY = 1e-6
"""What is added to a priority, so that no row is never sampled again."""
_FIRST_ROWS = 256


@dataclass(frozen=True)
class Column:
    """What a row has under one name.

    Attributes:
        dtype: NumPy's name of its type; uint8 for colours and float16 for depths save memory.
        shape: Its shape in one row.
    """

    dtype: str
    shape: tuple[int, ...]

    @property
    def row_bytes(self) -> int:
        """Bytes of one row."""
        return math.prod(self.shape) * np.dtype(self.dtype).itemsize


@dataclass(frozen=True, eq=False)
class Sample:
    """Rows that were drawn.

    Attributes:
        indices: Where they are in the replay (n).
        weights: Importance weights, 1 for the rows of the least chance among them (n).
        rows: Arrays (n, ...) by their names, copies.
    """

    indices: Int[np.ndarray, " n"]
    weights: Float[np.ndarray, " n"]
    rows: dict[str, np.ndarray]


class Replay:
    """The latest rows, drawn in proportion to priority ** exponent.

    A new row has the largest priority that any had so far.

    Args:
        columns: What a row has, by name.
        capacity: Number of rows that are kept; a further one replaces the oldest.
        exponent: Exponent of priorities; 0 draws all rows alike.
        correction: Exponent of importance weights: 1 undoes the unequal chances in the mean.

    Raises:
        UserInputError: A setting is out of range.
    """

    def __init__(
        self,
        columns: Mapping[str, Column],
        capacity: int,
        exponent: float = 0.7,
        correction: float = 0.5,
    ) -> None:
        if capacity < 1 or not columns:
            raise UserInputError(
                f"a replay of {capacity} rows of {len(columns)} columns; expected 1 or more"
            )
        if not (0 <= exponent <= 1 and 0 <= correction <= 1):
            raise UserInputError(
                f"exponent is {exponent} and correction {correction}; expected 0 to 1"
            )
        self.columns, self.capacity = dict(columns), capacity
        self.exponent, self.correction = exponent, correction
        self._arrays = {name: self._room(column, 0) for name, column in columns.items()}
        self._tree = SumTree(capacity)
        self._priorities = np.zeros(capacity)
        self._added = 0
        self._largest = 1.0

    def __len__(self) -> int:
        return min(self._added, self.capacity)

    @property
    def row_bytes(self) -> int:
        """Bytes of a row."""
        return sum(column.row_bytes for column in self.columns.values())

    @property
    def full_bytes(self) -> int:
        """Bytes of all rows once the replay is full."""
        return self.capacity * self.row_bytes

    def add(
        self,
        rows: Mapping[str, np.ndarray],
        priorities: Float[np.ndarray, " n"] | None = None,
    ) -> Int[np.ndarray, " n"]:
        """Add rows, an array (n, ...) a column; returns where they are.

        Raises:
            UserInputError: A column is missing, unknown or of another shape, they are more rows
                than the replay holds, or a priority is negative or NaN.
        """
        n = self._checked_length(rows)
        if priorities is not None:
            _check_priorities(priorities, n)
        indices = (self._added + np.arange(n)) % self.capacity
        self._grow(min(self._added + n, self.capacity))
        for name, array in rows.items():
            self._arrays[name][indices] = array
        self._added += n
        self._put(indices, np.full(n, self._largest) if priorities is None else priorities)
        return indices

    def sample(self, n: int, rng: np.random.Generator, prioritised: bool = True) -> Sample:
        """Draw n rows, with replacement.

        Args:
            n: Number of rows.
            rng: Where all chance comes from.
            prioritised: Whether by priority, one row from each nth of the sum (stratified), or all
                rows alike.

        Raises:
            UserInputError: There are no rows yet, or n is below 1.
        """
        if len(self) == 0 or n < 1:
            raise UserInputError(f"{n} rows asked of a replay of {len(self)}; expected 1 or more")
        if not prioritised:
            indices = rng.integers(len(self), size=n)
            return Sample(indices, np.ones(n, np.float32), self.rows(indices))
        indices = self._tree.find((np.arange(n) + rng.random(n)) * (self._tree.total / n))
        weights = self._tree.values(indices) ** -self.correction
        weights = (weights / weights.max()).astype(np.float32)
        return Sample(indices, weights, self.rows(indices))

    def rows(self, indices: Int[np.ndarray, " n"]) -> dict[str, np.ndarray]:
        """Copies of some rows, an array (n, ...) a column."""
        return {name: array[indices] for name, array in self._arrays.items()}

    def set_priorities(
        self, indices: Int[np.ndarray, " n"], priorities: Float[np.ndarray, " n"]
    ) -> None:
        """Set priorities, such as absolute errors, of rows that were sampled.

        Raises:
            UserInputError: One is negative, NaN or infinite, or there is no such row.
        """
        _check_priorities(priorities, len(indices))
        if len(indices) and not (indices.min() >= 0 and indices.max() < len(self)):
            raise UserInputError(
                f"rows {indices.min()} to {indices.max()} of a replay of {len(self)} rows"
            )
        self._put(indices, priorities)

    def state_dict(self) -> dict[str, Any]:
        """All that going on exactly needs: the rows there are, their priorities, the place."""
        return {
            "rows": {name: array[: len(self)] for name, array in self._arrays.items()},
            "priorities": self._priorities[: len(self)],
            "added": self._added,
            "largest": self._largest,
        }

    def load_state_dict(self, state: Mapping[str, Any], /) -> None:
        """Become what `state_dict` described.

        Raises:
            DamagedFileError: It is the state of another replay.
        """
        try:
            rows, priorities = dict(state["rows"]), np.asarray(state["priorities"], np.float64)
            added, largest = int(state["added"]), float(state["largest"])
            n = min(added, self.capacity)
            for name, column in self.columns.items():
                if rows[name].dtype != column.dtype or rows[name].shape != (n, *column.shape):
                    raise ValueError(f"{name} is {rows[name].dtype} {rows[name].shape}")
            if added < 0 or rows.keys() != self.columns.keys():
                raise ValueError(f"it has {', '.join(rows)} and {added} rows")
            _check_priorities(priorities, n)
        except (AttributeError, KeyError, TypeError, ValueError, UserInputError) as error:
            raise DamagedFileError(f"the state is not that of this replay: {error}") from error
        self._arrays = {name: self._room(c, 0) for name, c in self.columns.items()}
        self._tree = SumTree(self.capacity)
        self._priorities = np.zeros(self.capacity)
        self._added, self._largest = added, largest
        self._grow(n)
        for name, array in rows.items():
            self._arrays[name][:n] = array
        self._put(np.arange(n), priorities)

    def _put(self, indices: np.ndarray, priorities: np.ndarray) -> None:
        self._priorities[indices] = priorities
        self._largest = max(self._largest, float(priorities.max(initial=0)))
        self._tree.set(indices, (self._priorities[indices] + LEAST_PRIORITY) ** self.exponent)

    def _checked_length(self, rows: Mapping[str, np.ndarray]) -> int:
        """Number of rows that were given, after a look at their shapes."""
        if rows.keys() != self.columns.keys():
            raise UserInputError(f"rows have {', '.join(rows)}; expected {', '.join(self.columns)}")
        n = len(next(iter(rows.values())))
        for name, column in self.columns.items():
            if rows[name].shape != (n, *column.shape):
                raise UserInputError(
                    f"{name} has shape {rows[name].shape}; expected {(n, *column.shape)}"
                )
        if n > self.capacity:
            raise UserInputError(f"{n} rows added to a replay of {self.capacity}; expected fewer")
        return n

    def _grow(self, rows: int) -> None:
        """Make room for rows, twice as much as before where it does not suffice."""
        there = len(next(iter(self._arrays.values())))
        if rows <= there:
            return
        room = min(max(2 * there, rows, _FIRST_ROWS), self.capacity)
        for name, column in self.columns.items():
            larger = self._room(column, room)
            larger[:there] = self._arrays[name]
            self._arrays[name] = larger

    @staticmethod
    def _room(column: Column, rows: int) -> np.ndarray:
        return np.empty((rows, *column.shape), column.dtype)


def _check_priorities(priorities: np.ndarray, n: int) -> None:
    if priorities.shape != (n,):
        raise UserInputError(f"priorities have shape {priorities.shape}; expected ({n},)")
    if not (np.isfinite(priorities) & (priorities >= 0)).all():
        raise UserInputError("a priority is negative, NaN or infinite; expected 0 or more")
