from __future__ import annotations

import pytest

from saccade.wording import counted


@pytest.mark.parametrize(
    ("number", "one", "several", "says"),
    [
        (1, "thread", "", "1 thread"),
        (0, "thread", "", "0 threads"),
        (2, "process", "", "2 processes"),
        (30_000, "push", "", "30,000 pushes"),
        (1, "push", "", "1 push"),
        (2, "child", "children", "2 children"),
    ],
)
def test_one_is_singular(number: int, one: str, several: str, says: str) -> None:
    assert counted(number, one, several) == says
