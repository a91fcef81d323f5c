"""Recorded sequences: their form, their chance, and that what happens is to be seen."""

from functools import cache

import numpy as np
import pytest

from saccade.worlds.pouring import (
    ATTRIBUTES,
    PHASES,
    PouringConfig,
    PouringSequence,
    record_sequence,
)
from saccade.worlds.pouring.sensor import exposed

SMALL = {"height": 32, "width": 40, "frames": (27, 27)}


@cache
def recorded(seed: int = 0, **settings) -> PouringSequence:
    """A small sequence."""
    return record_sequence(PouringConfig(**{**SMALL, **settings}), seed)


def test_a_sequence_has_frames_and_labels_of_one_length() -> None:
    made = recorded()
    assert len(made) == 27
    assert [view.shape for view in made.frames] == [(27, 32, 40, 3)] * 2
    assert made.phases.dtype == np.int64
    assert set(made.phases) == set(range(len(PHASES)))
    assert made.attributes.keys() == ATTRIBUTES.keys()
    assert {len(values) for values in (*made.attributes.values(), *made.states.values())} == {27}


def test_the_same_seed_gives_the_same_sequence_and_another_gives_another() -> None:
    again = record_sequence(PouringConfig(**SMALL), 0)
    for one, other in zip(recorded().frames, again.frames, strict=True):
        assert (one == other).all()
    assert (recorded(1).frames[0] != recorded().frames[0]).any()
    assert (recorded(split="test").frames[0] != recorded().frames[0]).any()


def test_more_views_leave_the_others_as_they_are() -> None:
    three, two = recorded(views=3), recorded()
    for one, other in zip(three.frames, two.frames, strict=False):
        assert (one == other).all()
    assert (three.phases == two.phases).all()
    assert np.abs(three.frames[2].astype(int) - three.frames[1]).mean() > 5


def test_a_failure_begins_as_the_success_does() -> None:
    poured, spilled = recorded(), recorded(outcome="spilled")
    before = int(np.argmax(poured.phases >= PHASES.index("move")))
    assert (spilled.phases == poured.phases).all()
    assert spilled.states["volumes"][-1, 1] == 0
    assert spilled.states["hand"][:before] == pytest.approx(poured.states["hand"][:before])


def test_the_camera_changes_exposure_but_little() -> None:
    grey = np.full((5, 8, 8, 3), 128, np.uint8)
    views = [exposed(np.random.default_rng(seed), grey) for seed in range(20)]
    means = np.array([view.mean() for view in views])
    assert 5 < means.std() < 40
    assert np.abs(means.mean() - 128) < 15
    assert all(view[0].std() < 25 for view in views)
