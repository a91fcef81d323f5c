"""Hostile pickles: nothing in them is called, whatever they ask for."""

from __future__ import annotations

import io
import os
import pickle
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from limits import in_memory, in_time
from saccade.data.inert_pickle import PickledObject, read_pickle
from saccade.data.pickled_arrays import ARRAY_NAMES, as_array
from saccade.errors import DamagedFileError

NAMES = frozenset(("rlbench.demo.Demo", *ARRAY_NAMES))


def inert(tmp_path: Path, data: bytes) -> Any:
    path = tmp_path / "a.pkl"
    path.write_bytes(data)
    with in_memory(100 << 20), in_time(5):
        return read_pickle(path, NAMES)


@pytest.mark.parametrize("protocol", range(2, 6))
@pytest.mark.parametrize(
    "value",
    [
        None, True, 0, -5, 255, 70_000, -(2**40), 2**70, 1.5, -1e300, "", "Müller", "a" * 300,
        b"", b"\x00\xff" * 200, (), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), [], [1], [1, [2, "x"]],
        {}, {"a": 1}, {"a": {"b": [1.5, None]}, 3: ()}, list(range(2500)),
    ],
)  # fmt: skip
def test_plain_values_are_what_pickle_says(tmp_path: Path, value: Any, protocol: int) -> None:
    if isinstance(value, bytes) and protocol == 2:
        return  # written as a call of _codecs.encode
    assert inert(tmp_path, pickle.dumps(value, protocol)) == value


def test_what_is_shared_stays_shared(tmp_path: Path) -> None:
    row = [1]
    read = inert(tmp_path, pickle.dumps({"a": row, "b": [row, row]}))
    assert read["a"] is read["b"][0] is read["b"][1]


@pytest.mark.parametrize("protocol", range(2, 6))
@pytest.mark.parametrize(
    "array",
    [
        np.arange(6.0).reshape(2, 3),
        np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3)),
        np.arange(4, dtype=">i4"),
        np.array([True, False]),
        np.array(3, np.uint8),
        np.float64(2.5),
        np.int64(-7),
        np.zeros((0, 3)),
        np.arange(8, dtype=np.float16)[::2],
    ],
)
def test_arrays_are_what_numpy_says(tmp_path: Path, array: Any, protocol: int) -> None:
    read = as_array(inert(tmp_path, pickle.dumps(array, protocol)))
    assert read.dtype == array.dtype and read.shape == np.shape(array)
    np.testing.assert_array_equal(read, array)


