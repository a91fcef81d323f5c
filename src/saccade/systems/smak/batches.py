"""Batches of time-supervised pairs: the same moment of a demonstration, seen from two sides.

The other moments of the batch are the negatives. Nothing here knows what a frame shows: only when
it was taken, and by which camera.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from jaxtyping import Float64, Int64, UInt8

from saccade.checks import MOST_BATCH, check_choice, check_least, check_sizes
from saccade.errors import UserInputError
from saccade.wording import counted

Times = Literal["stratified", "uniform"]
TIMES: tuple[Times, ...] = get_args(Times)
LONGEST_WINDOW = 10**6
"""Longest window [frames]."""

Rows = Int64[np.ndarray, " n"]


@dataclass(frozen=True)
class BatchConfig:
    """How the pairs of a gradient step are drawn.

    Attributes:
        pairs: Number of pairs of frames in a step, all sequences together.
        sequences: Number of sequences that they are of, each with as many moments; the papers have
            one.
        times: Moments of a sequence: "stratified", one from each of equal parts, or "uniform" (the
            papers').
        window: Longest stretch of a sequence that its moments are of [frames]; 0: all of it.
        shuffled: Whether chance says, pair by pair, which view the anchor is of (the papers'
            way); else anchors are of the view with the lower number.
        across: Whether moments of the other sequences are negatives too. Two demonstrations have
            moments alike, which are then pushed apart.
    """

    pairs: int = 32
    sequences: int = 2
    times: Times = "stratified"
    window: int = 0
    shuffled: bool = False
    across: bool = False

    def __post_init__(self) -> None:
        check_sizes(self, "pairs", "sequences", prefix="batch.", most=MOST_BATCH)
        check_choice("batch.times", self.times, TIMES)
        check_least(self, {"window": 0}, prefix="batch.")
        if self.pairs % self.sequences or self.moments < 2:
            raise UserInputError(
                f"batch.pairs is {self.pairs} and batch.sequences {self.sequences}; expected two "
                "or more pairs of each sequence, of all the same number"
            )
        if self.window and not self.moments <= self.window <= LONGEST_WINDOW:
            raise UserInputError(
                f"batch.window is {self.window}; expected 0 or {self.moments} (the moments of a "
                f"sequence) to {LONGEST_WINDOW:,}"
            )

    @property
    def moments(self) -> int:
        """Moments of each sequence of a step."""
        return self.pairs // self.sequences

    @property
    def candidates(self) -> int:
        """Number of positives among which an anchor has to find its own (N)."""
        return self.pairs if self.across else self.moments


@dataclass(frozen=True)
class Pairs:
    """n pairs of frames, sequence by sequence and in order of time.

    Attributes:
        anchors: Frames of one view, each with the `frames - 1` before it.
        positives: Frames of another view at the same times.
        sequences: Number of the sequence that each pair is of.
        times: Time of each pair, 0 at the first frame of its sequence to 1 at the last.
    """

    anchors: UInt8[np.ndarray, "n frames h w 3"]
    positives: UInt8[np.ndarray, "n frames h w 3"]
    sequences: Rows
    times: Float64[np.ndarray, " n"]

    @property
    def name(self) -> str:
        """Words that find the batch again."""
        return f"sequences {list(dict.fromkeys(self.sequences.tolist()))}"


@dataclass(frozen=True)
class PairSource:
    """Sequences that pairs are drawn from.

    Attributes:
        views: Frames of each view (N, h, w, 3), sequence after sequence.
        starts: Frames that the sequences begin with, and N at the end (S + 1).
        usable: Numbers of the sequences that are drawn.
        frames: Number of frames that are embedded together.
        frame_step: Number of frames from one of them to the next.
    """

    views: Sequence[UInt8[np.ndarray, "n h w 3"]]
    starts: Int64[np.ndarray, " bounds"]
    usable: Int64[np.ndarray, " usable"]
    frames: int = 1
    frame_step: int = 1

    def draw(self, config: BatchConfig, rng: np.random.Generator) -> Pairs:
        """Pairs of a step; sequences come twice only where there are too few.

        Raises:
            UserInputError: A sequence has fewer frames than moments are drawn of it.
        """
        few = len(self.usable) < config.sequences
        chosen = rng.choice(self.usable, config.sequences, replace=few)
        rows, times, sides = [], [], []
        for sequence in chosen:
            start, stop = int(self.starts[sequence]), int(self.starts[sequence + 1])
            moments = draw_moments(stop - start, config, rng)
            rows.append(stacked_rows(moments, self.frames, self.frame_step) + start)
            times.append(moments / max(1, stop - start - 1))
            sides.append(draw_views(len(self.views), config, rng))
        anchor, positive = np.concatenate(sides).T
        found = np.concatenate(rows)
        return Pairs(
            self._frames(found, anchor),
            self._frames(found, positive),
            np.repeat(chosen, config.moments),
            np.concatenate(times),
        )

    def _frames(
        self, rows: Int64[np.ndarray, "n frames"], views: Rows
    ) -> UInt8[np.ndarray, "n frames h w 3"]:
        """Frames of the rows, each from the view of its number."""
        height, width, colours = self.views[0].shape[1:]
        found = np.empty((*rows.shape, height, width, colours), np.uint8)
        for view in np.unique(views):
            of_it = views == view
            found[of_it] = self.views[view][rows[of_it]]
        return found


def draw_moments(length: int, config: BatchConfig, rng: np.random.Generator) -> Rows:
    """Different moments of a sequence of so many frames, in order of time.

    Raises:
        UserInputError: It has fewer frames.
    """
    count = config.moments
    if length < count:
        raise UserInputError(
            f"a sequence has {counted(length, 'frame')}; expected {count} or more, the moments "
            "that batch.pairs draws of each of batch.sequences"
        )
    window = min(config.window or length, length)
    first = int(rng.integers(length - window + 1))
    if config.times == "uniform":
        return first + np.sort(rng.choice(window, count, replace=False)).astype(np.int64)
    # Parts of whole frames, so that no moment comes twice.
    edges = np.arange(count + 1) * window // count
    return first + rng.integers(edges[:-1], edges[1:])


def draw_views(
    views: int, config: BatchConfig, rng: np.random.Generator
) -> Int64[np.ndarray, "moments 2"]:
    """Views of the anchor and of the positive of each moment of a sequence."""
    two = np.sort(rng.choice(views, 2, replace=False)).astype(np.int64)
    pairs = np.tile(two, (config.moments, 1))
    if config.shuffled:
        turned = rng.random(config.moments) < 0.5
        pairs[turned] = pairs[turned, ::-1]
    return pairs


def stacked_rows(moments: Rows, frames: int, frame_step: int) -> Int64[np.ndarray, "n frames"]:
    """Frames that are embedded together for each moment, itself the last; none before the first."""
    back = np.arange(frames - 1, -1, -1) * frame_step
    return np.maximum(moments[:, None] - back, 0)
