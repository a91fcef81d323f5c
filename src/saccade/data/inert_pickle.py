"""Pickles of plain objects, read as data: nothing in them is imported, made or called.

A pickle is a program for a small stack machine. This one runs the instructions that build numbers,
texts, bytes, lists, tuples and dicts; where a pickle would look up a name, the name is noted, and
where it would call something, a `PickledObject` says so. Names outside of a given list are refused.

    demo = read_pickle(path, {"rlbench.demo.Demo", ..., *ARRAY_NAMES})
    first = demo.state["_observations"][0]              # what would be an object: name, state
    as_array(first.state["gripper_pose"])               # of saccade.data.pickled_arrays
"""

from __future__ import annotations

import pickletools
import struct
import warnings
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from reprlib import repr as brief
from typing import Any

from saccade.errors import DamagedFileError
from saccade.storage.files import require_file

MOST_BYTES = 128 << 20
"""Most bytes of a file: a thousand times what an episode of RLBench takes."""
MOST_INSTRUCTIONS = 1_000_000
"""Most instructions of a file: those of 4,000 observations."""
NEWEST_PROTOCOL = 5
LARGEST_KEY = 1 << 60
"""Largest whole number that is the key of a dict: larger ones could be made to collide."""

_VALUES = (
    "INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT", "UNICODE",
    "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8",
    "BYTEARRAY8",
)  # fmt: skip
"""Instructions that push what stands behind them."""
_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_UNREADABLE = (
    ValueError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    MemoryError,
    struct.error,
)
"""Errors of bytes that are no pickle."""


class Name(str):
    """A name that a pickle looks up, with its module: "numpy.ndarray"."""

    __slots__ = ()


class PickledObject:
    """An object that a pickle would have made, by calling a name.

    Attributes:
        name: What would have been called.
        arguments: What it would have been given.
        state: What would have been set on the result; None if nothing.
    """

    __slots__ = ("arguments", "name", "state")

    def __init__(self, name: str, arguments: tuple[Any, ...]) -> None:
        self.name = name
        self.arguments = arguments
        self.state: Any = None


def read_pickle(path: Path, names: Collection[str]) -> Any:
    """What a pickle holds, its objects as `PickledObject`.

    Args:
        path: The file.
        names: Names that it may look up.

    Raises:
        DamagedFileError: It is missing, too large, no pickle, or looks up another name.
    """
    require_file(path, MOST_BYTES)
    try:
        with warnings.catch_warnings(action="ignore"):  # of texts with odd escapes
            return _Machine(names).run(path.read_bytes())
    except OSError as error:
        raise DamagedFileError(f"cannot read {path}: {error.strerror or error}") from error
    except _UNREADABLE as error:
        reason = " ".join(f"{error}".split())[:300] or type(error).__name__
        raise DamagedFileError(f"{path} is no pickle that can be read: {reason}") from error