class Calls:
    """A pickle of it calls a function, if it is loaded."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self.function, self.arguments = function, arguments

    def __reduce__(self) -> tuple[Any, ...]:
        return self.function, self.arguments


@pytest.mark.parametrize(
    ("called", "named"),
    [
        (lambda file: Calls(os.system, f"touch {file}"), "posix.system"),
        (lambda file: Calls(eval, f"open({str(file)!r}, 'w')"), "eval"),
        (lambda _: Calls(getattr, os, "system"), "getattr"),
        (lambda file: Calls(open, str(file), "w"), "open"),
        (lambda file: Calls(partial, os.mkdir, str(file)), "functools.partial"),
        (lambda file: Calls(np.save, str(file), 1), "numpy"),
        (lambda _: Calls(memoryview, bytearray(10)), "memoryview"),
        (lambda _: Calls(bytearray, 1 << 40), "bytearray"),
        (lambda file: [1, {"misc": Calls(os.mkdir, str(file))}], "posix.mkdir"),
    ],
)
def test_what_calls_something_is_refused_and_not_called(
    tmp_path: Path, called: Callable[[Path], Any], named: str
) -> None:
    file = tmp_path / "called"
    for protocol in range(2, 6):
        try:
            data = pickle.dumps(called(file), protocol)
        except TypeError:  # a module cannot be pickled, and getattr's chain begins with one
            data = b"c" + b"builtins\ngetattr\n(cos\nsystem\ntR."
        with pytest.raises(DamagedFileError, match=named) as caught:
            inert(tmp_path, data)
        assert not file.exists()
        message = str(caught.value)
        assert "it looks up" in message and "rlbench.demo.Demo" in message and "\n" not in message


def test_allowed_names_are_not_called_either(tmp_path: Path) -> None:
    call = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I1000000000000\ntC\x01btR."
    read = inert(tmp_path, call)
    assert isinstance(read, PickledObject) and read.arguments[1] == (10**12,)
    with pytest.raises(ValueError):
        as_array(read)


def built(shape: bytes, dtype: bytes, raw: bytes) -> bytes:
    """A pickle of an array with these in its state."""
    made = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntC\x01btR"
    return made + b"(I1\n" + shape + dtype + b"I00\n" + raw + b"tb."


F8 = b"cnumpy\ndtype\n(X\x02\x00\x00\x00f8tR"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (built(b"(I100000000000\nt", F8, b"C\x08" + bytes(8)), "has 8 bytes"),
        (built(b"(I-1\nt", F8, b"C\x08" + bytes(8)), "has shape"),
        (built(b"(" + b"I1000000\n" * 9 + b"t", F8, b"C\x08" + bytes(8)), "has shape"),
        (built(b"(I1" + b"0" * 40 + b"\nt", F8, b"C\x08" + bytes(8)), "has shape"),
        (built(b"N", F8, b"C\x08" + bytes(8)), "has shape"),
        (built(b"(I1\nt", b"cnumpy\ndtype\n(X\x02\x00\x00\x00O8tR", b"](K\x01e"), "type 'O8'"),
        (built(b"(I1\nt", b"cnumpy\ndtype\n(X\x03\x00\x00\x00V99tR", b"C\x00"), "type 'V99'"),
        (built(b"(I1\nt", b"N", b"C\x08" + bytes(8)), "type None"),
        (built(b"(I1\nt", F8, b"](K\x01e"), "a list where its bytes should be"),
        (built(b"(I1\nt", F8, F8), "a PickledObject where its bytes should be"),
        (b"cnumpy\nndarray\n)R.", "numpy.ndarray is no array"),
        (b"cnumpy.core.multiarray\nscalar\n)R.", "not enough values"),
        (b"cnumpy.core.multiarray\n_reconstruct\n)R.", "has other parts than an array"),
        (b"]K\x01a.", "a list is no array"),
    ],
)
def test_an_array_is_made_of_bytes_that_are_there(
    tmp_path: Path, data: bytes, message: str
) -> None:
    read = inert(tmp_path, data)
    with in_memory(100 << 20), pytest.raises(ValueError, match=message):
        as_array(read)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "exhausted"),
        (b"N", "exhausted"),
        (b"\x80\x09N.", "protocol 9"),
        (
            b"\x80\x05\x8e" + (1 << 60).to_bytes(8, "little") + b"abc.",
            "expected 1152921504606846976",
        ),
        (b"\x80\x05\x96" + (1 << 40).to_bytes(8, "little") + b"abc.", "expected 1099511627776"),
        (b"B\xff\xff\xff\x7fabc.", "expected 2147483647"),
        (b"Nr\xff\xff\xff\xff.", None),  # a memo of four thousand million places
        (b"\x97.", "instruction NEXT_BUFFER"),
        (b"N\x98.", "instruction READONLY_BUFFER"),
        (b"Pan\n.", "instruction PERSID"),
        (b"NQ.", "instruction BINPERSID"),
        (b"\x82\x01.", "instruction EXT1"),
        (b"(ios\nsystem\n.", "instruction INST"),
        (b"(cnumpy\nndarray\no.", "instruction OBJ"),
        (b"\x8f.", "instruction EMPTY_SET"),
        (b"cnumpy\nndarray\n)}\x92.", "instruction NEWOBJ_EX"),
        (b"N)R.", "it calls what is no name"),
        (b"cnumpy\nndarray\nNR.", "it calls what is no name"),
        (b"cnumpy\nndarray\n}b.", "state of what is no object"),
        (b"]}b.", "state of what is no object"),
        (b"}](K\x01eK\x01s.", "key that is neither text nor a number"),
        (b"})K\x01s.", "key that is neither text nor a number"),
        (b"NK\x01a.", "appends to what is no list"),
        (b"NK\x01K\x01s.", "sets items of what is no dict"),
        (b"}(K\x01u.", "a key of a dict has no value"),
        (b"h\x05.", "5"),
        (b"t.", "pop from empty list"),
        (b"(K\x01K\x02K\x03d.", "a key of a dict has no value"),
        (b"K\x01\x86.", "lacks items"),
        (b"]]\x93.", "looks up what is no name"),
        (b"I" + b"9" * 5000 + b"\n.", "limit"),
        (b"(" + b"N" * 60_000 + b"t.", "more than 50,000 instructions"),
        (b"]" * 20_000 + b"a" * 19_999, "exhausted"),
    ],
)
def test_what_is_no_pickle_of_plain_data_is_refused(
    tmp_path: Path, data: bytes, message: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("saccade.data.inert_pickle.MOST_INSTRUCTIONS", 50_000)
    if message is None:
        assert inert(tmp_path, data) is None
        return
    with pytest.raises(DamagedFileError, match=message) as caught:
        inert(tmp_path, data)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 1500


def test_deep_nesting_is_no_danger(tmp_path: Path) -> None:
    deep = inert(tmp_path, b")" + b"\x85" * 50_000 + b".")
    with pytest.raises(ValueError):
        as_array(deep)
    named = b"]" * 20_000 + b"a" * 19_999
    with pytest.raises(DamagedFileError, match="what is no name"):
        inert(tmp_path, named + b"X\x01\x00\x00\x00a\x93.")
    with pytest.raises(DamagedFileError, match="a key"):
        inert(tmp_path, b"})" + b"\x85" * 50_000 + b"Ns.")


def test_a_laugh_a_billion_times_is_one_object(tmp_path: Path) -> None:
    file = io.BytesIO()
    file.write(b"]q\x00")
    for level in range(60):
        file.write(b"](" + bytes([ord("h"), level]) * 10 + b"eq" + bytes([level + 1]))
    read = inert(tmp_path, file.getvalue() + b".")
    assert len(read) == 10 and read[0] is read[9]


def test_a_file_that_is_too_large_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("saccade.data.inert_pickle.MOST_BYTES", 3)
    with pytest.raises(DamagedFileError, match="has 4 bytes; expected at most 3"):
        inert(tmp_path, b"NNN.")
