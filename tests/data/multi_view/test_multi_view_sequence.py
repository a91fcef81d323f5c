from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from multi_view_scenes import a_sequence, pictures
from saccade.data.multi_view import sequence as module
from saccade.data.multi_view.sequence import MultiViewSequence, check_labels, squared
from saccade.data.tracking.frames import ArrayFrames
from saccade.errors import UserInputError


def test_frames_of_a_view_are_decoded_when_asked_for() -> None:
    sequence = a_sequence(n=5, views=3)
    assert len(sequence) == 5
    for view in range(3):
        np.testing.assert_array_equal(sequence.frames(view), pictures(5, view))
    assert list(sequence.labels) == ["phase", *sequence.attributes]
    with pytest.raises(UserInputError, match="no view 3; valid are 0 to 2"):
        sequence.frames(3)


def test_pictures_are_resized_one_by_one() -> None:
    images = pictures(4, height=20, width=48)
    sequence = MultiViewSequence("a", (ArrayFrames(images), ArrayFrames(images)))
    small = sequence.frames(0, side=10)
    assert small.shape == (4, 10, 10, 3)
    np.testing.assert_array_equal(small[2], squared(images[2], 10))


def test_a_smaller_picture_is_the_mean_of_what_it_covers() -> None:
    image = np.random.default_rng(1).integers(0, 256, (8, 12, 3)).astype(np.uint8)
    means = image.reshape(4, 2, 4, 3, 3).mean(axis=(1, 3))
    assert np.abs(squared(image, 4) - means).max() <= 0.5 + 1e-9
    assert squared(image, 30).shape == (30, 30, 3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: replace(s, views=s.views[:1]), "1 view; expected two or more"),
        (lambda s: replace(s, views=(s.views[0], ArrayFrames(pictures(3)))), "of 6, 3 frames"),
        (
            lambda s: replace(s, phases=np.zeros(5, int), attributes={}),
            "phase of pour_0 .*6 frames",
        ),
        (lambda s: replace(s, attributes={"a": np.full(6, -1)}), "a of pour_0 .* -1 to -1"),
        (lambda s: replace(s, attributes={"a": np.full(6, 1000)}), "expected 0 to 999"),
    ],
)
def test_what_does_not_fit_together_is_refused(
    change: Callable[[MultiViewSequence], MultiViewSequence], message: str
) -> None:
    with pytest.raises(UserInputError, match=message):
        change(a_sequence())


def test_labels_are_whole_numbers() -> None:
    with pytest.raises(UserInputError, match="phases has type float64 and shape"):
        check_labels("phases", np.zeros(6), 6)
    with pytest.raises(UserInputError, match="expected whole numbers, one for each of 6 frames"):
        check_labels("phases", np.zeros((6, 1), int), 6)


def test_a_view_that_no_memory_holds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 6 * 32 * 32 * 3 - 1)
    with pytest.raises(UserInputError, match="18,432 bytes; .*ask for a smaller side"):
        a_sequence().frames(0)
    assert a_sequence().frames(0, side=16).shape == (6, 16, 16, 3)