class _Machine:
    """The stack machine; `names` are those that may be looked up."""

    def __init__(self, names: Collection[str]) -> None:
        self.names = names
        self.stack: list[Any] = []
        self.below: list[list[Any]] = []
        self.memo: dict[int, Any] = {}
        self.steps: dict[str, Callable[[Any], object]] = {
            **dict.fromkeys(_VALUES, self._push),
            **{name: partial(self._constant, value) for name, value in _CONSTANTS.items()},
            **{name: partial(self._short_tuple, size) for name, size in _TUPLES.items()},
            **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"), self._remember),
            **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), self._recall),
            **dict.fromkeys(("GLOBAL", "STACK_GLOBAL"), self._look_up),
            **dict.fromkeys(("REDUCE", "NEWOBJ"), self._call),
            "EMPTY_LIST": lambda _: self.stack.append([]),
            "EMPTY_DICT": lambda _: self.stack.append({}),
            "MARK": self._mark,
            "TUPLE": lambda _: self._push(tuple(self._since_mark())),
            "LIST": lambda _: self._push(self._since_mark()),
            "DICT": lambda _: self._push(_paired({}, self._since_mark())),
            "APPEND": lambda _: self._extend([self.stack.pop()]),
            "APPENDS": lambda _: self._extend(self._since_mark()),
            "SETITEM": lambda _: self._set([self.stack.pop(), self.stack.pop()][::-1]),
            "SETITEMS": lambda _: self._set(self._since_mark()),
            "BUILD": self._set_state,
            "POP": lambda _: self.stack.pop(),
            "POP_MARK": lambda _: self._since_mark(),
            "PROTO": _check_protocol,
            "FRAME": lambda _: None,
        }

    def run(self, data: bytes) -> Any:
        for count, (opcode, argument, _) in enumerate(pickletools.genops(data)):
            if count >= MOST_INSTRUCTIONS:
                raise ValueError(f"it has more than {MOST_INSTRUCTIONS:,} instructions")
            if opcode.name == "STOP":
                return self.stack.pop()
            step = self.steps.get(opcode.name)
            if step is None:
                raise ValueError(
                    f"it has the instruction {opcode.name}, which plain data do not need"
                )
            step(argument)
        raise ValueError("it does not end")

    def _push(self, value: Any) -> None:
        self.stack.append(value)

    def _constant(self, value: Any, _: Any) -> None:
        self.stack.append(value)

    def _short_tuple(self, size: int, _: Any) -> None:
        items = tuple(self.stack[-size:])
        if len(items) < size:
            raise ValueError("a tuple lacks items")
        self.stack[-size:] = [items]

    def _mark(self, _: Any) -> None:
        self.below.append(self.stack)
        self.stack = []

    def _since_mark(self) -> list[Any]:
        items, self.stack = self.stack, self.below.pop()
        return items

    def _remember(self, place: int | None) -> None:
        self.memo[len(self.memo) if place is None else place] = self.stack[-1]

    def _recall(self, place: int) -> None:
        self.stack.append(self.memo[place])

    def _extend(self, items: list[Any]) -> None:
        if type(self.stack[-1]) is not list:
            raise ValueError("it appends to what is no list")
        self.stack[-1].extend(items)

    def _set(self, items: list[Any]) -> None:
        if type(self.stack[-1]) is not dict:
            raise ValueError("it sets items of what is no dict")
        _paired(self.stack[-1], items)

    def _look_up(self, argument: str | None) -> None:
        """Note a name: the argument, or the module and name that were pushed."""
        if argument is None:
            name, module = self.stack.pop(), self.stack.pop()
            if not (isinstance(module, str) and isinstance(name, str)):
                raise ValueError("it looks up what is no name")
            argument = f"{module} {name}"
        found = Name(argument.replace(" ", "."))
        if found not in self.names:
            raise ValueError(
                f"it looks up {brief(str(found))}; expected only "
                f"{', '.join(sorted(self.names, reverse=True))}"
            )
        self.stack.append(found)

    def _call(self, _: Any) -> None:
        """Note a call instead of making it."""
        arguments, maker = self.stack.pop(), self.stack.pop()
        if not (isinstance(maker, Name) and isinstance(arguments, tuple)):
            raise ValueError("it calls what is no name")
        self.stack.append(PickledObject(str(maker), arguments))

    def _set_state(self, _: Any) -> None:
        state = self.stack.pop()
        if not isinstance(self.stack[-1], PickledObject):
            raise ValueError("it sets the state of what is no object")
        self.stack[-1].state = state


def _paired(into: dict[Any, Any], items: list[Any]) -> dict[Any, Any]:
    """A dict with keys and values, which come in turn, added."""
    if len(items) % 2:
        raise ValueError("a key of a dict has no value")
    for key, value in zip(items[::2], items[1::2], strict=True):
        if not (isinstance(key, str) or (type(key) is int and abs(key) < LARGEST_KEY)):
            raise ValueError("a dict has a key that is neither text nor a number")
        into[key] = value
    return into


def _check_protocol(protocol: int) -> None:
    if protocol > NEWEST_PROTOCOL:
        raise ValueError(f"it is of protocol {protocol}; expected at most {NEWEST_PROTOCOL}")
