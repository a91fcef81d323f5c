"""KTH as RATM and HART were trained and tested on it (Kahou et al., 2017; Kosiorek et al., 2017).

One subject is the test, one of the others, drawn by chance, chooses the model, the other 23 train;
25 such splits are the whole experiment. Training clips have between 5 and T frames, T from 5 to 30
(`RATM_CURRICULUM`); the test is on whole sequences.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from saccade.checks import choice
from saccade.data.tracking.sequence import TrackingSequence
from saccade.errors import UserInputError

MIN_LENGTH = 5


class SubjectSplit(NamedTuple):
    """The sequences of disjoint subjects."""

    train: list[TrackingSequence]
    validation: list[TrackingSequence]
    test: list[TrackingSequence]


def subjects(sequences: Sequence[TrackingSequence]) -> list[str]:
    """The subjects, "person01" to "person25" in all of KTH."""
    return sorted({sequence.group for sequence in sequences})


def sequences_of(sequences: Sequence[TrackingSequence], subject: str) -> list[TrackingSequence]:
    """The sequences of one subject; "": of the last one.

    Raises:
        UserInputError: The subject is not among the sequences.
    """
    everybody = subjects(sequences)
    chosen = subject or (everybody[-1] if everybody else "")
    choice("subject", chosen, everybody)
    return [sequence for sequence in sequences if sequence.group == chosen]


def leave_one_subject_out(
    sequences: Sequence[TrackingSequence], test_subject: str, rng: np.random.Generator
) -> SubjectSplit:
    """The split whose test is one subject; "": the last one.

    Raises:
        UserInputError: The subject is not among the sequences, or fewer than three are.
    """
    everybody = subjects(sequences)
    test = sequences_of(sequences, test_subject)
    if len(everybody) < 3:
        raise UserInputError(
            f"there are {len(everybody)} subjects; expected 3 or more (train, validation, test)"
        )
    chosen = str(rng.choice([name for name in everybody if name != test[0].group]))
    return SubjectSplit(
        [s for s in sequences if s.group not in (test[0].group, chosen)],
        [s for s in sequences if s.group == chosen],
        test,
    )


def random_clip(
    sequence: TrackingSequence,
    max_length: int,
    rng: np.random.Generator,
    min_length: int = MIN_LENGTH,
) -> TrackingSequence:
    """A clip of `min_length` to `max_length` frames, length and place drawn evenly.

    Raises:
        UserInputError: The sequence or `max_length` is shorter than `min_length`.
    """
    longest = min(max_length, len(sequence))
    if not 0 < min_length <= longest:
        raise UserInputError(
            f"clips of {min_length} to {max_length} frames from {sequence.name}, which has "
            f"{len(sequence)}; expected 0 < min_length <= both"
        )
    length = int(rng.integers(min_length, longest, endpoint=True))
    start = int(rng.integers(0, len(sequence) - length, endpoint=True))
    return sequence.clip(start, start + length)
