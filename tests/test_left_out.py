"""What is left out of many."""

from __future__ import annotations

import pickle

import pytest

from saccade.errors import DamagedFileError, StorageError, UserInputError
from saccade.left_out import LISTED, LeftOut, attempt, divide, listed, nothing_left, require_all


def refuse(error: Exception) -> int:
    raise error


def left_out(n: int) -> list[LeftOut]:
    return [LeftOut(f"n{i}", DamagedFileError(f"reason {i}")) for i in range(n)]


def test_users_mistakes_are_left_out_and_others_are_not():
    assert attempt("a", lambda: 3) == 3
    one = attempt("a", lambda: refuse(DamagedFileError("torn")))
    assert isinstance(one, LeftOut) and (one.name, one.reason) == ("a", "torn")
    for error in (StorageError("full"), RuntimeError("bug")):
        with pytest.raises(type(error)):
            attempt("a", lambda error=error: refuse(error))


def test_it_goes_to_another_process():
    one = pickle.loads(pickle.dumps(left_out(1)[0]))
    assert (one.name, one.reason, type(one.error)) == ("n0", "reason 0", DamagedFileError)


def test_what_can_be_used_is_divided_from_what_cannot():
    bad = left_out(2)
    assert divide([1, bad[0], 2, bad[1]]) == ([1, 2], bad)
    assert require_all([1, 2]) == [1, 2]
    with pytest.raises(DamagedFileError, match="reason 0"):
        require_all([1, *bad])


def test_where_nothing_is_left_one_line_says_why():
    assert str(nothing_left(left_out(1), "clip")) == "reason 0"
    two = nothing_left(left_out(2), "clip")
    assert isinstance(two, UserInputError)
    assert str(two) == "none of 2 clips is left; n0: reason 0; n1: reason 1"
    assert str(nothing_left(left_out(7), "clip")).endswith("n4: reason 4; and 2 more")


def test_a_terminal_lists_each_up_to_a_limit():
    assert listed(left_out(1)) == ["left out: n0: reason 0"]
    many = listed(left_out(LISTED + 4))
    assert len(many) == LISTED + 1 and many[-1] == "left out: 4 more"
