"""Recorded episodes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from saccade.errors import UserInputError
from saccade.worlds.push_one import PushOneConfig
from saccade.worlds.push_one.record import Recorder


@pytest.fixture(name="recorder", scope="module")
def recorder_fixture() -> Iterator[Recorder]:
    recorder = Recorder(PushOneConfig(side=32), views=2)
    try:
        recorder.env.reset(seed=0)
        recorder.env.picture()
    except UserInputError:
        pytest.skip("no GL on this machine")
    yield recorder
    recorder.close()


def test_a_success_progresses_to_1(recorder: Recorder) -> None:
    sequence = recorder.expert(0)
    assert sequence.success and sequence.progress[[0, -1]] == pytest.approx([0, 1])
    assert len(sequence.frames) == 2
    # It reaches, then pushes, then it is done, once.
    assert (np.diff(sequence.phases) >= 0).all() and set(sequence.phases) == {0, 1, 2}
    assert (sequence.phases == 2).sum() == 1
    for frames in sequence.frames:
        assert frames.shape == (len(sequence), 32, 32, 3) and frames.dtype == np.uint8
        assert (frames[0] != frames[-1]).any()


def test_the_seed_decides_everything(recorder: Recorder) -> None:
    first, again, other = (recorder.expert(seed, "stops") for seed in (5, 5, 6))
    assert not first.success
    assert np.array_equal(first.progress, again.progress)
    assert all(np.array_equal(a, b) for a, b in zip(first.frames, again.frames, strict=True))
    assert not np.array_equal(first.frames[0][0], other.frames[0][0])


def test_somebody_elses_episode(recorder: Recorder) -> None:
    sequence = recorder.policy(0, lambda observation: -np.sign(observation[:2]))
    assert not sequence.success and len(sequence) == 61
