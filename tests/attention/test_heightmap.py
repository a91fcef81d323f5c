"""Each bad heightmap is refused by one line that says what is wrong with it."""

from __future__ import annotations

import numpy as np
import pytest

from saccade.attention.heightmap import check_heightmap
from saccade.errors import UserInputError

GOOD = np.full((224, 224), 0.05, np.float32)


def with_value(value: float) -> np.ndarray:
    heightmap = GOOD.copy()
    heightmap[10, 20] = value
    return heightmap


@pytest.mark.parametrize(
    ("heightmap", "message"),
    [
        (GOOD.tolist(), "list"),
        (GOOD[None], r"shape \(1, 224, 224\); expected \(224, 224\)"),
        (GOOD[:100], r"shape \(100, 224\); expected \(224, 224\)"),
        (GOOD[:0], r"shape \(0, 224\)"),
        (GOOD.astype(np.uint16), "dtype uint16"),
        (GOOD > 0, "dtype bool"),
        (with_value(np.nan), "1 NaN or infinite"),
        (with_value(np.inf), "1 NaN or infinite"),
        (with_value(-np.inf), "1 NaN or infinite"),
        (np.ma.masked_invalid(with_value(np.nan)), r"masked array.*NaN \(1 values.*filled\(0\)"),
        (GOOD * 1000, "spans 50 to 50; .*millimetres: divide by 1000"),
        (with_value(-700.0), "spans -700 to 0.05"),
    ],
)
def test_refused_with_one_line(heightmap: object, message: str) -> None:
    with pytest.raises(UserInputError, match=message) as caught:
        check_heightmap(heightmap, (224, 224))
    assert "\n" not in str(caught.value)


def test_accepts_metres_of_either_precision_and_any_shape_if_none_is_asked() -> None:
    check_heightmap(GOOD, (224, 224))
    check_heightmap(GOOD[:100].astype(np.float64))
    check_heightmap(with_value(-0.4))


def test_an_empty_map_is_refused_whatever_shape_is_asked() -> None:
    with pytest.raises(UserInputError, match=r"shape \(0, 224\); expected \(rows, columns\)"):
        check_heightmap(GOOD[:0])
