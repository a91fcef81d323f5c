from __future__ import annotations

import numpy as np
import pytest

from saccade.errors import UserInputError
from saccade.viewing.montage import draw_caption, one_below_another, side_by_side, text_tile


def plain(rows: int, cols: int, colour: tuple[int, int, int]) -> np.ndarray:
    return np.full((rows, cols, 3), colour, np.uint8)


def test_pictures_stand_in_order_with_white_between_them():
    row = side_by_side([plain(20, 30, (255, 0, 0)), plain(20, 10, (0, 0, 255))], gap=5)
    assert row.shape == (20, 45, 3)
    assert (row[:, :30] == (255, 0, 0)).all()
    assert (row[:, 30:35] == 255).all()
    assert (row[:, 35:] == (0, 0, 255)).all()


def test_pictures_are_brought_to_the_tallest_height_in_proportion():
    row = side_by_side([plain(10, 20, (9, 9, 9)), plain(40, 5, (80, 80, 80))], gap=0)
    assert row.shape == (40, 80 + 5, 3)


def test_pictures_stand_below_one_another_at_the_left():
    column = one_below_another([plain(4, 30, (255, 0, 0)), plain(6, 10, (0, 0, 255))], gap=5)
    assert column.shape == (4 + 5 + 6, 30, 3)
    assert (column[:4] == (255, 0, 0)).all()
    assert (column[9:, :10] == (0, 0, 255)).all()
    assert (column[4:9] == 255).all() and (column[9:, 10:] == 255).all()
    with pytest.raises(UserInputError, match="no picture"):
        one_below_another([])


def test_captions_add_a_strip_with_ink_and_leave_the_pictures_whole():
    image = plain(50, 200, (10, 200, 10))
    row = side_by_side([image, image], ["depth", "chosen push: a caption that needs two lines"])
    np.testing.assert_array_equal(row[-50:, :200], image)
    np.testing.assert_array_equal(row[-50:, -200:], image)
    strip = row[:-50]
    assert (strip[:, :200].min(axis=2) < 100).any()
    assert (strip[:, 200:212] == 255).all()


def test_a_caption_has_every_letter_of_the_text():
    def ink(text: str) -> np.ndarray:
        return draw_caption(plain(4, 60, (255, 255, 255)), text)

    # A letter that the font lacks would be drawn as the same empty box as any other.
    letters = "\N{RIGHTWARDS ARROW}\N{DEGREE SIGN}\N{PLUS-MINUS SIGN}\N{GREEK SMALL LETTER GAMMA}"
    drawn = {ink(letter).tobytes() for letter in [*letters, "\ue000"]}
    assert len(drawn) == len(letters) + 1


@pytest.mark.parametrize("text", ["", "short", "a text so long that it needs many lines " * 3])
def test_a_fixed_number_of_lines_gives_a_fixed_size(text):
    assert draw_caption(plain(40, 150, (0, 0, 0)), text, n_lines=2).shape == (40 + 6 + 40, 150, 3)


@pytest.mark.parametrize(
    ("images", "captions"), [([], []), ([plain(4, 4, (0, 0, 0))], ["one", "two"])]
)
def test_missing_pictures_or_captions_are_named(images, captions):
    with pytest.raises(UserInputError, match=f"{len(images)} pictures and {len(captions)}"):
        side_by_side(images, captions)


def test_a_tile_of_text_is_as_wide_as_its_text_and_kept():
    short, long = text_tile("0.5"), text_tile("lost 0.5", 15, (1, 2, 3), (9, 8, 7))
    assert short.shape[0] == long.shape[0] and short.shape[1] < long.shape[1]
    np.testing.assert_array_equal(long[0, 0], [9, 8, 7])
    assert text_tile("0.5") is short and not short.flags.writeable
