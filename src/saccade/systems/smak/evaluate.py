"""Evaluation: unseen sequences, embedded frame by frame, and how far their moments agree."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import permutations, takewhile
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32, Int

from saccade.data.multi_view.dataset import MultiViewDataset, open_multi_view
from saccade.data.multi_view.sequence import MultiViewSequence
from saccade.left_out import LeftOut, attempt
from saccade.systems.smak.config import POURING
from saccade.systems.smak.embedder import Embedder
from saccade.systems.smak.metrics import alignment_error, kendall_tau
from saccade.systems.smak.source import pouring_sequence
from saccade.training.workers import Workers, map_episodes
from saccade.worlds.pouring import PouringConfig

USUAL = 100
"""Sequences of the pouring world that an evaluation has if nothing else is asked for."""
OTHERS = 10
"""Sequences in which the order of a sequence's neighbours is looked at."""
BOOTSTRAP_SEED = 0


@dataclass(frozen=True)
class Embedded:
    """A sequence as an embedder sees it.

    Attributes:
        name: Name of the sequence.
        vectors: Embeddings of each view.
        phases: Phase of each frame, where they are known.
        attributes: Class of each frame by the attribute's name.
        sequence: The sequence itself, where pictures are made of it.
    """

    name: str
    vectors: tuple[Float32[np.ndarray, "n size"], ...]
    phases: Int[np.ndarray, " n"] | None
    attributes: Mapping[str, Int[np.ndarray, " n"]]
    sequence: MultiViewSequence | None = None

    def __len__(self) -> int:
        return len(self.vectors[0])

    @cached_property
    def alignment_error(self) -> float:
        """Alignment error of view 0 in each other view, the mean of them."""
        first, *others = self.vectors
        return float(np.mean([alignment_error(first, other) for other in others]))

    @cached_property
    def alignment_error_symmetric(self) -> float:
        """Alignment error of each view in each other one, the mean of them."""
        return float(np.mean([alignment_error(a, b) for a, b in permutations(self.vectors, 2)]))


@dataclass(frozen=True)
class TestSource:
    """Where unseen sequences come from.

    Attributes:
        data: Folder, or "pouring" for the pouring world.
        count: Number of sequences, the first ones; None: all of a folder, or 100 of the world.
        seed: Seed of the world.
        pouring: Settings of the world.
    """

    __test__ = False  # no test of pytest's

    data: str
    count: int | None
    seed: int
    pouring: PouringConfig

    @property
    def records(self) -> bool:
        """Whether the pouring world is recorded."""
        return self.data == POURING

    @cached_property
    def dataset(self) -> MultiViewDataset:
        """The folder, opened.

        Raises:
            UserInputError: It has nothing that can be used.
        """
        dataset = open_multi_view(Path(self.data))
        return replace(dataset, sequences=dataset.sequences[: self.count])

    @property
    def left_out(self) -> list[LeftOut]:
        """What a folder has that is of no use."""
        return [] if self.records else list(self.dataset.skipped)

    def __len__(self) -> int:
        return (self.count or USUAL) if self.records else len(self.dataset.sequences)

    def sequences(
        self, workers: Workers | int, stop: Callable[[], bool]
    ) -> Iterator[MultiViewSequence]:
        """The sequences in order, each when it is asked for, until told to stop."""
        if self.records:
            make = partial(_recorded, config=self.pouring, seed=self.seed)
            yield from map_episodes(make, len(self), workers, stop=stop)
        else:
            yield from takewhile(lambda _: not stop(), self.dataset.sequences)

    def describe(self) -> dict[str, Any]:
        """What results.json says of it."""
        if self.records:
            world = {"split": self.pouring.split, "views": self.pouring.views}
            return {"data": POURING, "seed": self.seed, **world}
        return {"data": self.data}


def embed_sequence(embedder: Embedder, sequence: MultiViewSequence, keep: bool) -> Embedded:
    """Embed all frames of all views.

    Args:
        embedder: The embedder.
        sequence: The sequence.
        keep: Whether the sequence is kept beside its embeddings.

    Raises:
        DamagedFileError: A frame cannot be read.
    """
    side = embedder.config.side
    vectors = tuple(embedder(sequence.frames(view, side)) for view in range(len(sequence.views)))
    kept = sequence if keep else None
    return Embedded(sequence.name, vectors, sequence.phases, sequence.attributes, kept)


def embed_all(
    embedder: Embedder,
    source: TestSource,
    workers: Workers | int,
    kept: int,
    stop: Callable[[], bool],
) -> Iterator[Embedded | LeftOut]:
    """Embed the sequences of a source in order; what cannot be read is left out.

    Args:
        embedder: The embedder.
        source: The sequences.
        workers: Workers that record them, or a number of processes.
        kept: Number of sequences, the first ones, that are kept for pictures.
        stop: Callback that is asked between two sequences.
    """
    for number, sequence in enumerate(source.sequences(workers, stop)):
        work = partial(embed_sequence, embedder, sequence, number < kept)
        yield attempt(sequence.name, work)


def order_of_neighbours(embedded: Sequence[Embedded]) -> list[float]:
    """Kendall's tau of each sequence's view 0 in view 1 of others, the mean over the next ones.

    None where there is only one sequence.
    """
    count = len(embedded)
    return [
        float(
            np.mean(
                [
                    kendall_tau(one.vectors[0], embedded[(number + step) % count].vectors[1])
                    for step in range(1, min(OTHERS, count - 1) + 1)
                ]
            )
        )
        for number, one in enumerate(embedded)
        if count > 1
    ]


def _recorded(context: None, index: int, config: PouringConfig, seed: int) -> MultiViewSequence:
    return pouring_sequence(config, seed, index)
